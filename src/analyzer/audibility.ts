import type { Advertiser } from './advertiser.ts';
import { LANE, type Lane } from './report.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Advertisements that have to fit into a time before anything is said about who is heard in it. */
const ENOUGH = 4;

/** Advertisements of a sender that is silenced which show that it was heard: one may have come as the path was repaired. */
const FEWEST = 2;

/** The senders of a virtual router with that source address: two when two nodes share it. */
export function sendersAt(router: VirtualRouter, source: string): readonly Advertiser[] {
  return router.advertisers.filter((advertiser) => advertiser.source === source);
}

/**
 * Whether a sender with that source address was heard from `fromUs` to `untilUs`; null when it was heard a little, or
 * when the time is too short to tell. A split brain ends with an advertisement that arrives again, so the last interval
 * does not count, nor do slots that belong to the time in part.
 *
 * @param paceUs its interval, which a place that never heard it does not know
 * @param most advertisements that any place has heard of it in that time: one that is silenced sends few
 */
export function wasHeard(
  router: VirtualRouter,
  source: string,
  fromUs: number,
  untilUs: number,
  paceUs: number,
  most = Number.POSITIVE_INFINITY,
): boolean | null {
  const senders = sendersAt(router, source);
  const slotUs = Math.max(paceUs, ...senders.map(({ lane }) => lane.slotUs));
  const durationUs = untilUs - paceUs - fromUs;
  if (durationUs < ENOUGH * slotUs) return null;
  const heard = timesHeard(router, source, fromUs, untilUs, paceUs);
  if (heard === 0) return false;
  return heard >= Math.max(FEWEST, Math.min(most, durationUs / slotUs) / 2) ? true : null;
}

/** How often a sender with that source address was heard from `fromUs` to the last interval before `untilUs`. */
export function timesHeard(
  router: VirtualRouter,
  source: string,
  fromUs: number,
  untilUs: number,
  paceUs: number,
): number {
  let heard = 0;
  for (const { lane } of sendersAt(router, source)) heard += advertSlotsWithin(lane, fromUs, untilUs - paceUs);
  return heard;
}

/** Slots with an advertisement of all that overlap the time from `fromUs` to `untilUs`. */
export function advertSlots(lane: Lane, fromUs: number, untilUs: number): number {
  const { startUs, slotUs } = lane;
  return countAdverts(lane, Math.floor((fromUs - startUs) / slotUs), Math.floor((untilUs - startUs) / slotUs));
}

/** Slots with an advertisement of all that lie between `fromUs` and `untilUs`. */
function advertSlotsWithin(lane: Lane, fromUs: number, untilUs: number): number {
  const { startUs, slotUs } = lane;
  return countAdverts(lane, Math.ceil((fromUs - startUs) / slotUs), Math.floor((untilUs - startUs) / slotUs) - 1);
}

function countAdverts({ slots }: Lane, first: number, last: number): number {
  const end = Math.min(slots.length - 1, last);
  let count = 0;
  for (let i = Math.max(0, first); i <= end; i++) if ((slots[i] ?? 0) & LANE.advert) count++;
  return count;
}
