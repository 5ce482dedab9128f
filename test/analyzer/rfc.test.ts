import { describe, expect, test } from 'vitest';
import { A, B, C, every, play, type Settings, type Step, together } from '../support/story.ts';

/* The rules of the election, one test each, as somebody sees them who only listens. */

const HEALTHY = { verdict: 'ok', exitStatus: 0 };

/** VRRPv3 with an interval. */
function v3(intervalS: number): { all: Settings } {
  return { all: { version: 3, intervalS } };
}

describe('RFC 3768 6.4.1, Initialize', () => {
  test('the owner of the addresses advertises at once, without waiting for anybody', () => {
    const { report, router } = play(every([0, 5], 'A', 255));
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ state: 'ok', master: A });
  });

  test('an owner that starts takes the addresses from a running master, which falls silent', () => {
    const { report, router } = play([...every([0, 5], 'B', 200), ...every([5.3, 10], 'A', 255)]);
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([
      { from: B, to: A, kind: 'preempted', gapUs: 300_000, expectedGapUs: null },
    ]);
  });

  test('all others wait in silence, so the first advertisement of a segment is no takeover', () => {
    const { router, eventNames } = play(every([0, 5], 'B', 100));
    expect(router.takeovers).toEqual([]);
    expect(eventNames).toEqual(['router-seen', 'advertiser-seen']);
  });
});

