import type { Advertiser } from './advertiser.ts';
import { accepts, differTolerably, excludeEachOther, isSeenToReject, mustDiscard } from './compatibility.ts';
import type { Conflict } from './conflict.ts';
import { LANE } from './report.ts';
import { ANSWER_US, freshUs, graceUs } from './timers.ts';

/** A claimant that advertised and then says nothing for this many intervals has yielded, or is dead. */
export const YIELDED_INTERVALS = 3.7;

/** A master whose next advertisement is later than this many intervals may be dead: a takeover then is only early. */
export const OVERDUE_INTERVALS = 1.2;

/**
 * Differing address lists keep keepalived up to 2.3.2 apart and later ones not, a missing HMAC trailer keeps apart those
 * that enforce it, and keys are not on the wire. Of two that reject each other none was quiet for longer than 60
 * intervals (631 advertisements in 10 minutes); after three times that, the loser has yielded.
 */
const TOLERABLE_MISMATCH_INTERVALS = 180;

/** Puts off the question who has yielded until the first may have been silent for long enough, if none says anything more. */
export function putOffYielding(conflict: Conflict): void {
  let [firstUs, paceUs] = [Number.POSITIVE_INFINITY, 0];
  for (const claimant of conflict.claimants) {
    firstUs = Math.min(firstUs, claimant.lastClaimUs);
    paceUs = Math.max(paceUs, claimant.paceUs);
  }
  conflict.yieldDueUs = firstUs + YIELDED_INTERVALS * paceUs;
}

/** A farewell follows what it yields to within this time: keepalived sends it while it reads that. */
const FAREWELL_US = 15_000;

/** Sooner than this many intervals after its last advertisement, no master sends the next one of its own accord. */
const AHEAD_INTERVALS = 0.8;

/**
 * True when the loser's latest advertisement is its last one before it yields (keepalived `higher_prio_send_advert`): ahead
 * of its time, right behind one of the winner. One that did so with its last one as well has not yielded, and behind that of
 * a third one it may be an answer.
 */
export function isFarewell(loser: Advertiser, winner: Advertiser, racing: readonly Advertiser[]): boolean {
  const { lastClaimUs, previousClaimUs, paceUs } = loser;
  if (lastClaimUs - winner.lastClaimUs > FAREWELL_US || lastClaimUs - previousClaimUs > AHEAD_INTERVALS * paceUs)
    return false;
  for (const third of racing) {
    if (third !== loser && third !== winner && lastClaimUs - third.lastClaimUs <= ANSWER_US) return false;
  }
  return previousClaimUs - winner.claimBefore(previousClaimUs) > FAREWELL_US;
}

/** Silent for longer than a master would be, and not because it is silenced by those whom it rejects. */
export function hasYielded(
  claimant: Advertiser,
  conflict: Conflict,
  racing: readonly Advertiser[],
  atUs: number,
  deafUntilUs: number,
): boolean {
  const heardUs = Math.max(claimant.lastClaimUs, deafUntilUs);
  if (atUs - heardUs <= YIELDED_INTERVALS * claimant.paceUs) return false;
  // Until a setting was repaired, the one may have been silenced by what the other sent.
  const silentUs = atUs - Math.max(heardUs, ...conflict.claimants.map(({ settingsChangedUs }) => settingsChangedUs));
  const paceUs = Math.max(...conflict.claimants.map((each) => each.paceUs));
  if (silentUs <= YIELDED_INTERVALS * paceUs) return false;
  // Nobody is on the air whom it could have yielded to.
  const isAfter = ({ lastClaimUs }: Advertiser) => lastClaimUs > claimant.lastClaimUs;
  if (!racing.some((other) => isAfter(other) && atUs - other.lastClaimUs <= freshUs(other.paceUs))) return false;
  if (obeyedUs(claimant, conflict, racing) !== null) return true;
  return conflict.claimants.every((other) => {
    if (!isAfter(other)) return true;
    // Of two with one address and one priority, neither has to yield.
    if (other.compareRank(claimant) === 0) return false;
    if (excludeEachOther(claimant, other) || mustDiscard(claimant, other)) return false;
    const mayReject = conflict.areKeysHidden || differTolerably(claimant, other) || isSeenToReject(claimant, other);
    return !mayReject || silentUs > TOLERABLE_MISMATCH_INTERVALS * paceUs;
  });
}

