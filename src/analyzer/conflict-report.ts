import { explain } from './cause.ts';
import { mismatches, nameOf } from './compatibility.ts';
import { type Conflict, highest } from './conflict.ts';
import type { Cause, SplitBrainReport } from './report.ts';
import type { Segment } from './segment.ts';

/** Describes a conflict as it is when asked; the cause is found anew only when there is something new to find it by. */
export function conflictDescription(conflict: Conflict, segment: Segment): () => SplitBrainReport {
  let cause: Cause | null = null;
  let revision = -1;
  return () => {
    const { everyone, startUs, confirmedUs, reactions } = conflict;
    // Who won and then resigned leaves the others to each other.
    const winner = highest(conflict.claimants.length > 1 ? conflict.claimants : everyone);
    const losers = everyone.filter((each) => each !== winner && !each.outranks(winner));
    const loser = losers.find((each) => mismatches(winner, each).length > 0) ?? losers[0] ?? winner;
    // What was wrong is told by the settings before their repair.
    const isRepaired = everyone.some(({ settingsChangedUs }) => settingsChangedUs > (confirmedUs ?? startUs));
    if (cause === null || (revision !== conflict.revision && !isRepaired)) {
      cause = explain({ winner, loser, reactions, freeVrids: segment.freeVrids });
      revision = conflict.revision;
    }
    const names = losers.map((each) => nameOf(each, winner));
    return {
      startUs,
      confirmedUs: confirmedUs ?? startUs,
      endUs: null,
      claimants: [nameOf(winner, loser), ...names],
      winner: nameOf(winner, loser),
      deaf: names,
      evidence: [...conflict.evidence],
      cause,
    };
  };
}
