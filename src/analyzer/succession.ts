import type { Advertiser } from './advertiser.ts';
import { areOfTwoClusters } from './compatibility.ts';
import type { Conflict } from './conflict.ts';
import type { History } from './history.ts';

/** A takeover this shortly before a split brain was none: the capture began in the middle of it. */
const ONSET_INTERVALS = 2;

/** Takes back what looked like takeovers between claimants of a split brain that is proven now. */
export function withdrawTakeovers(
  history: History,
  { startUs, winner }: Conflict,
  claimants: readonly Advertiser[],
  atUs: number,
): void {
  const sources = claimants.map(({ source }) => source);
  history.withdrawTakeovers(sources, startUs - ONSET_INTERVALS * winner.paceUs, atUs);
}

/** The same when others are proven a moment after the first two: who had yielded before has begun another turn since. */
export function withdrawTakeoversOfJoined(history: History, conflict: Conflict | null, atUs: number): void {
  if (conflict === null || conflict.confirmedUs === null) return;
  const { claimants, confirmedUs, startUs, winner } = conflict;
  if (claimants.length < 3 || atUs - confirmedUs > ONSET_INTERVALS * winner.paceUs) return;
  const standing = claimants.filter(({ turnStartUs }) => turnStartUs <= startUs);
  withdrawTakeovers(history, conflict, standing, atUs);
}

/** The last claimant of a conflict, unless another node has become master beside that one since. */
export function heirOf({ claimants, everyone }: Conflict, master: Advertiser | null): Advertiser | null {
  const [last = null] = claimants;
  // A silence of all ends it without an heir.
  if (claimants.length > 1) return master;
  const isOutdone = master !== null && !everyone.includes(master) && master.lastClaimUs > (last?.lastClaimUs ?? 0);
  return isOutdone ? master : last;
}

/**
 * Where two clusters share the VRID: the one of its own cluster that has resigned, if the sender is the first of it to speak
 * since. Who is silent may be silenced by the other cluster, so that only a resignation tells.
 */
export function resignedMate(sender: Advertiser, advertisers: readonly Advertiser[]): Advertiser | null {
  // No closure: this is asked for every advertisement of a split brain.
  for (const mate of advertisers) {
    if (mate.resignedUs === null || mate.resignedUs <= sender.previousClaimUs || mate.source === sender.source)
      continue;
    if (isFollowedBy(sender, mate, advertisers)) return mate;
  }
  return null;
}

function isFollowedBy(sender: Advertiser, gone: Advertiser, advertisers: readonly Advertiser[]): boolean {
  const isMate = (other: Advertiser) => !areOfTwoClusters(other, sender);
  if (!isMate(gone) || advertisers.every(isMate)) return false;
  return advertisers.every((other) => other === sender || !isMate(other) || other.lastClaimUs < gone.lastResignedUs);
}
