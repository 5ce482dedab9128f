import { describe, expect, it } from 'vitest';
import { CHECKSUM, FRAME } from '../../src/decoder/advertisement.ts';
import { FrameDecoder } from '../../src/decoder/decode.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { findEvidence } from './simulate/evidence.ts';
import { AT_THE_SWITCH } from './simulate/network.ts';
import { happenedDuring, observability, observedArpEvidence, observedEvidence } from './simulate/observability.ts';
import { randomScenario } from './simulate/random-scenario.ts';
import { withPeers } from './simulate/random-settings.ts';
import { EPOCH_US, type Run, simulate } from './simulate/run.ts';
import { describeScenario, type Scenario, scenario } from './simulate/scenario.ts';
import { outline, type Step, sequenceOf } from './simulate/sequence.ts';
import { type RouterSettings, router } from './simulate/settings.ts';

const SECOND = 1_000_000;
const A = router('A', { priority: 150 });
const B = router('B', { priority: 100 });

/** A and B with the same changes, 20 s unless said otherwise. */
function pair(changes: Partial<RouterSettings>, rest: Partial<Scenario> = {}): Run {
  const routers = [
    { ...A, ...changes },
    { ...B, ...changes },
  ];
  return simulate(scenario({ durationUs: 20 * SECOND, routers, ...rest }));
}

function deaf(node: string, fromS: number, toS: number): Scenario['cuts'][number] {
  return { from: '*', to: node, where: 'receiver', fromUs: fromS * SECOND, toUs: toS * SECOND };
}

function since(steps: readonly Step[], atS: number): Step[] {
  return steps.filter(({ atUs }) => atUs >= atS * SECOND);
}

function gapsMs(steps: readonly Step[]): number[] {
  return steps.slice(1).map((step, i) => (step.atUs - (steps[i]?.atUs ?? 0)) / 1000);
}

function firstOf(steps: readonly Step[], node: string): number {
  return steps.findIndex((step) => step.node === node);
}

/** Milliseconds between a node's first advertisement and the one before it. */
function takeoverGapMs(steps: readonly Step[], node: string): number {
  return gapsMs(steps)[firstOf(steps, node) - 1] ?? Number.NaN;
}

