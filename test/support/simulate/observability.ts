import { findArpEvidence } from './arp-evidence.ts';
import { type Evidence, findEvidence } from './evidence.ts';
import type { Seen } from './network.ts';
import type { Run } from './run.ts';
import type { DoubleMaster } from './truth.ts';

/**
 * Whether a capture can prove a double master at all.
 *
 * Decidable: the frames that the observer got hold the proof, complete at `completeUs` (packet time): by the rules of
 * `findEvidence`, or, only if those prove nothing, by ARP as `findArpEvidence` has it. Otherwise the first of these that holds:
 *
 * - `silent-claimant`: one of the two sent no advertisement with a priority above 0 all the while. It was paused, or
 *   killed and left its address behind, or it is a keepalived whose timer every rejected advertisement restarts.
 * - `not-interleaved`: both advertised, but never the lower, the higher and the lower again within three intervals
 *   with the higher one fresh, and their visible settings agree. Mutual timer suppression with equal visible settings
 *   (AH keys, AH replay, HMAC keys, address lists), or an overlap too short for its phases.
 * - `out-of-sight`: what proves it did not pass the observer: the wrong side of a cut, or a filter on the sender.
 * - `observer-loss`: it did pass, but the observer missed it.
 * - `too-soon`: there is a proof that the caller does not count, and no other.
 * - `clock-set`: the observer got it, but its clock was set within the proof.
 */
export type Observability =
  | {
      readonly decidable: true;
      readonly by: Evidence['by'];
      readonly completeUs: number;
      readonly completeTrueUs: number;
    }
  | { readonly decidable: false; readonly reason: UndecidableReason };

export type UndecidableReason =
  | 'too-soon'
  | 'silent-claimant'
  | 'not-interleaved'
  | 'out-of-sight'
  | 'observer-loss'
  | 'clock-set';

/**
 * All that the observer's advertisements prove; a clock that was set starts the reckoning anew.
 *
 * One kind of `mismatch` is wrong, and no observer can know: a router with other settings becomes master just after the
 * old one died without resigning. A property test leaves out runs with such evidence and no double master, and counts
 * them.
 */
export function observedEvidence(run: Run): Evidence[] {
  return inOneClock(run, run.observed).flatMap(findEvidence);
}

/** What the ARP replies among the observer's frames prove. */
export function observedArpEvidence(run: Run): Evidence[] {
  const vridOf = new Map(
    run.scenario.routers.flatMap(({ addresses, vrid }) => addresses.map((address) => [address, vrid] as const)),
  );
  return inOneClock(run, run.observed).flatMap((seen) => findArpEvidence(seen, vridOf));
}

/** Packet time at which advertisements first proved a split brain of `vrid`, null if there is none. */
export function evidenceCompleteAtUs(run: Run, vrid: number): number | null {
  return observedEvidence(run).find((evidence) => evidence.vrid === vrid)?.completeUs ?? null;
}

/** @param counts false for what would prove it too soon to be expected of anybody */
export function observability(
  run: Run,
  double: DoubleMaster,
  counts: (evidence: Evidence) => boolean = () => true,
): Observability {
  const proofs = [...observedEvidence(run), ...observedArpEvidence(run)];
  const proof = within(double, proofs.filter(counts));
  if (proof !== undefined) {
    const { by, completeUs, completeTrueUs } = proof;
    return { decidable: true, by, completeUs, completeTrueUs };
  }
  const reason = within(double, proofs) === undefined ? undecidableReason(run, double) : 'too-soon';
  return { decidable: false, reason };
}

function undecidableReason(run: Run, double: DoubleMaster): UndecidableReason {
  const inTrueTime = (seen: readonly Seen[]) => findEvidence(seen.map((each) => ({ ...each, timeUs: each.sentUs })));
  if (double.nodes.some((node) => !advertises(run, node, double))) return 'silent-claimant';
  if (within(double, inTrueTime(run.sent)) === undefined) return 'not-interleaved';
  const passing = run.sent.filter(({ fate }) => fate !== 'out-of-sight');
  if (within(double, inTrueTime(passing)) === undefined) return 'out-of-sight';
  const seen = run.sent.filter(({ fate }) => fate === 'seen');
  if (within(double, inTrueTime(seen)) === undefined) return 'observer-loss';
  return 'clock-set';
}

/**
 * True if the first irregular advertisement of the evidence was sent while this double master lasted. With three
 * claimants the two that the evidence names need not be the two that held the addresses at that moment.
 */
export function happenedDuring(evidence: Evidence, double: DoubleMaster): boolean {
  return (
    evidence.vrid === double.vrid && evidence.sinceTrueUs <= double.toUs && evidence.completeTrueUs >= double.fromUs
  );
}

/** A proof that only a later incident completes is none of this one, which was healed before. */
function proves(evidence: Evidence, double: DoubleMaster): boolean {
  if (evidence.completeTrueUs > double.toUs) return false;
  return happenedDuring(evidence, double) && evidence.nodes.every((node) => double.nodes.includes(node));
}

function within(double: DoubleMaster, evidence: readonly Evidence[]): Evidence | undefined {
  return evidence.find((each) => proves(each, double));
}

function advertises(run: Run, node: string, { vrid, fromUs, toUs }: DoubleMaster): boolean {
  return run.sent.some(
    ({ message, sentUs }) =>
      message.kind === 'advert' &&
      message.node === node &&
      message.vrid === vrid &&
      message.priority > 0 &&
      sentUs >= fromUs &&
      sentUs <= toUs,
  );
}

function inOneClock(run: Run, seen: readonly Seen[]): Seen[][] {
  const steps = run.scenario.observer.clockSteps.map(({ atUs }) => atUs).sort((a, b) => a - b);
  const parts = new Map<number, Seen[]>();
  for (const each of seen) {
    const part = steps.filter((atUs) => each.sentUs >= atUs).length;
    const list = parts.get(part) ?? [];
    list.push(each);
    parts.set(part, list);
  }
  return [...parts.values()];
}
