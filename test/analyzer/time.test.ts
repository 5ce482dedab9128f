import { describe, expect, test } from 'vitest';
import { A, B, every, play, type Step, sinceStart, together, told } from '../support/story.ts';

const HEALTHY = { verdict: 'ok', exitStatus: 0 };

describe('silence', () => {
  test('is told once, three intervals and the longest skew after the last advertisement', () => {
    const ticks = Array.from({ length: 100 }, (_, i): Step => [5.1 + i / 10, 'tick']);
    const { router, events, report } = play([...every([0, 5], 'A', 150), ...ticks], { live: true });
    const silences = events.flatMap((event) => (event.event === 'silent' ? [event] : []));
    expect(silences).toHaveLength(1);
    expect(silences[0]).toMatchObject({ lastMaster: A });
    expect(sinceStart(silences[0]?.lastAdvertUs ?? 0)).toBe(5);
    expect(sinceStart(silences[0]?.atUs ?? 0)).toBeGreaterThanOrEqual(9);
    expect(sinceStart(silences[0]?.atUs ?? 0)).toBeLessThanOrEqual(9.2);
    expect(router).toMatchObject({ state: 'silent', master: null });
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
  });

  test('is not told while any backup may still take over', () => {
    const { eventNames } = play([...every([0, 5], 'A', 150), [8.99, 'tick'], ...every([8.996, 12], 'B', 1)]);
    expect(eventNames).not.toContain('silent');
  });

  test('is critical for an expected virtual router', () => {
    const { report } = play([...every([0, 5], 'A', 150), [15, 'tick']], {
      expectations: [{ vrid: 51, sources: null }],
    });
    expect(report.exitStatus).toBe(2);
  });

  test('ends with the next advertisement', () => {
    const { router, eventNames } = play([...every([0, 5], 'A', 150), [15, 'tick'], ...every([20, 25], 'A', 150)]);
    expect(router).toMatchObject({ state: 'ok', master: A, takeovers: [] });
    expect(eventNames.filter((name) => name === 'silent')).toHaveLength(1);
  });

  test('is told once, although a split brain of the address ends with it', () => {
    const ticks = Array.from({ length: 80 }, (_, i): Step => [10 + i, 'tick']);
    const { eventNames, report } = play(
      together(every([0, 9], 'A', 150), every([0.4, 9.4], 'B', 100, 1, { vrid: 52 }), ticks),
      { live: true },
    );
    expect(eventNames.filter((name) => name === 'silent')).toHaveLength(2);
    expect(eventNames).toContain('split-brain-ended');
    expect(report.virtualRouters.map(({ state }) => state)).toEqual(['silent', 'silent']);
  });

  test('is not that of a master whose interval has to be measured and seemed far shorter at first', () => {
    const unknown = { version: 3, intervalS: 0 } as const;
    const { eventNames } = play(
      together(
        [[0, 'A', 150, unknown]],
        every([0.006, 30.006], 'A', 150, 1, unknown),
        Array.from({ length: 200 }, (_, i): Step => [5 + i / 8, 'tick']),
      ),
      { live: true },
    );
    expect(eventNames.filter((name) => name === 'silent').length).toBeLessThanOrEqual(3);
  });

  test('of a master that resigned and that nobody follows is silence, too', () => {
    const { router } = play([...every([0, 5], 'A', 150), [5.4, 'A', 0], [15, 'tick']]);
    expect(router).toMatchObject({ state: 'silent', master: null });
  });
});