describe('a healthy pair in the simulation', () => {
  it('elects the higher priority 3.43 s after the start, and the lower one never advertises', () => {
    const steps = sequenceOf(pair({}));
    expect(outline(steps)).toBe('A150');
    expect((steps[0]?.atUs ?? 0) / 1000).toBeGreaterThan(3_414);
    expect((steps[0]?.atUs ?? 0) / 1000).toBeLessThan(3_450);
  });

  it('advertises every 1000.1 to 1000.8 ms when idle', () => {
    const gaps = gapsMs(sequenceOf(pair({}, { durationUs: 120 * SECOND })));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000.1);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1000.8);
  });

  it('hands over 0.609 s after a resignation, and takes back by preemption without a word of the loser', () => {
    const steps = sequenceOf(
      pair(
        {},
        {
          actions: [
            { kind: 'stop', node: 'A', atUs: 8 * SECOND },
            { kind: 'start', node: 'A', atUs: 14 * SECOND },
            { kind: 'start', node: 'A', atUs: 0 },
          ],
        },
      ),
    );
    expect(outline(steps)).toBe('A150 A0 B100 A150');
    expect(takeoverGapMs(steps, 'B')).toBeGreaterThan(609.3);
    expect(takeoverGapMs(steps, 'B')).toBeLessThan(613);
  });

  it('takes over 3.609 s after the last advertisement of a killed master, whose address stays', () => {
    const run = pair({}, { actions: [{ kind: 'kill', node: 'A', atUs: 8 * SECOND }], arpEveryUs: SECOND });
    const steps = sequenceOf(run);
    expect(outline(steps)).toBe('A150 B100');
    expect(takeoverGapMs(steps, 'B')).toBeGreaterThan(3_609);
    expect(takeoverGapMs(steps, 'B')).toBeLessThan(3_613);
    const replies = run.observed.filter(({ message, sentUs }) => message.kind === 'reply' && sentUs > 15 * SECOND);
    expect(new Set(replies.map(({ message }) => message.node))).toEqual(new Set(['A', 'B']));
    expect(run.doubleMaster).toHaveLength(1);
  });

  it('resigns twice within 0.1 ms when a tracked script fails', () => {
    const steps = sequenceOf(pair({}, { actions: [{ kind: 'fail', node: 'A', atUs: 8 * SECOND }] }));
    const resignations = steps.filter(({ priority }) => priority === 0);
    expect(gapsMs(resignations)).toEqual([0.1]);
  });

  it('lets the lower one advertise once more, 0.1 ms later, with higher_prio_send_advert', () => {
    const actions = [{ kind: 'start', node: 'A', atUs: 6 * SECOND }] as const;
    const steps = sequenceOf(pair({ higherPrioSendAdvert: true }, { actions }));
    const join = firstOf(steps, 'A');
    expect(steps.slice(join, join + 2).map(({ node }) => node)).toEqual(['A', 'B']);
    expect(gapsMs(steps)[join]).toBeLessThan(0.3);
    expect(outline(since(steps, 10))).toBe('A150');
  });

  it('advertises old and new priority on reload, a few milliseconds apart, and counts IP ids from 1', () => {
    const run = pair({}, { actions: [{ kind: 'reload', node: 'A', atUs: 8 * SECOND, changes: { priority: 90 } }] });
    expect(outline(sequenceOf(run))).toBe('A150 A90 B100');
    const reloaded = run.sent.find(({ message }) => message.kind === 'advert' && message.priority === 90)?.message;
    expect(reloaded?.kind === 'advert' ? reloaded.ipId : 0).toBe(1);
  });

  it('shows a lowered priority in the next periodic advertisement, until the other preempts', () => {
    const actions = [{ kind: 'priority', node: 'A', atUs: 8.2 * SECOND, priority: 90 }] as const;
    const steps = sequenceOf(pair({}, { actions }));
    expect(outline(steps)).toBe('A150 A90 B100');
    expect(steps.filter(({ priority }) => priority === 90).length).toBeGreaterThanOrEqual(3);
  });

  it('counts preempt_delay from the first lower advertisement, then waits for the running down timer', () => {
    const late: RouterSettings = { ...A, preemptDelayUs: 3 * SECOND };
    const actions = [{ kind: 'start', node: 'A', atUs: 10 * SECOND }] as const;
    const steps = sequenceOf(simulate(scenario({ durationUs: 30 * SECOND, routers: [late, B], actions })));
    const heard = steps.find(({ atUs }) => atUs > 10.03 * SECOND)?.atUs ?? 0;
    const took = steps.find(({ node }) => node === 'A')?.atUs ?? 0;
    expect((took - heard) / SECOND).toBeCloseTo(5.42, 1);
  });

  it('stays backup with nopreempt', () => {
    const actions = [{ kind: 'start', node: 'A', atUs: 10 * SECOND }] as const;
    expect(outline(sequenceOf(pair({ preempt: false }, { actions })))).toBe('B100');
  });

  it('breaks equal priorities by the higher address', () => {
    const steps = sequenceOf(pair({ priority: 100 }, { cuts: [deaf('A', 0, 8), deaf('B', 0, 8)] }));
    expect(steps.some(({ node }) => node === 'A')).toBe(true);
    expect(outline(since(steps, 9.1))).toBe('B100');
  });

  it('waits for the interval that the master advertises in version 3', () => {
    const routers = [
      { ...A, version: 3, flavour: 'keepalived' } as const,
      { ...B, version: 3, intervalUs: 300_000 } as const,
    ];
    const actions = [{ kind: 'kill', node: 'A', atUs: 8 * SECOND }] as const;
    const steps = sequenceOf(simulate(scenario({ durationUs: 20 * SECOND, routers, actions })));
    expect(takeoverGapMs(since(steps, 7), 'B')).toBeCloseTo(3_610, -1);
  });
});

