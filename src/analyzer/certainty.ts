import { type Expectation, unheard } from './expectation.ts';
import { masterDownIntervalUs, silenceUs } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/*
 * What a check asks again and again while it listens, of the virtual routers themselves: a report of all of them takes
 * long in a flood, and whoever makes one misses packets.
 */

/**
 * Heard beyond the time that a backup waits for a silent master, so that one that stopped hearing its master as the
 * listening began is master by then, and the old master has sent once more beside it.
 */
const EXTRA_INTERVALS = 1;

/** True when there was a split brain, whether it goes on or not. */
export function isSplitProven(routers: readonly VirtualRouter[]): boolean {
  return routers.some(({ history }) => history.splitBrains.length > 0);
}

/** True when everybody expected is heard, and nothing is in the balance. */
export function isSettled(routers: readonly VirtualRouter[], expectations: readonly Expectation[]): boolean {
  const isCalm = routers.length > 0 && routers.every(({ state }) => state === 'ok');
  return isCalm && unheard(expectations, routers).length === 0;
}

/** A second master shows itself within the time that a backup waits for the first: less than that proves nothing. */
export function certainAfterUs(routers: readonly VirtualRouter[]): number {
  return longestUs(routers, (version, paceUs) => silenceUs(version, paceUs) + EXTRA_INTERVALS * paceUs);
}

/** Master_Down_Interval of the most patient backup there can be. */
export function masterDownUs(routers: readonly VirtualRouter[]): number {
  return longestUs(routers, (version, paceUs) => masterDownIntervalUs(version, paceUs, 0));
}

function longestUs(routers: readonly VirtualRouter[], timeOf: (version: number, paceUs: number) => number): number {
  let longest = 0;
  for (const { advertisers } of routers) {
    for (const { version, paceUs } of advertisers) longest = Math.max(longest, timeOf(version, paceUs));
  }
  return longest;
}
