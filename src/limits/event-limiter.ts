import type { WatchEvent } from '../analyzer/event.ts';
import { subjectOf } from '../analyzer/subject.ts';
import { forgetOldest } from './forget-oldest.ts';
import { LeftOut } from './left-out.ts';
import { TokenBucket } from './token-bucket.ts';

/** Lines about one virtual router (or interface): everything that several failovers bring at once, then one a second. */
const SUBJECT_BURST = 40;
const SUBJECT_PER_SECOND = 1;

/** Lines of all: 255 virtual routers of both families heard for the first time, then what somebody can read. */
const ALL_BURST = 4000;
const ALL_PER_SECOND = 10;

/** Rare, each told once per incident; a start without its end would mislead. */
const ALARMS: ReadonlySet<WatchEvent['event']> = new Set([
  'split-brain-confirmed',
  'split-brain-ended',
  'silent',
  'finding',
  'capture-started',
  'capture-lost',
  'capture-resumed',
]);

/** Keeps a flood on the wire from becoming a flood of lines in a log. */
export class EventLimiter {
  readonly #nowMs: () => number;
  readonly #leftOut: LeftOut;
  readonly #subjects = new Map<string, TokenBucket>();
  readonly #others: TokenBucket;
  readonly #alarms: TokenBucket;

  constructor(nowMs: () => number, complain: (message: string) => void) {
    this.#nowMs = nowMs;
    this.#leftOut = new LeftOut(complain);
    this.#others = new TokenBucket(ALL_BURST, ALL_PER_SECOND, nowMs());
    this.#alarms = new TokenBucket(ALL_BURST, ALL_PER_SECOND, nowMs());
  }

  /** True when there is room for a line about the event. */
  passes(event: WatchEvent): boolean {
    const nowMs = this.#nowMs();
    const passes = ALARMS.has(event.event) ? takeFrom(nowMs, this.#alarms) : this.#takeOrdinary(event, nowMs);
    if (!passes) this.#leftOut.add();
    return passes;
  }

  #takeOrdinary(event: WatchEvent, nowMs: number): boolean {
    const key = subjectOf(event);
    let bucket = this.#subjects.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(SUBJECT_BURST, SUBJECT_PER_SECOND, nowMs);
      this.#subjects.set(key, bucket);
      forgetOldest(this.#subjects);
    }
    return takeFrom(nowMs, bucket, this.#others);
  }
}

/** Takes a token from each, or from none. */
function takeFrom(nowMs: number, ...buckets: TokenBucket[]): boolean {
  if (buckets.some((bucket) => bucket.waitMs(nowMs) > 0)) return false;
  for (const bucket of buckets) bucket.take();
  return true;
}