describe('a split pair in the simulation', () => {
  it('is answered by the higher one within 15 ms of each lower advertisement', () => {
    const run = pair({}, { cuts: [deaf('B', 5, 15)] });
    const split = since(sequenceOf(run), 8).filter(({ atUs }) => atUs < 15 * SECOND);
    const order = split.map(({ node }) => node).slice(0, 8);
    expect(order).toEqual(['B', 'A', 'B', 'A', 'B', 'A', 'B', 'A']);
    const answers = gapsMs(split).filter((_, i) => i % 2 === 0);
    expect(Math.max(...answers)).toBeLessThan(16);
    expect(outline(since(sequenceOf(run), 16.1))).toBe('A150');
  });

  it.each([
    { name: 'strict', changes: { strict: true } },
    { name: 'lower_prio_no_advert', changes: { lowerPrioNoAdvert: true } },
    { name: 'FRR', changes: { flavour: 'frr' } },
    { name: 'RFC 3768', changes: { flavour: 'rfc-3768' } },
  ] as const)('keeps both rhythms when nobody answers ($name)', ({ changes }) => {
    const run = pair(changes, { cuts: [deaf('B', 5, 100)], durationUs: 30 * SECOND });
    for (const node of ['A', 'B']) {
      const gaps = gapsMs(since(sequenceOf(run), 10).filter((step) => step.node === node));
      expect(Math.max(...gaps)).toBeLessThan(1_001);
      expect(Math.min(...gaps)).toBeGreaterThan(999);
    }
  });

  it('is answered at once by a router of RFC 9568', () => {
    const run = pair({ flavour: 'rfc-9568', version: 3 }, { cuts: [deaf('B', 5, 100)] });
    const split = since(sequenceOf(run), 9);
    expect(split.slice(0, 4).map(({ node }) => node)).toEqual(['B', 'A', 'B', 'A']);
    expect(gapsMs(split)[0]).toBeLessThan(16);
  });

  it('is no split when the master alone is deaf', () => {
    expect(pair({}, { cuts: [deaf('A', 5, 15)] }).doubleMaster).toEqual([]);
  });

  it('sends about one advertisement a second in all when both reject each other, in runs of one sender', () => {
    const routers = [
      { ...A, auth: 'simple', password: 'alpha' } as const,
      { ...B, auth: 'simple', password: 'beta' } as const,
    ];
    const run = simulate(scenario({ durationUs: 602 * SECOND, routers }));
    const steps = sequenceOf(run);
    expect(steps.length).toBeGreaterThan(590);
    expect(steps.length).toBeLessThan(680);
    const runs = steps.filter(({ node }, i) => node !== steps[i - 1]?.node).length;
    expect(runs).toBeGreaterThan(20);
    expect(runs).toBeLessThan(120);
    expect(run.doubleMaster).toHaveLength(1);
  });

  it('looks like a healthy preemption when the lists of addresses differ and the higher one joins late', () => {
    const routers = [A, { ...B, addresses: ['10.9.0.100', '10.9.0.101'] }];
    const actions = [{ kind: 'start', node: 'A', atUs: 6 * SECOND }] as const;
    const run = simulate(scenario({ durationUs: 15 * SECOND, routers, actions }));
    expect(outline(sequenceOf(run)).startsWith('B100 A150')).toBe(true);
    expect(run.doubleMaster.at(-1)?.toUs).toBe(15 * SECOND);
  });

  it.each(['keepalived-2.3.3', 'frr', 'rfc-5798'] as const)(
    'does not come from different lists of addresses with %s',
    (flavour) => {
      const routers = [
        { ...A, flavour },
        { ...B, flavour, addresses: ['10.9.0.101'] },
      ];
      expect(simulate(scenario({ durationUs: 15 * SECOND, routers })).doubleMaster).toEqual([]);
    },
  );

  it('resolves two owners of keepalived 2.2.7 within milliseconds, and never those of RFC 3768', () => {
    const [overlap] = pair({ priority: 255 }).doubleMaster;
    expect(overlap === undefined || overlap.toUs - overlap.fromUs < 20_000).toBe(true);
    expect(pair({ priority: 255, flavour: 'rfc-3768' }).doubleMaster[0]?.toUs).toBe(20 * SECOND);
  });

  it('never heals when both advertise from the same source address', () => {
    const run = pair({ source: '10.9.0.50', priority: 100 }, { cuts: [deaf('B', 2, 8)] });
    expect(run.doubleMaster.at(-1)?.toUs).toBe(20 * SECOND);
  });

  it('leaves one advertisement of a keepalived with a password beside FRR, which then falls silent as master', () => {
    const routers = [{ ...A, flavour: 'frr' } as const, { ...B, auth: 'simple', password: 'secret' } as const];
    const run = simulate(scenario({ durationUs: 40 * SECOND, routers }));
    expect(sequenceOf(run).filter(({ node }) => node === 'B').length).toBeLessThanOrEqual(2);
    expect(run.doubleMaster[0]?.toUs).toBe(40 * SECOND);
  });

  it('rejects the replays of a lower AH sequence number after a time of deafness', () => {
    const changes = { auth: 'ah', password: 'secret' } as const;
    const run = pair(changes, { cuts: [deaf('B', 5, 12)], durationUs: 30 * SECOND });
    const split = since(sequenceOf(run), 8.5).filter(({ atUs }) => atUs < 12 * SECOND);
    expect(split.some(({ node }) => node === 'B')).toBe(true);
    expect(outline(since(sequenceOf(run), 14))).toBe('A150');
  });

  it('does not go on from the AH sequence numbers of one with another key', () => {
    const routers = [{ ...A, auth: 'ah', password: 'alpha' } as const, { ...B, auth: 'ah', password: 'beta' } as const];
    const run = simulate(scenario({ durationUs: 60 * SECOND, routers }));
    const numbers = run.sent.flatMap(({ message }) =>
      message.kind === 'advert' && message.node === 'B' ? [message.ahSequence - message.ipId] : [],
    );
    expect(new Set(numbers)).toEqual(new Set([0]));
  });
});

