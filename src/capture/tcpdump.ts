import { findProgram } from '../find-program.ts';
import type { CaptureRequest, Engine } from './engine.ts';

/** Searched after PATH: an ordinary user's PATH often lacks the directories of administration tools. */
const USUAL_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/usr/local/sbin', '/usr/local/bin'];

/** 4096 slots of 8 KiB: what 255 virtual routers with two masters each send at 0.01 s in 80 ms. */
const DEFAULT_BUFFER_SIZE_KIB = 32768;

/** The tcpdump of this machine as an engine, undefined when there is none. */
export function tcpdumpEngine(): Engine | undefined {
  const file = findProgram('tcpdump', USUAL_DIRECTORIES);
  if (file === null) return undefined;
  return {
    name: 'tcpdump',
    defaultBufferSizeKib: DEFAULT_BUFFER_SIZE_KIB,
    command: (request) => ({ file, args: tcpdumpArguments(request) }),
    droppedIn,
    statisticsSignal: 'SIGUSR1',
  };
}

/** `-U` and `--immediate-mode`: each frame leaves at once. `-n`: no name server is asked. */
function tcpdumpArguments(request: CaptureRequest): string[] {
  const limits = ['-s', String(request.snapLength), '-B', String(request.bufferSizeKib)];
  return ['-i', request.interface, '-U', '--immediate-mode', '-n', '-w', '-', ...limits, '--', request.filter];
}

/** tcpdump counts from its start; the last of several reports is the newest. */
function droppedIn(stderr: string): number | null {
  const reports = [...stderr.matchAll(/(\d+) packets? dropped by kernel/g)];
  const newest = reports.at(-1)?.[1];
  return newest === undefined ? null : Number(newest);
}
