import { describe, expect, test } from 'vitest';
import { A, B, every, play, type Step, together } from '../support/story.ts';

/* What others do on the segment must not change what is said of the two that are split. */

const SPLIT = together(every([0, 25], 'A', 150), every([3.61, 25], 'B', 100));

describe('one forged advertisement of the highest priority', () => {
  const forged: Step = [6.1, 'X', 255];

  test('contests a healthy master and proves nothing', () => {
    const { report, router } = play(together(every([0, 25], 'A', 150), [forged]));
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(router).toMatchObject({ state: 'ok', master: A, splitBrains: [] });
  });

  test('does not end a split brain', () => {
    const { router } = play(together(SPLIT, [forged]));
    expect(router).toMatchObject({ state: 'split-brain', master: A });
    expect(router.splitBrains).toHaveLength(1);
  });

  test('does not become the winner of a split brain for ever', () => {
    const { split } = play(together(SPLIT, [forged]));
    expect(split).toMatchObject({ winner: A, deaf: [B] });
  });
});

describe('a network card that fails over', () => {
  const moved = { mac: '02:00:00:00:00:99' };

  test('does not end a split brain', () => {
    const { router } = play(
      together(every([0, 5], 'A', 150), every([6, 25], 'A', 150, 1, moved), every([3.61, 25], 'B', 100)),
    );
    expect(router).toMatchObject({ state: 'split-brain', master: A });
    expect(router.splitBrains).toHaveLength(1);
  });

  test('does not make its node one that should yield to itself', () => {
    const { split } = play(
      together(every([0, 5], 'A', 150), every([6, 25], 'A', 150, 1, moved), every([3.61, 25], 'B', 100)),
    );
    expect(split).toMatchObject({ winner: A, deaf: [B] });
  });
});

describe('other nodes of the cluster', () => {
  test('with the settings of the winner are not blamed', () => {
    const { split } = play([
      ...every([0, 5], 'C', 120),
      ...together(every([5.3, 20], 'A', 150), every([5.61, 20], 'B', 100)),
    ]);
    expect(split).toMatchObject({ winner: A, deaf: [B] });
  });

  test('that take over from the winner inherit the split brain', () => {
    const nodes = { B: { password: 'another' } };
    const { router } = play(
      [
        ...together(every([0, 5], 'A', 150), every([0.4, 5], 'B', 100)),
        [5.2, 'A', 0],
        ...together(every([5.73, 12], 'C', 120), every([5.4, 12], 'B', 100)),
      ],
      { nodes },
    );
    expect(router).toMatchObject({ state: 'split-brain', master: '10.0.0.3' });
    expect(router.splitBrains.at(-1)).toMatchObject({ winner: '10.0.0.3', deaf: [B], endUs: null });
  });

  test('have their takeovers told in order of time', () => {
    const { router } = play(
      together(
        every([0, 9], 'A', 150),
        every([0.5, 9], 'A', 150, 1, { mac: '02:00:00:00:00:99' }),
        every([0.3, 9], 'B', 100),
      ),
    );
    const times = router.takeovers.map(({ atUs }) => atUs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('different intervals of VRRPv3', () => {
  test('do not hide a deaf node that advertises ten times slower', () => {
    const nodes = { A: { intervalS: 1 }, B: { intervalS: 10 } };
    const { split } = play(together(every([0, 60], 'A', 150), every([5.5, 60], 'B', 100, 10)), {
      all: { version: 3 },
      nodes,
    });
    expect(split).toMatchObject({ startS: 5.5, confirmedS: 15.5, winner: A, deaf: [B] });
  });

  test('do not hide a deaf node that advertises a hundred times faster', () => {
    const nodes = { A: { intervalS: 10 }, B: { intervalS: 0.1 } };
    const { split } = play(together(every([0, 60], 'A', 150, 10), every([33.05, 60], 'B', 100, 0.1)), {
      all: { version: 3 },
      nodes,
    });
    expect(split).toMatchObject({ startS: 33.05, winner: A, deaf: [B] });
    expect(split.confirmedS).toBeLessThanOrEqual(43);
  });
});
