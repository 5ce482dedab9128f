import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { FrameSink } from '../frame.ts';
import type { CaptureRequest, Engine } from './engine.ts';
import { readPcapStream } from './pcap-stream.ts';
import { engineMessage } from './start-failure.ts';

/** Kept of stderr, in characters: warnings at the start are of no use once there is more. */
const STDERR_LIMIT = 8192;

/** How long an ending child gets before it is killed, and after that before it is given up, in milliseconds. */
const STOP_PATIENCE_MS = 1000;

/** How long an engine may take until it captures, in milliseconds: `cap` needs the start of a Node on a busy machine. */
const START_PATIENCE_MS = 15_000;

/** After the exit, bytes may still be on their way; a grandchild that holds the pipe must not delay the news. */
const CLOSE_PATIENCE_MS = 300;

/** How a child came to its end. */
export interface ChildEnd {
  /** Status, or the signal's name; what `spawn` said when there was no process at all. */
  readonly status: number | NodeJS.Signals | Error;
  readonly stderr: string;
  /** Why it was ended from here, null when nothing was. */
  readonly damage: string | null;
}

export interface CaptureChildOptions {
  readonly engine: Engine;
  readonly request: CaptureRequest;
  readonly interfaceIndex: number;
  readonly sink: FrameSink;
  /** Time until the capture must run, in milliseconds. */
  readonly startPatienceMs: number | undefined;
  /** The capture runs. */
  readonly onCapturing: (linkType: number) => void;
  /** Called once; no frame follows. */
  readonly onEnd: (end: ChildEnd) => void;
}

type EngineProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/** One run of an engine. */
export class CaptureChild {
  readonly #engine: Engine;
  /** Null when none could be started. */
  readonly #process: EngineProcess | null;
  readonly #options: CaptureChildOptions;
  #stderr = '';
  #damage: string | null = null;
  #isCapturing = false;
  #isStopping = false;
  #hasEnded = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: CaptureChildOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#process = this.#start();
    if (this.#process !== null) this.#listen(this.#process);
  }

  /** Whatever keeps the process from starting is told by `onEnd`, and never before the caller has this object. */
  #start(): EngineProcess | null {
    const { file, args } = this.#engine.command(this.#options.request);
    try {
      // Detached: Ctrl-C in a terminal is for the parent to handle, which then ends its children in order.
      const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: childEnvironment() });
      child.on('error', (error) => {
        // A signal that was not permitted comes here too, and ends nothing.
        if (child.pid === undefined) this.#end(error);
      });
      return hasStreams(child) ? child : null;
    } catch (error) {
      setImmediate(() => this.#end(error instanceof Error ? error : new Error(String(error))));
      return null;
    }
  }

  #listen(child: EngineProcess): void {
    this.#readStdout(child.stdout);
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
    });
    this.#after(this.#options.startPatienceMs ?? START_PATIENCE_MS, () => {
      if (!this.#isCapturing) this.#stopFor('it did not begin to capture');
    });
    child.on('exit', (code, signal) => {
      const status = signal ?? code ?? 0;
      child.once('close', () => this.#end(status));
      this.#after(CLOSE_PATIENCE_MS, () => this.#end(status));
    });
  }

  get isCapturing(): boolean {
    return this.#isCapturing && !this.#hasEnded;
  }

  /** Frames the kernel dropped in this run as far as the engine has told, null when it has not. */
  get dropped(): number | null {
    return this.#engine.droppedIn(this.#stderr);
  }

  /** Has the engine tell its drops, which arrives a moment later. */
  askForStatistics(): void {
    if (this.isCapturing && this.#engine.statisticsSignal !== null) this.#kill(this.#engine.statisticsSignal);
  }

  /** Ends the run; `onEnd` tells when it is over. */
  stop(): void {
    if (this.#hasEnded || this.#isStopping) return;
    this.#isStopping = true;
    this.#process?.stdin.end();
    this.#kill('SIGTERM');
    this.#after(STOP_PATIENCE_MS, () => this.#kill('SIGKILL'));
    // A child that changed its user may be out of reach; without a reader it ends by itself at its next frame.
    this.#after(2 * STOP_PATIENCE_MS, () => this.#end('SIGKILL'));
  }

  #stopFor(reason: string): void {
    this.#damage = reason;
    this.stop();
  }

  /** Without a process, node would send the signal to all of the parent's own group. */
  #kill(signal: NodeJS.Signals): void {
    if (this.#process?.pid !== undefined) this.#process.kill(signal);
  }

  #after(delayMs: number, action: () => void): void {
    this.#timers.push(setTimeout(action, delayMs));
  }

  #readStdout(stdout: Readable): void {
    const { sink, interfaceIndex, request, onCapturing } = this.#options;
    readPcapStream(stdout, sink, {
      interfaceIndex,
      snapLength: request.snapLength,
      onHeader: (linkType) => {
        this.#isCapturing = true;
        onCapturing(linkType);
      },
      onDamage: (reason) => this.#stopFor(reason),
    });
  }

  #end(status: ChildEnd['status']): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#timers.forEach(clearTimeout);
    const child = this.#process;
    if (child !== null) for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    child?.unref();
    this.#options.onEnd({ status, stderr: this.#stderr, damage: this.#damage });
  }
}

/** Says in a few words how a run came to its end. */
export function describeEnd(engine: Engine, end: ChildEnd, interfaceName: string): string {
  if (end.damage !== null) return `${engine.name}: ${end.damage}`;
  if (end.status instanceof Error) return `${engine.name}: ${end.status.message}`;
  // The addon's way to say so; by now the link may be up again.
  if (engine.name === 'cap' && end.status === 'SIGABRT') return `${interfaceName} went down`;
  if (typeof end.status === 'string') return `${engine.name} was ended by ${end.status}`;
  const said = engineMessage(end.stderr, interfaceName);
  return said === '' ? `${engine.name} ended with status ${end.status}` : `${engine.name} ended: ${said}`;
}

/** Short of file descriptors node makes no streams, whatever their type says. */
function hasStreams({ stdin }: { readonly stdin?: Writable }): boolean {
  return stdin !== undefined;
}

/** Messages are matched in English; options of the parent's Node (a debugger's port) are not the child's. */
function childEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  delete environment['NODE_OPTIONS'];
  return environment;
}
