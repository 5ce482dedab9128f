import type { Advertiser } from './advertiser.ts';
import { skewTimeUs } from './timers.ts';
import { OVERDUE_INTERVALS } from './yielding.ts';

/** By chance, one advertisement in twenty-five comes so close to an interval after another one. */
const PRECISION_INTERVALS = 0.02;

/**
 * True when the latest claim of the loser shows that it reads the winner and rejects it: it was due earlier, sent nothing, and
 * came an interval after the winner's last one, since a master's timer is restarted by whatever it reads (keepalived
 * `vrrp_dispatcher_read`). One that hears nothing keeps its rhythm; a backup that takes over waits for its skew time, too.
 */
export function showsRejection(loser: Advertiser, winner: Advertiser): boolean {
  const { paceUs, lastClaimUs: atUs } = loser;
  if (atUs - loser.previousClaimUs <= OVERDUE_INTERVALS * paceUs) return false;
  // An advertisement that got lost leaves a gap, too. In IPv6 nothing tells.
  if (!loser.countsIds || loser.unseenIds !== 0) return false;
  const sinceWinner = (atUs - winner.lastClaimUs) / paceUs;
  return Math.abs(sinceWinner - 1) <= PRECISION_INTERVALS && !isTakeoverTime(loser, winner);
}

/** True when a backup of that priority, too, takes over an interval after an advertisement of the winner, one that it missed. */
function isTakeoverTime({ version, priority, paceUs }: Advertiser, winner: Advertiser): boolean {
  const intervalUs = version === 3 ? winner.paceUs : paceUs;
  const skew = skewTimeUs(version, intervalUs, priority) / intervalUs;
  return Math.abs(skew - Math.round(skew)) <= 2 * PRECISION_INTERVALS;
}
