import { MAX_VIRTUAL_ROUTERS } from '../analyzer/analyzer.ts';
import type { WatchEvent } from '../analyzer/event.ts';
import { subjectOf } from '../analyzer/subject.ts';
import { LeftOut } from '../limits/left-out.ts';
import { TokenBucket } from '../limits/token-bucket.ts';
import type { EventName } from './event-names.ts';
import { hookCall, type KnownMaster, masterAfter, UNKNOWN_MASTER } from './hook-call.ts';
import { type HookCommand, HookProcess, TIME_LIMIT_MS } from './hook-process.ts';

/** Programs that run at the same time, each for another virtual router. */
const RUNNING_MAX = 4;

/** Events of one virtual router that wait; of more, the oldest are left out: the last ones say how it is now. */
const WAITING_MAX = 8;

/** Events that wait altogether. */
const ALL_WAITING_MAX = 256;

/** Runs of all virtual routers together: a segment's failover at once, then no more than this. */
const ALL_BURST = 20;
const ALL_PER_SECOND = 2;

/** Runs for one virtual router: several failovers at once, then ten a minute. */
const SUBJECT_BURST = 10;
const SUBJECT_PER_SECOND = 1 / 6;

/** Programs that still run when vrrpwatch ends have so long. */
const STOP_MS = 5_000;

export interface HookRunnerOptions {
  readonly command: HookCommand;
  readonly events: readonly EventName[];
  readonly complain: (message: string) => void;
  /** True discards what the programs print. */
  readonly isQuiet: boolean;
  readonly timeLimitMs?: number;
}

/** A virtual router, or an interface, whose events are told in order and one at a time. */
interface Subject {
  readonly waiting: { readonly event: WatchEvent; readonly priority: number }[];
  readonly bucket: TokenBucket;
  running: HookProcess | null;
  leftOut: number;
  master: KnownMaster;
}

/** Runs a program per event. Whatever happens to it, the watch goes on. */
export class HookRunner {
  readonly #options: HookRunnerOptions;
  readonly #subjects = new Map<string, Subject>();
  readonly #bucket = new TokenBucket(ALL_BURST, ALL_PER_SECOND, performance.now());
  #running = 0;
  #waiting = 0;
  #isStopping = false;
  #idle: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #leftOut: LeftOut;

  constructor(options: HookRunnerOptions) {
    this.#options = options;
    this.#leftOut = new LeftOut((message) => options.complain(`--on-event: ${message}`));
  }

  event(event: WatchEvent): void {
    if (this.#isStopping) return;
    const isTold = this.#options.events.includes(event.event);
    const subject = this.#subject(subjectOf(event));
    if (subject !== null) subject.master = masterAfter(event, subject.master);
    if (isTold) this.#enqueue(event, subject);
  }

  /** Tells what waits, as far as that is done soon; what still runs then is ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const isDone = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    this.#next();
    if (this.#running === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const isLate = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), STOP_MS);
    });
    const end = await Promise.race([isDone, isLate]);
    clearTimeout(timer);
    if (end !== 'late') return;
    this.#giveUp();
    await isDone;
  }

  /** Leaves out what waits, and kills what runs. */
  #giveUp(): void {
    const left = this.#waiting;
    this.#waiting = 0;
    for (const subject of this.#subjects.values()) {
      subject.waiting.length = 0;
      subject.running?.signal('SIGKILL');
    }
    if (left === 0) return;
    this.#options.complain(`--on-event: ${left} ${left === 1 ? 'event was' : 'events were'} left out at the end`);
  }

  #enqueue(event: WatchEvent, subject: Subject | null): void {
    const isFull = subject !== null && subject.waiting.length >= WAITING_MAX;
    if (isFull) {
      subject.waiting.shift();
      this.#waiting--;
    }
    const isRefused = subject === null || this.#waiting >= ALL_WAITING_MAX;
    if (isFull || isRefused) this.#leaveOut(subject);
    if (isRefused) return;
    subject.waiting.push({ event, priority: subject.master.priority });
    this.#waiting++;
    this.#next();
  }

  /** Starts what may be started now, and comes back when more may. */
  #next(): void {
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const [key, subject] of this.#subjects) {
      if (this.#running >= RUNNING_MAX || this.#waiting === 0) break;
      if (subject.running !== null || subject.waiting.length === 0) continue;
      const waitMs = this.#isStopping ? 0 : Math.max(this.#bucket.waitMs(nowMs), subject.bucket.waitMs(nowMs));
      if (waitMs === 0) this.#start(key, subject);
      else soonestMs = Math.min(soonestMs, waitMs);
    }
    if (soonestMs < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#next(), soonestMs);
    if (this.#running === 0 && this.#waiting === 0) this.#idle();
  }

  #start(key: string, subject: Subject): void {
    const next = subject.waiting.shift();
    if (next === undefined) return;
    const { event, priority } = next;
    this.#waiting--;
    this.#running++;
    this.#bucket.take();
    subject.bucket.take();
    // To the end of the queue: everybody gets a turn.
    this.#subjects.delete(key);
    this.#subjects.set(key, subject);
    const { command, complain } = this.#options;
    this.#run(event, priority, subject).then((problem) => {
      subject.running = null;
      this.#running--;
      if (problem !== null) complain(`--on-event: ${command.file} ${problem} (${event.event})`);
      this.#next();
    });
  }

  /** @returns what went wrong, null for nothing */
  async #run(event: WatchEvent, priority: number, subject: Subject): Promise<string | null> {
    const { command, isQuiet, timeLimitMs = TIME_LIMIT_MS } = this.#options;
    try {
      const hook = new HookProcess(command, hookCall(event, priority), subject.leftOut, isQuiet, timeLimitMs);
      subject.leftOut = 0;
      subject.running = hook;
      return await hook.ended;
    } catch (error) {
      return `cannot be run: ${error instanceof Error ? error.message : error}`;
    }
  }

  #subject(key: string): Subject | null {
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    if (this.#subjects.size >= MAX_VIRTUAL_ROUTERS && !this.#forgetIdle()) return null;
    const bucket = new TokenBucket(SUBJECT_BURST, SUBJECT_PER_SECOND, performance.now());
    const subject: Subject = { waiting: [], bucket, running: null, leftOut: 0, master: UNKNOWN_MASTER };
    this.#subjects.set(key, subject);
    return subject;
  }

  /** Makes room: the oldest goes that nothing is told of. */
  #forgetIdle(): boolean {
    for (const [key, { waiting, running }] of this.#subjects) {
      if (waiting.length === 0 && running === null) return this.#subjects.delete(key);
    }
    return false;
  }

  #leaveOut(subject: Subject | null): void {
    if (subject !== null) subject.leftOut++;
    this.#leftOut.add();
  }
}
