import type { ContentionReport, TakeoverReport } from './report.ts';
import type { SplitBrain } from './split-brain.ts';

/** Kept of each kind: enough for weeks of trouble, little enough for 4096 routers. */
export const MAX_HISTORY = 256;

/** What happened to one virtual router, the latest of each kind. */
export class History {
  readonly takeovers: TakeoverReport[] = [];
  readonly contentions: ContentionReport[] = [];
  readonly splitBrains: SplitBrain[] = [];

  /** The proven split brain that goes on now. */
  get openSplitBrain(): SplitBrain | null {
    return this.splitBrains.findLast((splitBrain) => splitBrain.endUs === null) ?? null;
  }

  /** One that is known for a takeover only later is entered where it belongs. */
  addTakeover(takeover: TakeoverReport): void {
    const earlier = this.takeovers.findLastIndex((each) => each.atUs <= takeover.atUs);
    this.takeovers.splice(earlier + 1, 0, takeover);
    if (this.takeovers.length > MAX_HISTORY) this.takeovers.shift();
  }

  /** True when `to` is known to have taken over from `from` since that time. */
  hasTakeover(from: string, to: string, sinceUs: number): boolean {
    return this.takeovers.some((each) => each.from === from && each.to === to && each.atUs >= sinceUs);
  }

  /** Takes back the latest takeovers if they were the beginning of a split brain of these nodes. */
  withdrawTakeovers(sources: readonly string[], sinceUs: number, untilUs: number): void {
    for (let last = this.takeovers.at(-1); last !== undefined; last = this.takeovers.at(-1)) {
      // One before the clock stepped back may lie ahead.
      if (last.atUs < sinceUs || last.atUs > untilUs) return;
      if (!sources.includes(last.from) || !sources.includes(last.to)) return;
      if (last.kind !== 'preempted' && last.kind !== 'early') return;
      this.takeovers.pop();
    }
  }

  addContention(contention: ContentionReport): void {
    this.contentions.push(contention);
    if (this.contentions.length > MAX_HISTORY) this.contentions.shift();
  }

  /** Takes back the latest contention if it is the one that began then, and turned out to be something else. */
  withdrawContention(startUs: number): void {
    if (this.contentions.at(-1)?.atUs === startUs) this.contentions.pop();
  }

  /**
   * Moves the beginning of what goes on, after the clock of the capture stepped; what is over keeps its times.
   *
   * @param contestedUs when the open contention began, null when none is open
   * @param conflictRecord a split brain that is described by what moves by itself
   */
  shiftOpen(byUs: number, contestedUs: number | null, conflictRecord: SplitBrain | null): void {
    for (const splitBrain of this.splitBrains) if (splitBrain !== conflictRecord) splitBrain.shift(byUs);
    const last = this.contentions.at(-1);
    if (last !== undefined && last.atUs === contestedUs)
      this.contentions.splice(-1, 1, { ...last, atUs: last.atUs + byUs });
  }

  addSplitBrain(splitBrain: SplitBrain): void {
    this.splitBrains.push(splitBrain);
    if (this.splitBrains.length > MAX_HISTORY) this.splitBrains.shift();
  }
}
