import type { Advertiser } from './advertiser.ts';
import type { TakeoverKind, TakeoverReport } from './report.ts';
import { backupIntervalUs, masterDownIntervalUs, skewTimeUs } from './timers.ts';

/** A backup's timer starts when it reads the last advertisement, so what is measured on the wire is a little longer, never much shorter. */
const TOLERANCE_INTERVALS = 0.05;

/**
 * How the addresses went from one master to the next, and how long it took.
 *
 * @param lastClaimUs last advertisement of `from`
 * @param atUs first advertisement of `to` in this turn
 * @param deafUntilUs when the capture last came back from a time that it could not hear
 * @param isRival `to` had been master beside `from` before: unless it yielded meanwhile, it waited for nothing
 */
export function describeTakeover(
  from: Advertiser,
  to: Advertiser,
  lastClaimUs: number,
  atUs: number,
  deafUntilUs: number,
  isRival: boolean,
): TakeoverReport {
  const intervalUs = backupIntervalUs(to.version, to.paceUs, from.paceUs);
  const downUs = masterDownIntervalUs(to.version, intervalUs, to.priority);
  const report = (kind: TakeoverKind, sinceUs: number, expectedGapUs: number | null): TakeoverReport => ({
    atUs,
    from: from.source,
    to: to.source,
    kind,
    gapUs: Math.max(0, atUs - sinceUs),
    expectedGapUs,
  });
  if (from.resignedUs !== null && from.resignedUs <= atUs) {
    return report('resigned', from.resignedUs, isRival ? null : skewTimeUs(to.version, intervalUs, to.priority));
  }
  const hasTimedOut = atUs - lastClaimUs >= downUs - TOLERANCE_INTERVALS * intervalUs;
  const hasYielded = hasTimedOut && to.claimBefore(atUs - 1) <= lastClaimUs;
  // It was not waited for, or nobody knows how long it was silent.
  if ((isRival && !hasYielded) || lastClaimUs < deafUntilUs)
    return report(to.outranks(from) ? 'preempted' : 'timed-out', lastClaimUs, null);
  if (hasTimedOut) return report('timed-out', lastClaimUs, downUs);
  if (to.outranks(from)) return report('preempted', lastClaimUs, null);
  return report('early', lastClaimUs, downUs);
}

/** True when a master fell silent and was waited for, or was not waited for; false where nothing could be heard. */
export function isUnexpected({ kind, expectedGapUs }: TakeoverReport): boolean {
  return kind === 'early' || (kind === 'timed-out' && expectedGapUs !== null);
}
