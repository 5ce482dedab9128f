import type { Advertiser, Violation } from './advertiser.ts';
import { backupIntervalUs, skewTimeUs } from './timers.ts';
import { OVERDUE_INTERVALS } from './yielding.ts';

/** How much sooner than its timer allows one is heard, by a capture that got the other's advertisement late. */
const EARLY_INTERVALS = 0.02;

/** How much later: a timer that fires late, and the time that the other's advertisement took to arrive. */
const LATE_INTERVALS = 0.02;
const LATE_US = 5_000;

/**
 * True when the loser sent nothing for longer than a master does, and claims anew as a backup does whose timer has run out:
 * it yielded, lost the master once more and took over early (`down_timer_adverts` below 3). Two incidents, not one that lasts.
 */
export function hasReturned(loser: Advertiser, { against: winner, isAnswered }: Violation): boolean {
  const pauseUs = loser.lastClaimUs - loser.previousClaimUs;
  if (pauseUs <= OVERDUE_INTERVALS * loser.paceUs) return false;
  // In IPv6 no id tells whether an advertisement of it was lost, so that an answer alone tells that it may have yielded.
  if (loser.family === 6) return isAnswered;
  if (!loser.countsIds || loser.unseenIds) return false;
  if (isAnswered) return true;
  const { version, priority } = loser;
  const intervalUs = backupIntervalUs(version, loser.paceUs, winner.paceUs);
  // One that reads the other and rejects it comes a whole number of intervals after it.
  const mayReject = waitedFor(loser, winner, intervalUs, 0);
  return !mayReject && waitedFor(loser, winner, intervalUs, skewTimeUs(version, intervalUs, priority));
}

/** True when it claims some intervals and that time after a word of the winner that it may have yielded to. */
function waitedFor(loser: Advertiser, winner: Advertiser, intervalUs: number, restUs: number): boolean {
  const { lastClaimUs: atUs, previousClaimUs } = loser;
  const earlyUs = EARLY_INTERVALS * intervalUs;
  const slackUs = earlyUs + Math.max(LATE_INTERVALS * intervalUs, LATE_US);
  for (let saidUs = winner.claimAfter(previousClaimUs); saidUs !== null; saidUs = winner.claimAfter(saidUs)) {
    const waitedUs = atUs - saidUs - restUs + earlyUs;
    if (waitedUs < intervalUs) return false;
    if (waitedUs % intervalUs <= slackUs) return true;
  }
  return false;
}
