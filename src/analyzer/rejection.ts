import type { Advertiser } from './advertiser.ts';
import { backupIntervalUs, freshUs, graceUs, skewTimeUs } from './timers.ts';
import { OVERDUE_INTERVALS } from './yielding.ts';

/** By chance, one advertisement in twenty-five comes so close to an interval after another one. */
const PRECISION_INTERVALS = 0.02;

/**
 * Counts how often in a row the loser came back from a pause as a master does that reads the winner and rejects it: an
 * interval after the winner's last advertisement, since a master's timer is restarted by whatever it reads (keepalived
 * `vrrp_dispatcher_read`). One that hears nothing keeps its rhythm, and a backup that takes over waits for its skew time, too.
 */
export function noteReturn(loser: Advertiser, winner: Advertiser): void {
  const { paceUs, lastClaimUs: atUs } = loser;
  if (atUs - loser.previousClaimUs <= OVERDUE_INTERVALS * paceUs) return;
  // Of keys, sequence numbers and clocks, a rejection may be over with the next advertisement.
  if (loser.ah || loser.hmac) return;
  // An advertisement that got lost leaves a gap, too. In IPv6 nothing tells.
  if (!loser.countsIds || loser.unseenIds !== 0 || isTakeoverTime(loser, winner)) return;
  const sinceWinner = (atUs - winner.lastClaimUs) / paceUs;
  loser.rejections = Math.abs(sinceWinner - 1) <= PRECISION_INTERVALS ? loser.rejections + 1 : 0;
}

/** True when a backup of that priority, too, takes over an interval after an advertisement of the winner, one that it missed. */
function isTakeoverTime({ version, priority, paceUs }: Advertiser, winner: Advertiser): boolean {
  const intervalUs = backupIntervalUs(version, paceUs, winner.paceUs);
  const skew = skewTimeUs(version, intervalUs, priority) / intervalUs;
  return Math.abs(skew - Math.round(skew)) <= 2 * PRECISION_INTERVALS;
}

/**
 * True when, of two that use AH, the later one began with sequence number 1 while the other was on the air: a backup takes
 * the number over from the master that it accepts (keepalived `vrrp_in_chk_ipsecah`), so it has accepted none of its
 * advertisements. If that one speaks after it, too, both are master.
 */
export function hasNeverAccepted(a: Advertiser, b: Advertiser): boolean {
  if (!a.ah || !b.ah) return false;
  const [earlier, later] = a.firstUs < b.firstUs ? [a, b] : [b, a];
  const heardUs = earlier.claimBefore(later.firstUs - graceUs(earlier.paceUs));
  const hasSpokenAfter = earlier.lastClaimUs > later.firstUs + graceUs(earlier.paceUs);
  return later.ahNumbers.areItsOwn && hasSpokenAfter && heardUs >= later.firstUs - freshUs(earlier.paceUs);
}

/**
 * True when the winner's rejection cannot be a passing one. AH sequence numbers follow those of the master that a node
 * accepts, so one that starts at 1 under a running master never accepted it; HMAC has no such state.
 */
export function neverAccepted(loser: Advertiser, winner: Advertiser): boolean {
  return (loser.hmac && winner.hmac) || (loser.ah && winner.ah && loser.ahNumbers.last === 1);
}