describe('a process that stands still', () => {
  it('answers once for each queued lower advertisement when it was the higher master', () => {
    const actions = [{ kind: 'pause', node: 'A', atUs: 8 * SECOND, durationUs: 6 * SECOND, whole: false }] as const;
    const resumed = since(sequenceOf(pair({}, { actions })), 14).filter(({ atUs }) => atUs < 14.05 * SECOND);
    expect(resumed.filter(({ node }) => node === 'A').length).toBeGreaterThan(1);
  });

  it('goes back to backup without a word when it was the lower one', () => {
    const actions = [
      { kind: 'start', node: 'A', atUs: 6 * SECOND },
      { kind: 'pause', node: 'B', atUs: 8 * SECOND, durationUs: 6 * SECOND, whole: false },
    ] as const;
    const steps = sequenceOf(pair({}, { actions }));
    expect(outline(since(steps, 8))).toBe('A150');
  });

  it('reads for each virtual router before it becomes master, and nothing that went to its peers', () => {
    const unicast = withPeers([A, B, router('C', { priority: 50 })]);
    const several = [A, B].flatMap((settings) => [settings, { ...settings, vrid: 52, addresses: ['10.9.1.100'] }]);
    for (const routers of [unicast, several]) {
      const actions = [{ kind: 'pause', node: 'B', atUs: 1 * SECOND, durationUs: 9 * SECOND, whole: false }] as const;
      const run = simulate(scenario({ durationUs: 20 * SECOND, routers, actions }));
      expect(sequenceOf(run).filter(({ node }) => node === 'B')).toEqual([]);
    }
  });
});

describe('the observer', () => {
  it('beside one node does not see what a cut keeps from that node', () => {
    const isolation = { where: 'network', fromUs: 5 * SECOND, toUs: 15 * SECOND } as const;
    const cuts = [
      { ...isolation, from: 'A', to: 'B' },
      { ...isolation, from: 'B', to: 'A' },
    ];
    const run = pair({}, { cuts, observer: { ...AT_THE_SWITCH, beside: 'B' } });
    const [double] = run.doubleMaster;
    expect(double && observability(run, double)).toEqual({ decidable: false, reason: 'out-of-sight' });
  });

  it('stamps frames by its own clock', () => {
    const clockSteps = [{ atUs: 10 * SECOND, stepUs: -5 * SECOND }];
    const run = pair({}, { observer: { ...AT_THE_SWITCH, clockSteps } });
    const times = run.frames.map(({ timeUs }) => timeUs - EPOCH_US);
    expect(times.some((timeUs, i) => timeUs < (times[i - 1] ?? 0) - 3 * SECOND)).toBe(true);
  });

  it('sees both claimants of a deaf backup, with the proof one interval after the onset', () => {
    const run = pair({}, { cuts: [deaf('B', 5, 15)] });
    const [double] = run.doubleMaster;
    const found = double && observability(run, double);
    expect(found).toMatchObject({ decidable: true, by: 'adverts' });
    if (double !== undefined && found?.decidable) {
      expect((found.completeTrueUs - double.fromUs) / SECOND).toBeCloseTo(1, 1);
    }
  });

  it('has no proof that only a later incident completes, and none that is not counted', () => {
    const run = pair({}, { cuts: [deaf('B', 5, 15)] });
    const [double] = run.doubleMaster;
    const found = double && observability(run, double);
    if (double === undefined || !found?.decidable) throw new Error('no double master to look at');
    const healed = { ...double, toUs: found.completeTrueUs - 1 };
    expect(observability(run, healed).decidable).toBe(false);
    expect(observability(run, double, () => false)).toEqual({ decidable: false, reason: 'too-soon' });
    const later = observability(run, double, ({ completeUs }) => completeUs > found.completeUs);
    expect(later.decidable && later.completeTrueUs > found.completeTrueUs).toBe(true);
  });

  it('has no proof in the farewell of a backup that had taken over early', () => {
    const actions = [{ kind: 'pause', node: 'A', atUs: 8.2 * SECOND, durationUs: 1.2 * SECOND, whole: true }] as const;
    const run = pair({ downTimerAdverts: 1, higherPrioSendAdvert: true }, { actions });
    expect(outline(since(sequenceOf(run), 8.2))).toBe('B100 A150 B100 A150');
    expect(observedEvidence(run)).toEqual([]);
  });

  it('has the proof one advertisement later when that of the winner comes out of order', () => {
    const { observed } = pair({}, { cuts: [deaf('B', 5, 15)] });
    const [proof] = findEvidence(observed);
    const last = observed.findIndex(({ timeUs }) => timeUs === proof?.completeUs);
    const between = observed.findLastIndex(
      ({ message }, i) => message.node === 'A' && message.kind === 'advert' && i < last,
    );
    const late = observed.filter((_, i) => i !== between);
    late.splice(last, 0, ...observed.slice(between, between + 1));
    const [later] = findEvidence(late);
    expect(((later?.completeUs ?? 0) - (proof?.completeUs ?? 0)) / SECOND).toBeCloseTo(1, 2);
  });

  it('has the proof of different passwords at the first advertisement of the second claimant', () => {
    const routers = [
      { ...A, auth: 'simple', password: 'alpha' } as const,
      { ...B, auth: 'simple', password: 'beta' } as const,
    ];
    const run = simulate(scenario({ durationUs: 10 * SECOND, routers }));
    expect(findEvidence(run.observed)[0]).toMatchObject({
      by: 'mismatch',
      completeTrueUs: run.doubleMaster[0]?.fromUs,
    });
  });
});

