import type { Advertiser } from './advertiser.ts';
import { explain } from './cause.ts';
import { isSeenToReject, nameOf } from './compatibility.ts';
import { type Conflict, highest } from './conflict.ts';
import type { Cause, Remedy, SplitBrainCourse } from './report.ts';
import type { Segment } from './segment.ts';

/** Losers whose reason is told; a cluster has few, forged senders make many. */
const EXPLAINED_MAX = 3;

/** Describes a conflict as it is when asked; the cause is found anew only when there is something new to find it by. */
export function conflictDescription(conflict: Conflict, segment: Segment): () => SplitBrainCourse {
  let cause: Cause | null = null;
  let revision = -1;
  let explained: readonly Advertiser[] = [];
  return () => {
    const { claimants, everyone, startUs, confirmedUs } = conflict;
    const { winner, others, deaf } = parties(conflict);
    // What was wrong is told by the settings before their repair; a repaired key shows by the AH numbers alone.
    const isAboutKeys = cause?.code === 'auth-mismatch' && cause.differs === null;
    const provenUs = confirmedUs ?? startUs;
    const isRepaired = everyone.some(
      ({ settingsChangedUs, ahNumbers }) =>
        settingsChangedUs > provenUs || (isAboutKeys && ahNumbers.followedUs > provenUs),
    );
    const who = [winner, ...deaf];
    if (cause === null || (revision !== conflict.revision && !isRepaired)) {
      const found = causeOf(conflict, segment, winner, deaf);
      // A checksum that is right again looks as if nothing had been wrong.
      const isAboutOthers = claimants.length > 1 && !who.every((each) => explained.includes(each));
      if (cause?.confidence !== 'certain' || found.confidence === 'certain' || isAboutOthers) cause = found;
      explained = who;
      revision = conflict.revision;
    }
    const namesOf = (them: readonly Advertiser[]) => them.map((each) => nameOf(each, winner));
    const winnerName = nameOf(winner, others[0] ?? winner);
    return {
      startUs,
      confirmedUs: provenUs,
      claimants: [winnerName, ...namesOf(others)],
      winner: winnerName,
      deaf: namesOf(deaf),
      evidence: [...conflict.evidence],
      cause,
    };
  };
}

interface Parties {
  readonly winner: Advertiser;
  /** Who claims beside it. */
  readonly others: readonly Advertiser[];
  /** Those of the others that should yield and do not; whoever won until a better one came has yielded to that one. */
  readonly deaf: readonly Advertiser[];
}

/** While it goes on, those who claim; once it is over, all who did. */
function parties(conflict: Conflict): Parties {
  const { claimants, everyone, proven } = conflict;
  // Who won and then resigned leaves the others to each other.
  const present = claimants.length > 1 ? claimants : everyone;
  const isWinnerKnown = proven !== null && present.includes(proven.winner);
  const winner = isWinnerKnown ? proven.winner : highest(present);
  const others = present.filter((each) => each !== winner && (each === proven?.loser || !each.outranks(winner)));
  if (others.length === 0 && isWinnerKnown) {
    const best = highest(present);
    const rest = present.filter((each) => each !== best);
    return { winner: best, others: rest, deaf: rest };
  }
  const deaf = others.filter((each) => claimants.includes(each) || conflict.isDeaf(each));
  return { winner, others, deaf: deaf.length > 0 ? deaf : others };
}

/** Why each of the losers does not yield, first of those of whom most is known. */
function causeOf(conflict: Conflict, segment: Segment, winner: Advertiser, losers: readonly Advertiser[]): Cause {
  const { reactions, isLoserAccepted, areKeysHidden } = conflict;
  const { freeVrids } = segment;
  const causes = (losers.length > 0 ? losers : [winner]).slice(0, EXPLAINED_MAX).map((loser) => {
    const isWinnerRejected = isSeenToReject(loser, winner);
    return explain({ winner, loser, reactions, isLoserAccepted, isWinnerRejected, areKeysHidden, freeVrids });
  });
  const [first, ...others] = causes.sort((a, b) => Number(a.code === 'filtered') - Number(b.code === 'filtered'));
  if (first === undefined) throw new Error('nothing to explain');
  return {
    ...first,
    summary: [first, ...others].map(({ summary }) => summary).join('; besides, '),
    remedies: withoutTwins([first, ...others].flatMap(({ remedies }) => remedies)),
  };
}

/** What is wrong with the winner itself is the remedy for each of the losers. */
function withoutTwins(remedies: readonly Remedy[]): readonly Remedy[] {
  const isSame = (a: Remedy, b: Remedy) => a.on === b.on && a.why === b.why && a.command === b.command;
  return remedies.filter((remedy, i) => remedies.findIndex((each) => isSame(each, remedy)) === i);
}
