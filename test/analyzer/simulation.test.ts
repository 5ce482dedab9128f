import { expect, test } from 'vitest';
import type { RouterEvent } from '../../src/analyzer/event.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { Watch } from '../../src/watch/watch.ts';
import type { Evidence } from '../support/simulate/evidence.ts';
import { observability, observedEvidence } from '../support/simulate/observability.ts';
import { randomScenario } from '../support/simulate/random-scenario.ts';
import { type Run, simulate } from '../support/simulate/run.ts';
import { describeScenario } from '../support/simulate/scenario.ts';
import type { DoubleMaster } from '../support/simulate/truth.ts';

/**
 * `VRRPWATCH_SEED=4711` replays one run, `VRRPWATCH_RUNS=20000` makes a long search of it. In IPv6, such a search finds about
 * one alarm in 30000 runs over a backup with `down_timer_adverts 2` on a lossy link: it claims, yields to a master that does
 * not answer, and claims again, while no IP id tells that nothing of it was lost in between. About one run in 5000 has an
 * alarm that comes late, over ARP replies or where the capture itself loses frames.
 */
const ONLY_SEED = Number(process.env['VRRPWATCH_SEED'] ?? 0);
const RUNS = ONLY_SEED > 0 ? 1 : Number(process.env['VRRPWATCH_RUNS'] ?? 3000);

/** Two masters for no longer than this have crossed on the wire. */
const CROSSING_US = 20_000;

/** Until then after a takeover, and for an interval, the other may answer for the address although it is about to yield. */
const YIELDING_US = 1_000_000;

/** Two nodes answer one request within this time. */
const ANSWERING_US = 100_000;

/** Differences that some receivers tolerate: on the wire, being split over them and a clean handover look the same. */
const TOLERATED = ['address-mismatch', 'vrid-collision', 'hmac-mismatch'];

type Confirmation = Extract<RouterEvent, { event: 'split-brain-confirmed' }> & {
  /** When it was proven, in true time: packet time repeats itself when the clock is set back. */
  readonly provenTrueUs: number;
};

interface Judged {
  readonly run: Run;
  readonly intervalUs: number;
  readonly confirmations: readonly Confirmation[];
}

function judge(seed: number): Judged {
  const run = simulate(randomScenario(seed));
  const confirmations: Confirmation[] = [];
  let now = { timeUs: 0, sentUs: 0 };
  const watch = new Watch({
    capture: 'simulated',
    interfaceName: () => null,
    laneHistory: 'whole',
    expectations: [],
    onEvent: (event) => {
      if (event.event !== 'split-brain-confirmed' || event.isCorrection) return;
      const agoUs = Math.max(0, now.timeUs - event.splitBrain.confirmedUs);
      confirmations.push({ ...event, provenTrueUs: now.sentUs - agoUs });
    },
  });
  for (const [i, { timeUs, bytes }] of run.frames.entries()) {
    now = { timeUs, sentUs: run.observed[i]?.sentUs ?? 0 };
    watch.frame(bytes, 0, bytes.length, bytes.length, timeUs, 0, LINK_TYPE.ethernet);
  }
  const intervalUs = Math.max(...run.scenario.routers.map((router) => router.intervalUs));
  return { run, intervalUs, confirmations };
}

function seeds(): number[] {
  return Array.from({ length: RUNS }, (_, i) => (ONLY_SEED > 0 ? ONLY_SEED : i + 1));
}

/** Packet time of the end of a double master; a clock set back meanwhile makes an earlier moment the latest. */
function endUs({ scenario, packetTimeUs }: Run, { fromUs, toUs }: DoubleMaster): number {
  const steps = scenario.observer.clockSteps.map(({ atUs }) => atUs - 1).filter((atUs) => atUs > fromUs && atUs < toUs);
  return Math.max(...[toUs, ...steps].map(packetTimeUs));
}

/** A double master, longer than a crossing, that was going on when the proof of an alarm was gathered. */
function isTrue({ run, intervalUs }: Judged, { router, splitBrain, provenTrueUs }: Confirmation): boolean {
  return run.doubleMaster.some(
    (double) =>
      double.vrid === router.vrid &&
      (double.toUs - double.fromUs > CROSSING_US || double.toUs >= run.scenario.durationUs) &&
      double.fromUs <= provenTrueUs &&
      endUs(run, double) >= splitBrain.startUs - intervalUs,
  );
}

