import { describe, expect, it } from 'vitest';
import { simulate } from '../support/simulate/run.ts';
import type { Scenario } from '../support/simulate/scenario.ts';
import { scenario } from '../support/simulate/scenario.ts';
import { outline, type Step, sequenceOf } from '../support/simulate/sequence.ts';
import { type RouterSettings, router } from '../support/simulate/settings.ts';
import { type Replay, replay } from './replay.ts';
import { labMissing } from './segment.ts';

const SECOND = 1_000_000;
/** What a busy machine may add to the times of a process in the lab. */
const TOLERANCE_US = 400_000;
/** How late a process may start there. */
const START_TOLERANCE_US = 1_500_000;

const A = router('A', { priority: 150 });
const B = router('B');

/** Of two that start at once, the busier process may lose although its priority is higher. */
const B_LATER = { kind: 'start', node: 'B', atUs: 0.5 * SECOND } as const;

function both(changes: Partial<RouterSettings>): RouterSettings[] {
  return [
    { ...A, ...changes },
    { ...B, ...changes },
  ];
}

function deaf(node: string, fromS: number, toS: number): Scenario['cuts'][number] {
  return { from: '*', to: node, where: 'receiver', fromUs: fromS * SECOND, toUs: toS * SECOND };
}

/** Turns of two that repeat are folded, because their number depends on the phase. */
function folded(steps: readonly Step[]): string {
  return outline(steps).replace(/(\S+ \S+)( \1)+/g, '$1');
}

function simulated(given: Scenario): Replay {
  const run = simulate(given);
  const doubleMasterUs = run.doubleMaster.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  return { steps: sequenceOf(run), doubleMasterUs };
}

function timesOfTurns(steps: readonly Step[]): number[] {
  return steps
    .filter(({ node, priority }, i) => {
      const previous = steps[i - 1];
      return previous?.node !== node || previous.priority !== priority;
    })
    .map(({ atUs }) => atUs);
}

/** Scenarios whose sequence does not depend on chance. */
const DETERMINED: { name: string; given: Scenario }[] = [
  {
    name: 'two nodes start, the master stops, returns, preempts, and is killed',
    given: scenario({
      durationUs: 24 * SECOND,
      routers: [A, B],
      actions: [
        { kind: 'start', node: 'A', atUs: 0 },
        B_LATER,
        { kind: 'stop', node: 'A', atUs: 6.3 * SECOND },
        { kind: 'start', node: 'A', atUs: 9.6 * SECOND },
        { kind: 'kill', node: 'A', atUs: 16.5 * SECOND },
      ],
    }),
  },
  {
    name: 'a preempted master advertises once more with higher_prio_send_advert',
    given: scenario({
      durationUs: 13 * SECOND,
      routers: both({ higherPrioSendAdvert: true }),
      actions: [{ kind: 'start', node: 'A', atUs: 5.7 * SECOND }],
    }),
  },
  {
    name: 'SIGHUP lowers the priority of the master',
    given: scenario({
      durationUs: 14 * SECOND,
      routers: [A, B],
      actions: [B_LATER, { kind: 'reload', node: 'A', atUs: 6.6 * SECOND, changes: { priority: 90 } }],
    }),
  },
  {
    name: 'equal priorities: the first master stays, and the other one takes over',
    given: scenario({
      durationUs: 16 * SECOND,
      routers: both({ priority: 100 }),
      actions: [
        { kind: 'start', node: 'B', atUs: 1 * SECOND },
        { kind: 'stop', node: 'A', atUs: 8.4 * SECOND },
      ],
    }),
  },
  {
    name: 'VRRPv3 every 0.1 s, the master is killed',
    given: scenario({
      durationUs: 5 * SECOND,
      routers: both({ version: 3, intervalUs: 100_000 }),
      actions: [
        { kind: 'start', node: 'B', atUs: 1.5 * SECOND },
        { kind: 'kill', node: 'A', atUs: 3 * SECOND },
      ],
    }),
  },
  {
    name: 'the backup is deaf for a time',
    given: scenario({ durationUs: 16 * SECOND, routers: [A, B], actions: [B_LATER], cuts: [deaf('B', 5.2, 12.2)] }),
  },
  {
    name: 'the master alone is deaf',
    given: scenario({ durationUs: 14 * SECOND, routers: [A, B], actions: [B_LATER], cuts: [deaf('A', 5.2, 11)] }),
  },
  {
    name: 'a strict backup is deaf for a time',
    given: scenario({
      durationUs: 14 * SECOND,
      routers: both({ strict: true }),
      actions: [B_LATER],
      cuts: [deaf('B', 5.2, 100)],
    }),
  },
  {
    name: 'both are deaf',
    given: scenario({
      durationUs: 14 * SECOND,
      routers: [A, B],
      actions: [B_LATER],
      cuts: [deaf('A', 5.2, 100), deaf('B', 5.2, 100)],
    }),
  },
];

/** Two masters that reject each other: who advertises next is left to microseconds. */
const REJECTING: { name: string; routers: RouterSettings[] }[] = [
  {
    name: 'different passwords',
    routers: [
      { ...A, auth: 'simple', password: 'alpha' },
      { ...B, auth: 'simple', password: 'beta' },
    ],
  },
  { name: 'different lists of addresses', routers: [A, { ...B, addresses: ['10.9.0.100', '10.9.0.101'] }] },
  { name: 'different advertisement intervals', routers: [A, { ...B, intervalUs: 2 * SECOND }] },
];

describe.skipIf(labMissing() !== null)('the simulated segment beside real keepalived', () => {
  it.concurrent.each(DETERMINED)('gives the same sequence: $name', async ({ given }) => {
    const real = await replay(given);
    const model = simulated(given);
    expect(folded(real.steps)).toBe(folded(model.steps));
    const [realTurns, modelTurns] = [timesOfTurns(real.steps), timesOfTurns(model.steps)];
    const compared = Math.min(realTurns.length, modelTurns.length);
    // A late start delays what runs by itself from then on, and not what an action sets off.
    const lagUs = (realTurns[0] ?? 0) - (modelTurns[0] ?? 0);
    expect(Math.abs(lagUs), 'start').toBeLessThan(START_TOLERANCE_US);
    for (let i = 1; i < compared; i++) {
      const lateUs = (realTurns[i] ?? 0) - (modelTurns[i] ?? 0);
      expect(lateUs, `turn ${i + 1}`).toBeGreaterThan(Math.min(0, lagUs) - TOLERANCE_US);
      expect(lateUs, `turn ${i + 1}`).toBeLessThan(Math.max(0, lagUs) + TOLERANCE_US);
    }
    expect(Math.abs(real.steps.length - model.steps.length)).toBeLessThanOrEqual(2 + model.steps.length * 0.1);
    expect(Math.abs(real.doubleMasterUs - model.doubleMasterUs)).toBeLessThan(1.5 * SECOND);
  });

  it.concurrent.each(REJECTING)('makes two masters that silence each other: $name', async ({ routers }) => {
    const given = scenario({ durationUs: 24 * SECOND, routers });
    const real = await replay(given);
    const model = simulated(given);
    for (const { steps, doubleMasterUs } of [real, model]) {
      expect(doubleMasterUs).toBeGreaterThan(16 * SECOND);
      // Two free-running masters would send about 40.
      expect(steps.length).toBeGreaterThan(12);
      expect(steps.length).toBeLessThan(31);
    }
    expect(Math.abs((real.steps[0]?.atUs ?? 0) - (model.steps[0]?.atUs ?? 0))).toBeLessThan(START_TOLERANCE_US);
  });
});