/** Draws that it yielded while others go on; one that was thought to reject what it read has done so at an unknown time. */
export function markYielding({ lane, paceUs }: Advertiser, yieldedUs: number, atUs: number): void {
  if (atUs - yieldedUs <= 2 * YIELDED_INTERVALS * paceUs) lane.mark(yieldedUs, LANE.yielded);
}

/** When somebody spoke after the claimant whom it has to obey and has no reason not to, null when nobody has. */
export function obeyedUs(claimant: Advertiser, conflict: Conflict, racing: readonly Advertiser[]): number | null {
  if (conflict.areKeysHidden) return null;
  const times = racing
    .filter((other) => other !== claimant && isObeyed(other, claimant))
    .flatMap((other) => other.claimAfter(claimant.lastClaimUs) ?? []);
  return times.length > 0 ? Math.min(...times) : null;
}

/** True when `other` outranks the claimant, which has no reason to discard what it sends. */
function isObeyed(other: Advertiser, claimant: Advertiser): boolean {
  return other.outranks(claimant) && accepts(claimant, other);
}

/** True when another claimant has spoken since then, which puts off the next word of a master that rejects it. */
function isSilenced(master: Advertiser, { claimants }: Conflict, sinceUs: number): boolean {
  return claimants.some((other) => other.lastClaimUs > sinceUs && !accepts(master, other));
}

/**
 * True for one that spoke once, and perhaps a farewell, while the master that it obeys was silenced by those whom both
 * reject: it timed out, as it should, and that master answers it. From one that does not stop then, more will follow.
 */
export function standsIn(advertiser: Advertiser, conflict: Conflict | null): boolean {
  if (conflict === null || !conflict.isProven || conflict.has(advertiser)) return false;
  // No closure: this is asked for every advertisement of a split brain.
  for (const master of conflict.claimants) if (standsInFor(master, advertiser, conflict)) return true;
  return false;
}

function standsInFor(master: Advertiser, advertiser: Advertiser, conflict: Conflict): boolean {
  if (!isObeyed(master, advertiser)) return false;
  const beforeUs = advertiser.lastClaimUs - graceUs(advertiser.paceUs);
  const saidUs = advertiser.claimAfter(beforeUs) ?? advertiser.lastClaimUs;
  if (master.lastClaimUs > saidUs) return true;
  // Both may have timed out at once, so that what they said crossed.
  const graceOfUs = graceUs(master.paceUs);
  const heardUs = master.claimBefore(saidUs - graceOfUs);
  const isOverdue = saidUs - heardUs > OVERDUE_INTERVALS * master.paceUs;
  const isFirst = advertiser.claimBefore(beforeUs) <= heardUs + graceOfUs;
  return isOverdue && isFirst && isSilenced(master, conflict, heardUs);
}

/** True when `other` was heard too long ago for any rule to look at it, as all but the master of a healthy cluster. */
export function isOutOfTheRace(other: Advertiser, sender: Advertiser, atUs: number): boolean {
  return isSilentFor(other, Math.max(sender.paceUs, other.paceUs), atUs);
}

/** True when it said nothing for longer than a master of that interval does, and is not known to be master all the same. */
export function isSilentFor(other: Advertiser, intervalUs: number, atUs: number): boolean {
  const isHeldOn = other.isSilenced || other.conflict?.isProven;
  return !isHeldOn && atUs - other.lastClaimUs > YIELDED_INTERVALS * intervalUs;
}
