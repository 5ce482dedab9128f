import type { Advertiser } from './advertiser.ts';
import { advertSlots, sendersAt, timesHeard, wasHeard } from './audibility.ts';
import { firewallRemedies, hostRemedies, lookCommand, networkRemedies } from './remedies.ts';
import type { Cause, SplitBrainReport, VirtualRouterReport } from './report.ts';
import { silenceUs } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** One virtual router as one of the captures shows it. */
export interface View {
  readonly router: VirtualRouter;
  readonly report: VirtualRouterReport;
  /** Time of the last packet of the capture. */
  readonly lastUs: number;
}

/** Of captures that heard both nodes at some time, so that a takeover is in both, the clocks may differ by so much. */
const CLOCKS_DIFFER_US = 10_000_000;

/**
 * Compares captures that were made at the same time in different places of one segment. An advertisement that is in one
 * and not in another was lost between them; one that is everywhere has arrived, and whoever does not obey it drops it.
 *
 * @returns the reports in the order of `views`, with the split brains that only the comparison shows
 */
export function compareVantagePoints(views: readonly View[]): VirtualRouterReport[] {
  const others = new Map(views.map((view) => [view, views.filter((other) => isElsewhere(view, other))]));
  const places: Place[] = views.map((view) => ({
    view,
    splitBrains: view.report.splitBrains.map((each) => located(each, view, others.get(view) ?? [])),
  }));
  return places.map(({ view, splitBrains }) => {
    const elsewhere = places.filter((place) => others.get(view)?.includes(place.view));
    if (elsewhere.length === 0) return view.report;
    let report: VirtualRouterReport = {
      ...view.report,
      splitBrains: splitBrains.map((each) => betterSeen(each, elsewhere)),
    };
    for (const other of elsewhere) report = withUnheard(report, view, other.view);
    const open = report.splitBrains.find(({ endUs }) => endUs === null);
    return open === undefined ? report : { ...report, master: open.winner };
  });
}

/** A view with its split brains as the other captures locate them. */
interface Place {
  readonly view: View;
  readonly splitBrains: readonly SplitBrainReport[];
}

/** One that ARP alone gave away here, as it is where both masters are heard. */
function betterSeen(splitBrain: SplitBrainReport, elsewhere: readonly Place[]): SplitBrainReport {
  const { claimants, evidence, startUs, endUs } = splitBrain;
  if (evidence.includes('adverts')) return splitBrain;
  for (const { view, splitBrains } of elsewhere) {
    const { router } = view;
    for (const other of splitBrains) {
      const isOfThem = claimants.every((source) => other.claimants.includes(source));
      const isThen = other.startUs < (endUs ?? router.lastAdvertUs) && startUs < (other.endUs ?? router.lastAdvertUs);
      if (!isOfThem || !isThen || !other.evidence.includes('adverts')) continue;
      return { ...splitBrain, winner: other.winner, deaf: other.deaf, cause: other.cause };
    }
  }
  return splitBrain;
}

/** True for another recording of the same virtual router. Untagged frames of one place may be tagged in another. */
function isElsewhere(a: View, b: View): boolean {
  const [one, two] = [a.report, b.report];
  if (one.capture === two.capture || one.vrid !== two.vrid || one.family !== two.family) return false;
  if (one.vlan !== two.vlan && one.vlan !== null && two.vlan !== null) return false;
  const addresses = new Set(one.advertisers.flatMap((advertiser) => advertiser.addresses));
  // A link-local address means another node on each link.
  const shares = two.advertisers.some((each) => each.addresses.some((x) => addresses.has(x) && !x.startsWith('fe80:')));
  return shares && !isSameRecording(one, two);
}

/** The same packets once more: a file given twice, or a part of another. */
function isSameRecording(one: VirtualRouterReport, two: VirtualRouterReport): boolean {
  return one.advertisers.some((a) =>
    two.advertisers.some((b) => a.source === b.source && (a.firstUs === b.firstUs || a.lastUs === b.lastUs)),
  );
}

/** The split brain with the place where the advertisements are lost, as far as the other captures show it. */
function located(splitBrain: SplitBrainReport, view: View, others: readonly View[]): SplitBrainReport {
  const [winner] = sendersAt(view.router, splitBrain.winner);
  const [loser] = sendersAt(view.router, splitBrain.deaf[0] ?? '');
  if (winner === undefined || loser === undefined || !isOpenQuestion(splitBrain, winner, loser)) return splitBrain;
  const untilUs = splitBrain.endUs ?? view.router.lastAdvertUs;
  const { startUs } = splitBrain;
  // What the loser says may silence the winner.
  const { source, paceUs } = winner;
  const most = Math.max(...[view, ...others].map(({ router }) => timesHeard(router, source, startUs, untilUs, paceUs)));
  const heard = (other: View, who: Advertiser) =>
    wasHeard(other.router, who.source, startUs, untilUs, who.paceUs, who === winner ? most : undefined);
  // Its own firewall may have let nothing out; what was not here cannot have been lost on the way from here.
  if (heard(view, winner) !== true) return splitBrain;
  const isAfflicted = (other: View) => heard(other, winner) === false && heard(other, loser) === true;
  const afflicted = others.find(isAfflicted);
  if (afflicted !== undefined) {
    const summary = `the advertisements of ${winner.source} are in ${view.report.capture} and not in ${afflicted.report.capture}, where ${loser.source} is heard: they are lost on the way`;
    return { ...splitBrain, cause: networkCause(winner, loser, summary) };
  }
  const isEverywhere = others.every((other) => heard(other, winner) === true && heard(other, loser) === true);
  return others.length > 0 && isEverywhere ? { ...splitBrain, cause: firewallCause(winner, loser) } : splitBrain;
}

