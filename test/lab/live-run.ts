import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineName } from '../../src/capture/engine.ts';
import { spawnIn } from './command.ts';

/** The program as a user gets it; VRRPWATCH names another one to test, an installed one for example. */
export const PROGRAM = process.env['VRRPWATCH'] ?? fileURLToPath(new URL('../../bin/vrrpwatch.js', import.meta.url));

/** Longer than any of keepalived's timers in these tests, with room for a busy machine. */
const PATIENCE_MS = 30_000;

/** A line of NDJSON. */
export interface LiveEvent {
  readonly at: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: the fields depend on the event, and the test says what it expects.
  readonly [field: string]: any;
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program watching in a namespace, one line of NDJSON per event. */
export class LiveRun {
  readonly engine: EngineName;
  readonly events: LiveEvent[] = [];
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #stdout = '';
  #stderr = '';
  #unread = '';
  #taken = 0;
  #hasEnded = false;
  #wake: () => void = () => undefined;

  constructor(namespace: string, engine: EngineName, ...parameters: string[]) {
    this.engine = engine;
    this.#process = spawnIn(namespace, process.execPath, PROGRAM, '--json', '--engine', engine, ...parameters);
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#read(chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
      this.#wake();
    });
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', (status) => {
        this.#hasEnded = true;
        resolve(status);
        this.#wake();
      });
    });
  }

  /** Waits for an event not waited for before; those of other kinds before it are passed over. */
  async next(event: string, matches: (event: LiveEvent) => boolean = () => true): Promise<LiveEvent> {
    let found: LiveEvent | undefined;
    await this.#until(`event ${event}`, () => {
      while (found === undefined && this.#taken < this.events.length) {
        const each = this.events[this.#taken++];
        if (each?.event === event && matches(each)) found = each;
      }
      return found !== undefined;
    });
    if (found === undefined) throw new Error(`no ${event}`);
    return found;
  }

  /** Waits until stderr, where the summary goes beside NDJSON, matches. */
  async said(text: RegExp): Promise<void> {
    await this.#until(String(text), () => text.test(this.#stderr));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks it to end, as Ctrl-C or systemd does, and gives what it left. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.signal(signal);
    const status = await this.#ended;
    return { status, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** The most memory that its main process has had, by the kernel. */
  peakMemoryKib(): number {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${this.#process.pid}/status`, 'latin1'))?.[1]);
  }

  all(event: string): LiveEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  #read(text: string): void {
    this.#stdout += text;
    this.#unread += text;
    const lines = this.#unread.split('\n');
    this.#unread = lines.pop() ?? '';
    this.events.push(...lines.map((line) => JSON.parse(line) as LiveEvent));
    this.#wake();
  }

  async #until(what: string, isMet: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!isMet()) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0 || this.#hasEnded) {
        const heard = this.events.map((each) => JSON.stringify(each)).join('\n');
        throw new Error(
          `${this.engine}: no ${what} ${leftMs <= 0 ? 'in time' : 'before the end'}: ${heard}\n${this.#stderr}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Runs the program in a namespace until it ends by itself, as root or as an ordinary user. */
export async function runToEnd(
  namespace: string,
  parameters: readonly string[],
  user: 'root' | 'nobody' = 'root',
): Promise<Ended> {
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const words = ['timeout', '60', ...(user === 'nobody' ? nobody : []), process.execPath, PROGRAM, ...parameters];
  const [command = '', ...rest] = words;
  const child = spawnIn(namespace, command, ...rest);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

/** Microseconds since the Unix epoch of a time in a document. */
export function microseconds(isoTime: string): number {
  const [, whole = '', fraction = ''] = /^(.*)\.(\d{6})Z$/.exec(isoTime) ?? [];
  return Date.parse(`${whole}Z`) * 1000 + Number(fraction);
}