/**
 * No observer can know better: the settings exclude each other, or may, and the other node had just died unheard. Or
 * they were master together, but a third one ended it, or the observer lost what ended it, within a crossing's time.
 */
function isUndecidable({ run }: Judged, { router, splitBrain, provenTrueUs }: Confirmation): boolean {
  if (splitBrain.evidence.includes('adverts')) return false;
  const overlapped = run.doubleMaster.some(
    ({ vrid, fromUs, toUs }) =>
      vrid === router.vrid &&
      fromUs <= provenTrueUs + CROSSING_US &&
      run.packetTimeUs(toUs) >= splitBrain.startUs - CROSSING_US,
  );
  if (overlapped) return true;
  if (TOLERATED.includes(splitBrain.cause.code)) return true;
  return observedEvidence(run).some(
    ({ vrid, by, completeUs }) => vrid === router.vrid && by === 'mismatch' && completeUs <= splitBrain.confirmedUs,
  );
}

/** False for what may be the last words of an incident before, or the answers of one that is about to yield. */
function isExpected({ run, intervalUs }: Judged, double: DoubleMaster, evidence: Evidence): boolean {
  const { by, sinceTrueUs, completeTrueUs } = evidence;
  // Its first advertisements complete a proof with one of an incident before, which had been healed.
  if (by === 'adverts') return sinceTrueUs >= double.fromUs;
  const yieldingUs = Math.max(YIELDING_US, intervalUs) + ANSWERING_US;
  const isLong = double.toUs - double.fromUs >= 2 * intervalUs + yieldingUs;
  return by === 'mismatch' || (isLong && completeTrueUs - visibleFromUs(run, double) >= yieldingUs);
}

/** When the observer had got an advertisement of each of the two that it gets one of. */
function visibleFromUs(run: Run, { vrid, nodes, fromUs, toUs }: DoubleMaster): number {
  const firstUs = nodes.map(
    (node) =>
      run.sent.find(
        ({ message, sentUs, fate }) =>
          message.kind === 'advert' &&
          message.node === node &&
          message.vrid === vrid &&
          fate === 'seen' &&
          sentUs >= fromUs &&
          sentUs <= toUs,
      )?.sentUs ?? fromUs,
  );
  return Math.max(...firstUs);
}

function complain(what: string, { run }: Judged, detail: unknown): string {
  return `${what}\n${describeScenario(run.scenario)}\n${JSON.stringify(detail)}`;
}

test(`never is split brain cried where no two nodes were master together (${RUNS} simulated segments)`, () => {
  let undecidable = 0;
  for (const seed of seeds()) {
    const judged = judge(seed);
    for (const confirmation of judged.confirmations) {
      if (isTrue(judged, confirmation)) continue;
      if (isUndecidable(judged, confirmation)) undecidable++;
      else expect.fail(complain('a false alarm', judged, confirmation.splitBrain));
    }
  }
  console.log(
    `${undecidable} alarms over settings that the wire cannot tell from a tolerated difference, in ${RUNS} runs`,
  );
  expect(undecidable).toBeLessThanOrEqual(Math.max(1, RUNS * 0.03));
});

test(`two masters for longer than two intervals are confirmed within one interval of the proof (${RUNS} segments)`, () => {
  const counts: Record<string, number> = { decidable: 0 };
  for (const seed of seeds()) {
    const judged = judge(seed);
    const { run, intervalUs, confirmations } = judged;
    for (const double of run.doubleMaster) {
      if (double.toUs - double.fromUs <= 2 * intervalUs) continue;
      const evidence = observability(run, double, (each) => isExpected(judged, double, each));
      const kind = evidence.decidable ? 'decidable' : evidence.reason;
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (!evidence.decidable) continue;
      const isConfirmed = confirmations.some(
        ({ router, provenTrueUs }) =>
          router.vrid === double.vrid && provenTrueUs <= evidence.completeTrueUs + intervalUs,
      );
      if (!isConfirmed) expect.fail(complain('a missed split brain', judged, { double, evidence }));
    }
  }
  console.log(`double masters: ${JSON.stringify(counts)}`);
  if (ONLY_SEED === 0) expect(counts['decidable']).toBeGreaterThan(RUNS / 10);
});
