import type { Advertiser } from './advertiser.ts';
import { explain } from './cause.ts';
import { nameOf } from './compatibility.ts';
import { type Conflict, highest } from './conflict.ts';
import type { Cause, SplitBrainReport } from './report.ts';
import type { Segment } from './segment.ts';

/** Losers whose reason is told; a cluster has few, forged senders make many. */
const EXPLAINED_MAX = 3;

/** Describes a conflict as it is when asked; the cause is found anew only when there is something new to find it by. */
export function conflictDescription(conflict: Conflict, segment: Segment): () => SplitBrainReport {
  let cause: Cause | null = null;
  let revision = -1;
  let explained = '';
  return () => {
    const { everyone, startUs, confirmedUs } = conflict;
    const { winner, losers } = parties(conflict);
    // What was wrong is told by the settings before their repair.
    const isRepaired = everyone.some(({ settingsChangedUs }) => settingsChangedUs > (confirmedUs ?? startUs));
    const who = [winner, ...losers].map(({ source }) => source).join();
    if (cause === null || (revision !== conflict.revision && !isRepaired)) {
      const found = causeOf(conflict, segment, winner, losers);
      // A checksum that is right again looks as if nothing had been wrong.
      if (cause?.confidence !== 'certain' || found.confidence === 'certain' || who !== explained) cause = found;
      explained = who;
      revision = conflict.revision;
    }
    const names = losers.map((each) => nameOf(each, winner));
    const winnerName = nameOf(winner, losers[0] ?? winner);
    return {
      startUs,
      confirmedUs: confirmedUs ?? startUs,
      endUs: null,
      claimants: [winnerName, ...names],
      winner: winnerName,
      deaf: names,
      evidence: [...conflict.evidence],
      cause,
    };
  };
}

/** While it goes on, those who claim; once it is over, all who did. */
function parties(conflict: Conflict): { winner: Advertiser; losers: readonly Advertiser[] } {
  const { claimants, everyone, proven } = conflict;
  // Who won and then resigned leaves the others to each other.
  const present = claimants.length > 1 ? claimants : everyone;
  const winner = proven !== null && present.includes(proven.winner) ? proven.winner : highest(present);
  const losers = present.filter((each) => each !== winner && (each === proven?.loser || !each.outranks(winner)));
  const deaf = losers.filter((each) => claimants.includes(each) || conflict.isDeaf(each));
  if (losers.length > 0) return { winner, losers: deaf.length > 0 ? deaf : losers };
  const best = highest(present);
  return { winner: best, losers: present.filter((each) => each !== best) };
}

/** Why each of the losers does not yield, first of those of whom most is known. */
function causeOf(conflict: Conflict, segment: Segment, winner: Advertiser, losers: readonly Advertiser[]): Cause {
  const { reactions } = conflict;
  const { freeVrids } = segment;
  const causes = (losers.length > 0 ? losers : [winner])
    .slice(0, EXPLAINED_MAX)
    .map((loser) => explain({ winner, loser, reactions, freeVrids }));
  const [first, ...others] = causes.sort((a, b) => Number(a.code === 'filtered') - Number(b.code === 'filtered'));
  if (first === undefined) throw new Error('nothing to explain');
  return {
    ...first,
    summary: [first, ...others].map(({ summary }) => summary).join('; besides, '),
    remedies: [first, ...others].flatMap(({ remedies }) => remedies),
  };
}
