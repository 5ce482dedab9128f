import type { Advertiser } from './advertiser.ts';
import { areOfTwoClusters } from './compatibility.ts';
import type { Conflict } from './conflict.ts';

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
