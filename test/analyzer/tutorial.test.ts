import { describe, expect, test } from 'vitest';
import { every, play, together } from '../support/story.ts';

/* The two listings of the tutorial: vrid 99, authtype simple, interval 1 s, every second. */

const MASTER = '192.168.0.111';
const BACKUP = '192.168.0.117';
const CAST = {
  all: { vrid: 99, password: 'tutorial', addresses: ['192.168.0.99'] },
  nodes: { M: { from: MASTER }, S: { from: BACKUP } },
};

describe('the tutorial', () => {
  test('one node that advertises every second is healthy', () => {
    const { report, router } = play(every([0, 10], 'M', 100), CAST);
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0, findings: [] });
    expect(router).toMatchObject({ vrid: 99, state: 'ok', master: MASTER, splitBrains: [], takeovers: [] });
    expect(router.advertisers).toMatchObject([{ source: MASTER, priority: 100, authType: 'simple', adverts: 11 }]);
  });

  test('two nodes that advertise in turn every second are split brain, and the lower one is deaf', () => {
    const { report, router, split } = play(together(every([0, 10], 'M', 100), every([0.5, 10], 'S', 80)), CAST);
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    expect(router).toMatchObject({ vrid: 99, state: 'split-brain', master: MASTER });
    expect(split).toMatchObject({ winner: MASTER, deaf: [BACKUP], endS: null });
    expect(split.evidence).toContain('adverts');
    expect(split.cause.code).toBe('filtered');
  });

  test('the order of the two and their phase do not matter', () => {
    for (const phaseS of [0.001, 0.05, 0.11, 0.5, 0.9, 0.999]) {
      const { report, split } = play(together(every([phaseS, 10], 'M', 100), every([0, 10], 'S', 80)), CAST);
      expect(report.exitStatus).toBe(2);
      expect(split).toMatchObject({ winner: MASTER, deaf: [BACKUP] });
    }
  });

  test('the address drifts within a second when the master is stopped, and back when it is started', () => {
    const { report, router } = play(
      [...every([0, 5], 'M', 100), [5.4, 'M', 0], ...every([6.0875, 12.5], 'S', 80), ...every([13, 20], 'M', 100)],
      CAST,
    );
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
    expect(router.takeovers).toMatchObject([
      { from: MASTER, to: BACKUP, kind: 'resigned', gapUs: 687_500, expectedGapUs: 687_500 },
      { from: BACKUP, to: MASTER, kind: 'preempted', expectedGapUs: null },
    ]);
  });

  test('the password is in no part of the report', () => {
    const { report, events } = play(together(every([0, 10], 'M', 100), every([0.5, 10], 'S', 80)), CAST);
    expect(JSON.stringify([report, events])).not.toContain('tutorial');
  });
});
