import { CAP_ENGINE } from './cap-engine.ts';
import { CaptureError } from './capture-error.ts';
import { tcpdumpEngine } from './tcpdump.ts';

export type EngineName = 'cap' | 'tcpdump';
export type EngineChoice = 'auto' | EngineName;

/** What to capture. */
export interface CaptureRequest {
  readonly interface: string;
  /** libpcap expression; empty captures everything. */
  readonly filter: string;
  /** Bytes kept of a frame. */
  readonly snapLength: number;
  /** Ring between the kernel and the engine, in KiB. */
  readonly bufferSizeKib: number;
}

/**
 * A program that captures on one interface and writes a classic pcap stream to its stdout, frame by frame as they
 * arrive. It says what is wrong on stderr and ends on SIGTERM or when nobody reads.
 */
export interface Engine {
  readonly name: EngineName;
  readonly defaultBufferSizeKib: number;
  command(request: CaptureRequest): { readonly file: string; readonly args: readonly string[] };
  /** Frames the kernel dropped so far as told in this text from stderr, null when the text does not tell. */
  droppedIn(stderr: string): number | null;
  /** Signal on which the engine tells its drops on stderr and goes on. */
  readonly statisticsSignal: NodeJS.Signals | null;
}

const INSTALL_TCPDUMP = 'install tcpdump (Debian: apt install tcpdump, Fedora: dnf install tcpdump)';
const BUILD_CAP =
  'build cap (Debian: apt install libpcap-dev build-essential, Fedora: dnf install libpcap-devel gcc-c++ make; then npm ci)';

/** No engine could be started: one line with the packages to install, or with the engine that is here. */
export function noEngineError(
  choice: EngineChoice,
  capMessage: string,
  hasTcpdump = tcpdumpEngine() !== undefined,
): CaptureError {
  const missing = {
    auto: 'nothing to capture with: neither cap nor tcpdump is here',
    cap: capMessage,
    tcpdump: 'tcpdump is not here',
  }[choice];
  const ways = hasTcpdump ? `${BUILD_CAP}, or use --engine tcpdump` : `${INSTALL_TCPDUMP}, or ${BUILD_CAP}`;
  return new CaptureError('no-engine', `${missing}; ${ways}`);
}

/**
 * The engines to try, best first. Whether `cap` loads shows only in its own process: it brings its process down when
 * it fails, so it is never loaded here.
 */
export function enginesFor(choice: EngineChoice): readonly Engine[] {
  const tcpdump = choice === 'cap' ? undefined : tcpdumpEngine();
  const cap = choice === 'tcpdump' ? [] : [CAP_ENGINE];
  return tcpdump === undefined ? cap : [...cap, tcpdump];
}
