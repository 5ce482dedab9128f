import type { Advertiser } from './advertiser.ts';
import { skewTimeUs } from './timers.ts';
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
  const intervalUs = version === 3 ? winner.paceUs : paceUs;
  const skew = skewTimeUs(version, intervalUs, priority) / intervalUs;
  return Math.abs(skew - Math.round(skew)) <= 2 * PRECISION_INTERVALS;
}