describe('random scenarios', () => {
  const SEEDS = Array.from({ length: 600 }, (_, i) => i + 1);

  it('give the same bytes at the same times for the same seed', () => {
    for (const seed of SEEDS.slice(0, 40)) {
      expect(simulate(randomScenario(seed)).frames).toEqual(simulate(randomScenario(seed)).frames);
    }
  });

  it('come as frames that say what the routers sent', () => {
    const decoder = new FrameDecoder();
    for (const seed of SEEDS.slice(0, 60)) {
      const run = simulate(randomScenario(seed));
      for (const [i, { bytes, timeUs }] of run.frames.entries()) {
        const message = run.observed[i]?.message;
        const kind = decoder.decode(bytes, 0, bytes.length, bytes.length, timeUs, 0, LINK_TYPE.ethernet);
        if (message?.kind !== 'advert') {
          expect(kind).toBe(FRAME.claim);
          continue;
        }
        expect(kind).toBe(FRAME.advertisement);
        const { version, vrid, priority, intervalUs, ttl, auth } = message;
        expect(decoder.advertisement).toMatchObject({ version, vrid, priority, intervalUs, ttl, ah: auth === 'ah' });
        expect(decoder.advertisement.checksumStyle).not.toBe(CHECKSUM.bad);
      }
    }
  });

  it('never prove two masters by advertisements or ARP where there were none', () => {
    for (const seed of SEEDS) {
      const run = simulate(randomScenario(seed));
      for (const evidence of [...observedEvidence(run), ...observedArpEvidence(run)]) {
        if (evidence.by === 'mismatch') continue;
        const really = run.doubleMaster.some((double) => happenedDuring(evidence, double));
        expect(really, describeScenario(run.scenario)).toBe(true);
      }
    }
  });

  it('hold split and healthy runs, decidable and undecidable ones, enough of each to test with', () => {
    const counts = { healthy: 0, decidable: 0, undecidable: 0 };
    for (const seed of SEEDS) {
      const run = simulate(randomScenario(seed));
      const intervalUs = Math.max(...run.scenario.routers.map((settings) => settings.intervalUs));
      const long = run.doubleMaster.filter(({ fromUs, toUs }) => toUs - fromUs > 2 * intervalUs);
      if (long.length === 0) counts.healthy++;
      for (const double of long) counts[observability(run, double).decidable ? 'decidable' : 'undecidable']++;
    }
    expect(counts.healthy).toBeGreaterThan(200);
    expect(counts.decidable).toBeGreaterThan(100);
    expect(counts.undecidable).toBeGreaterThan(30);
  });
});
