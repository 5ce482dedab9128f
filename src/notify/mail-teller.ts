import { hostname } from 'node:os';
import type { WatchEvent } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';
import { subjectOf } from '../analyzer/subject.ts';
import { forgetOldest } from '../limits/forget-oldest.ts';
import { TokenBucket } from '../limits/token-bucket.ts';
import {
  type Correspondents,
  correctionMail,
  type DigestEntry,
  digestMail,
  endMail,
  type SplitBrainEvent,
  startMail,
} from './mail-message.ts';
import type { MailTransport } from './mail-transport.ts';
import { Outbox } from './outbox.ts';

/** Packets that follow the start of a split brain may tell its cause: the mail waits for them. */
const CAUSE_MS = 3_000;

/** So many split brains of one virtual router within the time are flapping. */
const FLAPPING_STARTS = 3;
const FLAPPING_MS = 15 * 60_000;

/** How often a digest is sent while there is something to tell. */
const DIGEST_MS = 15 * 60_000;

/** Mails of all virtual routers together that are sent at once, and then per hour; the rest is in the digest. */
const MAIL_BURST = 20;
const MAILS_PER_HOUR = 20;

export interface MailOptions {
  readonly transport: MailTransport;
  readonly to: readonly string[];
  readonly from: string | null;
  readonly report: () => Report;
  readonly complain: (message: string) => void;
}

/** Mails when a split brain starts, when who is to blame changes and when it ends, and a digest while it comes and goes. */
export class MailTeller {
  readonly #who: Correspondents;
  readonly #report: () => Report;
  readonly #outbox: Outbox;
  readonly #bucket = new TokenBucket(MAIL_BURST, MAILS_PER_HOUR / 3600, performance.now());
  /** When the last split brains of a virtual router began. */
  readonly #starts = new Map<string, number[]>();
  /** When the last mail of a virtual router was put into the outbox. */
  readonly #toldMs = new Map<string, number>();
  readonly #digest = new Map<string, DigestEntry>();
  #timer: NodeJS.Timeout | undefined;
  #digestFromMs = 0;

  constructor({ transport, to, from, report, complain }: MailOptions) {
    this.#who = { from: from ?? `vrrpwatch@${hostname()}`, to };
    this.#report = report;
    this.#outbox = new Outbox(transport, complain);
  }

  event(event: WatchEvent): void {
    if (event.event !== 'split-brain-confirmed' && event.event !== 'split-brain-ended') return;
    if (event.event === 'split-brain-confirmed' && event.isCorrection) {
      this.#correct(event);
      return;
    }
    const isStart = event.event === 'split-brain-confirmed';
    const startsBefore = this.#recentStarts(event, isStart);
    const isKnownToFlap = startsBefore >= FLAPPING_STARTS;
    const nowMs = performance.now();
    if (isKnownToFlap || this.#bucket.waitMs(nowMs) > 0) {
      this.#intoDigest(event, isStart);
      return;
    }
    this.#bucket.take();
    this.#noteTold(event, nowMs);
    const isFlapping = startsBefore + 1 >= FLAPPING_STARTS;
    if (isStart) this.#outbox.put(() => startMail(this.#who, event, this.#report(), isFlapping), CAUSE_MS);
    else this.#outbox.put(() => endMail(this.#who, event, this.#report()), 0);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#sendDigest();
    await this.#outbox.stop();
  }

  /** What waits to be sent tells of it as it is then. */
  #correct(event: SplitBrainEvent): void {
    const key = subjectOf(event);
    const nowMs = performance.now();
    const entry = this.#digest.get(key);
    if (entry !== undefined) {
      entry.last = event;
      return;
    }
    const toldMs = this.#toldMs.get(key);
    if (toldMs === undefined || nowMs - toldMs < CAUSE_MS || this.#bucket.waitMs(nowMs) > 0) return;
    this.#bucket.take();
    this.#noteTold(event, nowMs);
    this.#outbox.put(() => correctionMail(this.#who, event, this.#report()), CAUSE_MS);
  }

  #noteTold(event: SplitBrainEvent, nowMs: number): void {
    this.#toldMs.set(subjectOf(event), nowMs);
    forgetOldest(this.#toldMs);
  }

  /** Split brains of the same virtual router that began lately, before this event. */
  #recentStarts(event: SplitBrainEvent, isStart: boolean): number {
    const key = subjectOf(event);
    const nowMs = performance.now();
    const recent = (this.#starts.get(key) ?? []).filter((atMs) => nowMs - atMs < FLAPPING_MS);
    const before = recent.length;
    if (isStart) recent.push(nowMs);
    // To the end: what flaps is remembered longer than what happened once.
    this.#starts.delete(key);
    this.#starts.set(key, recent.slice(-FLAPPING_STARTS));
    forgetOldest(this.#starts);
    return before;
  }

  #intoDigest(event: SplitBrainEvent, isStart: boolean): void {
    const key = subjectOf(event);
    const entry = this.#digest.get(key) ?? { router: event.router, began: 0, ended: 0, last: event };
    if (isStart) entry.began++;
    else entry.ended++;
    entry.last = event;
    this.#digest.set(key, entry);
    forgetOldest(this.#digest);
    if (this.#timer !== undefined) return;
    this.#digestFromMs = performance.now();
    this.#timer = setTimeout(() => this.#sendDigest(), DIGEST_MS);
  }

  #sendDigest(): void {
    this.#timer = undefined;
    if (this.#digest.size === 0) return;
    const entries = [...this.#digest.values()];
    this.#digest.clear();
    const overUs = (performance.now() - this.#digestFromMs) * 1000;
    this.#outbox.put(() => digestMail(this.#who, entries, this.#report(), overUs), 0);
  }
}