/** True when the path between two nodes is what keeps them apart, and nothing is known but that. */
function isOpenQuestion({ cause, claimants, deaf }: SplitBrainReport, winner: Advertiser, loser: Advertiser) {
  const isByPath = cause.code === 'filtered' && cause.confidence !== 'certain' && cause.differs === null;
  const isOfTwo = claimants.length === 2 && deaf.length === 1 && winner.source !== loser.source;
  return isByPath && isOfTwo && winner.sendsTo(loser);
}

/** The report with the split brains of two masters of which each is heard in one of the places alone. */
function withUnheard(report: VirtualRouterReport, view: View, other: View): VirtualRouterReport {
  let all = report;
  for (const here of view.router.advertisers) {
    for (const there of other.router.advertisers) {
      if (here.source === there.source) continue;
      if (report.splitBrains.some(({ claimants }) => claimants.includes(there.source))) continue;
      for (const run of timesApart(here, view, there, other)) all = withSplitBrain(all, here, there, run, other);
    }
  }
  return all;
}

interface Run {
  readonly startUs: number;
  /** Null when it goes on to the end of a capture. */
  readonly endUs: number | null;
}

/** The times in which `here` is heard in `view` alone and `there` in `other` alone. */
function timesApart(here: Advertiser, view: View, there: Advertiser, other: View): Run[] {
  const strays = [...sendersAt(view.router, there.source), ...sendersAt(other.router, here.source)];
  const slotUs = Math.max(...[here, there, ...strays].map(({ lane }) => lane.slotUs));
  const paceUs = Math.max(here.paceUs, there.paceUs);
  const stepUs = 2 * Math.max(slotUs, paceUs);
  const neededUs =
    silenceUs(Math.min(here.version, there.version), paceUs) + (strays.length > 0 ? CLOCKS_DIFFER_US : 0);
  const untilUs = Math.min(here.lastUs, there.lastUs);
  const runs: Run[] = [];
  let startUs: number | null = null;
  const close = (atUs: number, endUs: number | null) => {
    if (startUs !== null && atUs - startUs >= neededUs) runs.push({ startUs, endUs });
    startUs = null;
  };
  let atUs = Math.max(here.firstUs, there.firstUs);
  for (; atUs + stepUs <= untilUs; atUs += stepUs) {
    const isIn = ({ lane }: Advertiser) => advertSlots(lane, atUs, atUs + stepUs) > 0;
    if (!isIn(here) || !isIn(there) || strays.some(isIn)) close(atUs, atUs);
    else startUs ??= atUs;
  }
  const hasLeft = ({ lastUs, resignedUs }: Advertiser, place: View) =>
    resignedUs !== null || place.lastUs - lastUs > neededUs;
  const isOver = hasLeft(here, view) || hasLeft(there, other);
  close(atUs, isOver || strays.some(({ lastUs }) => lastUs > untilUs) ? untilUs : null);
  return runs;
}

function withSplitBrain(
  report: VirtualRouterReport,
  here: Advertiser,
  there: Advertiser,
  { startUs, endUs }: Run,
  other: View,
): VirtualRouterReport {
  const [winner, loser] = here.outranks(there) ? [here, there] : [there, here];
  const confirmedUs = startUs + silenceUs(winner.version, winner.paceUs);
  const summary = `${here.source} is heard in ${report.capture} alone and ${there.source} in ${other.report.capture} alone at the same time: if both captures are of one segment, it loses what they send each other`;
  const splitBrain: SplitBrainReport = {
    startUs,
    confirmedUs,
    endUs,
    isAtLeast: false,
    claimants: [winner.source, loser.source],
    winner: winner.source,
    deaf: [loser.source],
    evidence: ['adverts'],
    cause: networkCause(winner, loser, summary),
  };
  const splitBrains = [...report.splitBrains, splitBrain].sort((a, b) => a.startUs - b.startUs);
  if (endUs !== null) return { ...report, splitBrains };
  return { ...report, splitBrains, state: 'split-brain', stateSinceUs: startUs, master: winner.source };
}

function networkCause(winner: Advertiser, loser: Advertiser, summary: string): Cause {
  const look = {
    on: loser.source,
    why: `see whether the advertisements of ${winner.source} reach this host now`,
    command: lookCommand(winner, '-nni'),
  };
  const remedies = [...networkRemedies(loser, winner), look];
  return { code: 'network', confidence: 'likely', summary, differs: null, remedies };
}

function firewallCause(winner: Advertiser, loser: Advertiser): Cause {
  return {
    code: 'host-firewall',
    confidence: 'likely',
    summary: `the advertisements of ${winner.source} are in every capture, so the network carries them: the host of ${loser.source} drops what arrives there`,
    differs: null,
    remedies: [...firewallRemedies(loser.source, winner), ...hostRemedies(loser)],
  };
}