describe('a time in which the capture heard nothing', () => {
  test('is no silence of the master', () => {
    const { report, eventNames } = play([
      ...every([0, 5], 'A', 150),
      [30, 'deaf'],
      [30.5, 'tick'],
      ...every([31, 35], 'A', 150),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(eventNames).not.toContain('silent');
  });

  test('gives the master a whole master down interval after it', () => {
    const steps: Step[] = [...every([0, 5], 'A', 150), [30, 'deaf']];
    expect(play([...steps, [33.9, 'tick']]).eventNames).not.toContain('silent');
    expect(play([...steps, [35, 'tick']]).eventNames).toContain('silent');
  });

  test('does not make its master a paused one', () => {
    const { findings } = play([
      ...every([0, 3], 'A', 150),
      ...every([6.61, 9.61], 'B', 100),
      [30, 'deaf'],
      ...every([30.5, 35], 'A', 150),
    ]);
    expect(findings).toEqual([]);
  });

  test('may end before the capture is known to be back: what comes first is no end of a silence', () => {
    const { router, eventNames, findings } = play([
      ...every([0, 5], 'A', 150),
      [5.2, 'lost'],
      [30.02, 'A', 150],
      [30.1, 'deaf'],
      ...every([31.02, 35.02], 'A', 150),
    ]);
    expect(eventNames).toEqual(['router-seen', 'advertiser-seen']);
    expect(findings).toEqual([]);
    expect(router.state).toBe('ok');
  });

  test('hides how its master went: the gap is compared with no timer', () => {
    const takeoverAt = (first: readonly Step[]) => play([...first, ...every([30.4, 35.4], 'B', 100)]).router.takeovers;
    const heard = every([0, 5], 'A', 150);
    expect(takeoverAt([...heard, [5.2, 'lost'], [30, 'deaf']])).toEqual([
      expect.objectContaining({ from: A, to: B, kind: 'timed-out', gapUs: 25_400_000, expectedGapUs: null }),
    ]);
    const resigned: Step[] = [...heard, [5.2, 'lost'], [29.5, 'deaf'], [29.79, 'A', 0]];
    expect(takeoverAt(resigned)).toEqual([expect.objectContaining({ kind: 'resigned', gapUs: 610_000 })]);
  });

  test('does not end a split brain that goes on after it', () => {
    const { router } = play([
      ...together(every([0, 9], 'A', 150), every([5.61, 9], 'B', 100)),
      [30, 'deaf'],
      ...together(every([30.2, 35], 'A', 150), every([30.6, 35], 'B', 100)),
    ]);
    expect(router.state).toBe('split-brain');
    expect(router.splitBrains).toHaveLength(1);
  });
});

describe('a clock that is set back', () => {
  function setBack(steps: readonly Step[], byS: number): Step[] {
    return steps.map(([atS, ...rest]) => [atS - byS, ...rest] as unknown as Step);
  }

  test('while all is well changes nothing', () => {
    const { report, router, eventNames } = play([
      ...every([4000, 4010], 'A', 150),
      ...setBack(every([4011, 4020], 'A', 150), 3600),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ state: 'ok', master: A, takeovers: [], splitBrains: [] });
    expect(eventNames).not.toContain('silent');
    expect(eventNames).not.toContain('contested');
  });

  test('before a takeover does not hide it', () => {
    const { report, router } = play([
      ...every([4000, 4010], 'A', 150),
      ...setBack([...every([4011, 4013], 'A', 150), ...every([4016.61, 4020], 'B', 100)], 3600),
    ]);
    expect(report.exitStatus).toBe(0);
    expect(router.takeovers).toMatchObject([{ from: A, to: B, kind: 'timed-out', gapUs: 3_610_000 }]);
  });

  test('in a split brain keeps it one, with its end', () => {
    const course = together(every([4000, 4020], 'A', 150), every([4005.61, 4020], 'B', 100));
    const at = course.findIndex(([atS]) => atS > 4012);
    const { report, router, eventNames } = play([...course.slice(0, at), ...setBack(course.slice(at), 3600)]);
    expect(report.exitStatus).toBe(2);
    expect(router).toMatchObject({ state: 'split-brain', master: A });
    expect(router.splitBrains).toHaveLength(1);
    expect(eventNames.filter((name) => name.startsWith('split-brain'))).toEqual(['split-brain-confirmed']);
  });

  test('in a split brain that heals later leaves it as long as it was, but for the packet at the step', () => {
    const course = [
      ...together(every([4000, 4020], 'A', 150), every([4005.61, 4015], 'B', 100)),
      ...every([4021, 4025], 'A', 150),
    ];
    const at = course.findIndex(([atS]) => atS > 4012);
    const { router, split, events } = play([...course.slice(0, at), ...setBack(course.slice(at), 3600)]);
    expect(router.state).toBe('ok');
    // How long the step itself took is not known: 0.61 s are lost.
    expect([split.startS, split.confirmedS, split.endS]).toEqual([406.22, 407.22, 415]);
    expect(events.find(({ event }) => event === 'split-brain-ended')).toMatchObject({ durationUs: 8_780_000 });
  });

  test('in a split brain over one address under two VRIDs leaves it as long as it was', () => {
    const course = together(every([4000, 4020], 'A', 150), every([4000.4, 4015], 'B', 100));
    const at = course.findIndex(([atS]) => atS > 4008);
    const after = [...course.slice(at), ...every([4021, 4030], 'A', 150)];
    const { split } = play([...course.slice(0, at), ...setBack(after, 3600)], { nodes: { B: { vrid: 52 } } });
    expect(split.startS).toBe(400.8);
    expect(split.confirmedS).toBeLessThan(402);
    expect(split.endS).toBeGreaterThan(415);
  });

  test('between two split brains over one address lets the second one begin after the first', () => {
    const twice = together(every([4000, 4005], 'A', 150), every([4000.4, 4005], 'B', 100));
    const again = together(every([4020, 4025], 'A', 150), every([4020.4, 4025], 'B', 100));
    const { report } = play([...twice, [4005.7, 'B', 0], ...every([4006, 4019], 'A', 150), ...setBack(again, 3600)], {
      nodes: { B: { vrid: 52 } },
    });
    const [first, second] = report.virtualRouters.flatMap(({ splitBrains }) => splitBrains).map(told);
    expect(first?.endS).toBe(4005.7);
    expect([second?.startS, second?.endS]).toEqual([420.4, null]);
  });

  test.each([1.5, 60, 3600])('by %d s before a split brain does not delay its proof', (byS) => {
    const before = every([4000, 4010], 'A', 150);
    const after = together(every([4011, 4020], 'A', 150), every([4014.61, 4020], 'B', 100));
    const { split } = play([...before, ...setBack(after, byS)]);
    expect(split.confirmedS).toBeCloseTo(4015.61 - byS, 3);
  });

  test('by an hour forwards is a gap, and no split brain', () => {
    const { report } = play([...every([0, 10], 'A', 150), ...every([3611, 3620], 'A', 150)]);
    expect(report.exitStatus).not.toBe(2);
  });
});