describe('RFC 3768 6.4.2, Backup', () => {
  test('waits for Skew_Time after priority 0: (256 - priority) / 256 s', () => {
    for (const [priority, gapUs] of [
      [100, 609_375],
      [150, 414_063],
      [254, 7_813],
      [1, 996_094],
    ] as const) {
      const { report, router } = play([
        ...every([0, 3], 'A', 255),
        [3.5, 'A', 0],
        ...every([3.5 + gapUs / 1e6, 8], 'B', priority),
      ]);
      expect(report).toMatchObject(HEALTHY);
      expect(router.takeovers).toHaveLength(1);
      expect(router.takeovers[0]).toMatchObject({ from: A, to: B, kind: 'resigned', gapUs });
      expect(router.takeovers[0]?.expectedGapUs).toBeCloseTo(gapUs, -1);
    }
  });

  test('waits for a skew that does not depend on the interval in VRRPv2', () => {
    const { router } = play([...every([0, 30], 'A', 150, 10), [31, 'A', 0], ...every([31.61, 60], 'B', 100, 10)], {
      all: { intervalS: 10 },
    });
    expect(router.takeovers).toMatchObject([{ kind: 'resigned', gapUs: 610_000, expectedGapUs: 609_375 }]);
  });

  test('waits for Master_Down_Interval of a silent master: three intervals and the skew', () => {
    for (const [priority, gapUs] of [
      [100, 3_609_375],
      [150, 3_414_063],
      [254, 3_007_813],
      [1, 3_996_094],
    ] as const) {
      const { report, router } = play([...every([0, 3], 'A', 255), ...every([3 + gapUs / 1e6, 9], 'B', priority)]);
      expect(report).toMatchObject(HEALTHY);
      expect(router.takeovers).toHaveLength(1);
      expect(router.takeovers[0]).toMatchObject({ from: A, to: B, kind: 'timed-out', gapUs });
      expect(router.takeovers[0]?.expectedGapUs).toBeCloseTo(gapUs, -1);
    }
  });

  test('waits for three of its intervals, whatever they are', () => {
    const { report, router } = play([...every([0, 40], 'A', 150, 10), ...every([70.61, 110], 'B', 100, 10)], {
      all: { intervalS: 10 },
    });
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([{ kind: 'timed-out', gapUs: 30_610_000, expectedGapUs: 30_609_375 }]);
  });

  test('that is first after a silence is the one of highest priority, and the others stay silent', () => {
    const { report, router } = play([...every([0, 3], 'A', 200), ...every([6.414063, 12], 'C', 150)]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ master: C, takeovers: [{ to: C, kind: 'timed-out' }] });
  });

  test('takes over before its timer from a master of lower priority (Preempt_Mode)', () => {
    const { report, router, eventNames } = play([...every([0, 5], 'B', 100), ...every([5.84, 12], 'A', 150)]);
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([
      { from: B, to: A, kind: 'preempted', gapUs: 840_000, expectedGapUs: null },
    ]);
    expect(eventNames).not.toContain('contested');
  });

  test('without Preempt_Mode leaves a master of lower priority alone, which nobody hears', () => {
    const { report, router } = play([
      ...every([0, 3], 'A', 150),
      ...every([6.61, 12], 'B', 100),
      [12.3, 'B', 0],
      ...every([12.714063, 16], 'A', 150),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([
      { from: A, to: B, kind: 'timed-out' },
      { from: B, to: A, kind: 'resigned' },
    ]);
  });

  test('takes over from a master whose priority fell below its own', () => {
    const { report, router } = play([
      ...every([0, 2], 'A', 150),
      ...every([3, 5], 'A', 90),
      ...every([5.61, 10], 'B', 100),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([{ from: A, to: B, kind: 'preempted', expectedGapUs: null }]);
    expect(router.advertisers[0]).toMatchObject({ source: A, priorities: [150, 90] });
  });

  test('that takes over before its timer without outranking the master is early', () => {
    // keepalived `down_timer_adverts 2`; the master is dead and late, so nobody is offended.
    const { report, router } = play([...every([0, 5], 'A', 150), ...every([7.61, 14], 'B', 100)]);
    expect(report.exitStatus).not.toBe(2);
    expect(router.takeovers).toMatchObject([
      { from: A, to: B, kind: 'early', gapUs: 2_610_000, expectedGapUs: 3_609_375 },
    ]);
  });
});

describe('RFC 3768 6.4.3, Master', () => {
  test('that hears priority 0 advertises at once and stays master', () => {
    const { report, router } = play([...every([0, 5], 'A', 150), [5.4, 'B', 0], ...every([5.4005, 10], 'A', 150)]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ state: 'ok', master: A, takeovers: [] });
  });

  test('that hears a higher priority falls silent without a farewell', () => {
    const { report, router } = play([...every([0, 4], 'B', 100), ...every([4.2, 9], 'A', 101)]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ master: A, takeovers: [{ kind: 'preempted' }] });
  });

  test('that hears its own priority from a greater address falls silent', () => {
    const { report, router } = play([...every([0, 4], 'A', 100), ...every([4.2, 9], 'B', 100)]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ master: B, takeovers: [{ from: A, to: B, kind: 'preempted' }] });
  });

  test('that hears its own priority from a smaller address goes on, so the smaller one should yield', () => {
    const { split } = play(together(every([0, 9], 'B', 100), every([0.4, 9], 'A', 100)));
    expect(split).toMatchObject({ winner: B, deaf: [A] });
  });

  test('compares addresses as numbers, not as text', () => {
    const nodes = { A: { from: '10.0.0.9' }, B: { from: '10.0.0.10' } };
    const { split } = play(together(every([0, 9], 'A', 100), every([0.4, 9], 'B', 100)), { nodes });
    expect(split).toMatchObject({ winner: '10.0.0.10', deaf: ['10.0.0.9'] });
  });

  test('discards a lower priority without a word, so one such advertisement contests and proves nothing', () => {
    const { report, router, eventNames } = play([
      ...together(every([0, 5], 'A', 150), [[5.4, 'B', 100]]),
      ...every([6, 7], 'A', 150),
    ]);
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(router).toMatchObject({ state: 'contested', master: A, splitBrains: [] });
    expect(eventNames).toContain('contested');
  });

  test('sends one advertisement of priority 0 on shutdown, and leaves no master until another takes over', () => {
    const { report, router } = play([...every([0, 5], 'A', 150), [5.2, 'A', 0]]);
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(router).toMatchObject({ state: 'handover', master: null });
    expect(router.advertisers).toMatchObject([{ priority: 0, resignedUs: 1_700_000_005_200_000, claiming: false }]);
  });

  test('may send priority 0 twice, which is one resignation', () => {
    const { report, router } = play([
      ...every([0, 5], 'A', 150),
      [5.2, 'A', 0],
      [5.2001, 'A', 0],
      ...every([5.809375, 9], 'B', 100),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([{ kind: 'resigned', gapUs: 609_375 }]);
  });
});

describe('RFC 3768 7.1, Receiving', () => {
  function splitBy(of: Settings): ReturnType<typeof play>['split'] {
    return play(together(every([0, 3], 'A', 150), every([0.4, 3], 'B', 100, 1, of))).split;
  }

  test('a TTL other than 255 must be discarded', () => {
    const { findings } = play(every([0, 3], 'A', 150, 1, { ttl: 254 }));
    expect(findings).toContain('unsafe-ttl');
  });

  test('a checksum that is wrong must be discarded', () => {
    const { findings } = play(every([0, 3], 'A', 150, 1, { checksum: 'bad' }));
    expect(findings).toContain('bad-checksum');
  });

  test('an incomplete message must be discarded', () => {
    const { findings } = play(every([0, 3], 'A', 150, 1, { count: 3 }));
    expect(findings).toContain('malformed-advert');
  });

  test('another version must be discarded', () => {
    expect(splitBy({ version: 3 }).cause).toMatchObject({ code: 'version-mismatch', confidence: 'certain' });
  });

  test('another authentication type must be discarded', () => {
    expect(splitBy({ password: 'x' }).cause).toMatchObject({ code: 'auth-mismatch', confidence: 'certain' });
  });

  test('another interval must be discarded in VRRPv2', () => {
    expect(splitBy({ intervalS: 2 }).cause).toMatchObject({ code: 'interval-mismatch', confidence: 'certain' });
  });

  test('other addresses may be discarded', () => {
    const { cause } = splitBy({ addresses: ['10.0.0.100', '10.0.0.101'] });
    expect(cause.code).toBe('address-mismatch');
    expect(cause.summary).toContain('2.3.2');
  });

  test('another VRID is another virtual router', () => {
    const { report } = play(
      together(every([0, 5], 'A', 150), every([0.4, 5], 'B', 100, 1, { vrid: 52, addresses: ['10.0.0.200'] })),
    );
    expect(report).toMatchObject(HEALTHY);
    expect(report.virtualRouters.map(({ vrid, master }) => [vrid, master])).toEqual([
      [51, A],
      [52, B],
    ]);
  });
});

describe('RFC 5798 and RFC 9568 6.1, timers of VRRPv3', () => {
  test('the skew scales with the interval: 60.9 ms for priority 100 at 0.1 s', () => {
    const { report, router } = play(
      [...every([0, 2], 'A', 150, 0.1), [2.05, 'A', 0], ...every([2.110938, 3], 'B', 100, 0.1)],
      v3(0.1),
    );
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([{ kind: 'resigned', gapUs: 60_938, expectedGapUs: 60_937.5 }]);
  });

  test('the master down interval is three intervals and that skew: 360.9 ms', () => {
    const { report, router } = play([...every([0, 2], 'A', 150, 0.1), ...every([2.360938, 4], 'B', 100, 0.1)], v3(0.1));
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([{ kind: 'timed-out', gapUs: 360_938, expectedGapUs: 360_937.5 }]);
  });

  test('the longest interval, 40.95 s, is waited for', () => {
    const downS = 40.95 * (3 + 156 / 256);
    const { report, router } = play(
      [...every([0, 40.95], 'A', 150, 40.95), ...every([40.95 + downS, 300], 'B', 100, 40.95)],
      v3(40.95),
    );
    expect(report).toMatchObject(HEALTHY);
    expect(router.takeovers).toMatchObject([{ kind: 'timed-out' }]);
    expect(router.takeovers[0]?.expectedGapUs).toBeCloseTo(downS * 1e6, -1);
  });

  test('a backup waits by the interval that it learned from the master, not by its own', () => {
    const nodes = { A: { intervalS: 1 }, B: { intervalS: 0.3 } };
    const { report, router } = play([...every([0, 5], 'A', 150), ...every([8.609375, 12], 'B', 100, 0.3)], {
      all: { version: 3 },
      nodes,
    });
    expect(report.exitStatus).not.toBe(2);
    expect(router.takeovers).toMatchObject([{ kind: 'timed-out', gapUs: 3_609_375, expectedGapUs: 3_609_375 }]);
  });
});

describe('RFC 5798 and RFC 9568 6.4', () => {
  test('6.4.2: a resignation hands IPv6 addresses over as it does IPv4 addresses', () => {
    const nodes = { A: { from: 'fe80::1' }, B: { from: 'fe80::2' } };
    const { report, router } = play([...every([0, 3], 'A', 150), [3.5, 'A', 0], ...every([4.109375, 8], 'B', 100)], {
      nodes,
    });
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ family: 6, master: 'fe80::2', takeovers: [{ kind: 'resigned' }] });
  });

  test('6.4.3: equal priorities are decided by the link-local address in IPv6', () => {
    const nodes = { A: { from: 'fe80::a' }, B: { from: 'fe80::1:0' } };
    const { split } = play(together(every([0, 5], 'A', 100), every([0.4, 5], 'B', 100)), { nodes });
    expect(split).toMatchObject({ winner: 'fe80::1:0', deaf: ['fe80::a'] });
  });

  test('6.4.3 of RFC 9568: a master answers a lower priority at once, and the lower one falls silent', () => {
    const { report, router } = play([...every([0, 5], 'A', 150), [5.4, 'B', 100], ...every([5.401, 12], 'A', 150)]);
    expect(report.exitStatus).toBe(1);
    expect(router).toMatchObject({ state: 'ok', master: A, splitBrains: [], takeovers: [] });
  });

  test('6.4.3: two that become master at the same moment cross on the wire, and one stays', () => {
    const { report, router } = play([
      ...every([0, 3], 'A', 200),
      [3.2, 'A', 0],
      [3.809375, 'B', 100],
      [3.8094, 'C', 100],
      [3.8101, 'C', 100],
      ...every([4.8101, 9], 'C', 100),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ state: 'ok', master: C });
  });

  test('7.1: another interval is learned in VRRPv3, and no reason for a split brain', () => {
    const nodes = { A: { intervalS: 1 }, B: { intervalS: 0.3 } };
    const { report, router, findings } = play([...every([0, 2.1], 'B', 100, 0.3), ...every([2.2, 8], 'A', 150)], {
      all: { version: 3 },
      nodes,
    });
    expect(report).toMatchObject(HEALTHY);
    expect(findings).toEqual([]);
    expect(router.takeovers).toMatchObject([{ kind: 'preempted' }]);
  });

  test('8.4: a router that sends VRRPv2 and VRRPv3 in turn is one master', () => {
    const steps: Step[] = together(every([0, 8], 'A', 150), every([0.001, 8], 'A', 150, 1, { version: 3 }));
    const { report, router } = play(steps);
    expect(report).toMatchObject(HEALTHY);
    expect(router.advertisers).toHaveLength(1);
  });
});
