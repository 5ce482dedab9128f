import { describe, expect, test } from 'vitest';
import { A, B, every, play, type Settings, type Step, together } from '../support/story.ts';

const [C, D] = ['10.0.0.3', '10.0.0.4'];
const OTHERS: Settings = { addresses: ['10.0.0.200'] };

/** A and B have one address, C and D another; all of them use one VRID, and each cluster rejects what the other sends. */
const nodes = { C: OTHERS, D: OTHERS };

/** A and C take turns in silencing each other; A resigns, B follows, and the same happens to C and D. */
const STORY: Step[] = [
  ...every([0, 3], 'A', 150),
  [3.3, 'C', 120],
  ...every([4.3, 6.3], 'A', 150),
  ...every([7.3, 9.3], 'C', 120),
  [9.8, 'A', 0],
  [10.409, 'B', 100],
  ...every([11.409, 13.409], 'C', 120),
  [14.409, 'B', 100],
  [14.7, 'C', 0],
  [15.388, 'D', 80],
  ...every([16.388, 20], 'B', 100),
];

describe('of two clusters that share a VRID', () => {
  test('each is told who followed its master, and none that a node followed one of the other cluster', () => {
    const { router } = play(STORY, { nodes });
    expect(router.takeovers).toMatchObject([
      { from: A, to: B, kind: 'resigned', gapUs: 609_000 },
      { from: C, to: D, kind: 'resigned', gapUs: 688_000 },
    ]);
  });

  test('one that resigns without a mate hands over to nobody', () => {
    const steps = [
      ...every([0, 5], 'B', 100),
      [5.8, 'A', 150] as const,
      ...every([6.8, 12.8], 'B', 100),
      [13, 'A', 0] as const,
      ...every([14, 20], 'B', 100),
    ];
    const { router, eventNames } = play(steps, { nodes: { A: OTHERS } });
    expect(router).toMatchObject({ state: 'ok', master: B, takeovers: [] });
    expect(eventNames).not.toContain('takeover');
  });

  test('one that speaks after a silence of all is told of, although it follows nobody', () => {
    const { eventNames, router } = play([...every([0, 5], 'A', 150), ...every([30, 35], 'C', 120)], { nodes });
    expect(router.takeovers).toEqual([]);
    expect(eventNames.slice(-3)).toEqual(['silent', 'advertiser-seen', 'router-seen']);
  });

  test('a word of a mate that the master answers is no takeover', () => {
    const steps = together(STORY.slice(0, 10), [
      [9.31, 'B', 100],
      [9.311, 'A', 150],
    ]);
    expect(play(steps, { nodes }).router.takeovers).toEqual([]);
  });
});

describe('of three masters', () => {
  const DEAF = [every([0, 12], 'C', 50), every([0.6, 12], 'A', 150), every([0.8, 12], 'B', 100)];

  test('none has taken over from another where the capture begins in the middle of it', () => {
    const { split, router } = play(together(...DEAF));
    expect(split.claimants).toEqual([A, B, C]);
    expect(router.takeovers).toEqual([]);
  });

  test('one that had yielded to another before it became deaf was followed by that one', () => {
    const { router } = play(
      together(
        every([0, 2], 'C', 50),
        every([2.6, 20], 'A', 150),
        every([3.2, 20], 'B', 100),
        every([6.4, 20], 'C', 50),
      ),
    );
    expect(router.takeovers).toMatchObject([{ from: C, to: A, kind: 'preempted' }]);
  });
});
