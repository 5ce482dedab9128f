import { describe, expect, test } from 'vitest';
import { carp, ethernet, frame, ipv4 } from '../support/build.ts';
import { A, B, type Cast, every, type Played, play, type Step, together } from '../support/story.ts';

function handover(atS: number, from: string, to: string): Step[] {
  return [[atS, from, 0], ...every([atS + 0.609375, atS + 20], to, 100)];
}

function findingOf({ report }: Played, code: string): unknown {
  return [...report.findings, ...report.virtualRouters.flatMap(({ findings }) => findings)].find(
    (finding) => finding.code === code,
  );
}

function codesOf(steps: readonly Step[], cast: Cast = {}): readonly string[] {
  return play(steps, cast).findings;
}

test('a healthy segment has no findings', () => {
  const { report, findings, eventNames } = play([...every([0, 5], 'A', 150), ...handover(5.4, 'A', 'B')]);
  expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
  expect(findings).toEqual([]);
  expect(eventNames).not.toContain('finding');
});

describe('flapping', () => {
  test('is found when the addresses move again and again', () => {
    const steps = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => handover(i * 25, i % 2 ? 'A' : 'B', i % 2 ? 'B' : 'A'));
    const played = play(steps);
    expect(findingOf(played, 'flapping')).toMatchObject({ severity: 'warning' });
    expect(played.report.exitStatus).toBe(1);
  });

  test('is not found in a planned restart of both nodes', () => {
    const steps = [0, 1, 2, 3].flatMap((i) => handover(i * 25, i % 2 ? 'A' : 'B', i % 2 ? 'B' : 'A'));
    expect(codesOf(steps)).not.toContain('flapping');
  });

  test('is not found when the same moves take four hours', () => {
    const steps = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [
      ...handover(i * 1_800, i % 2 ? 'A' : 'B', i % 2 ? 'B' : 'A'),
      ...every([i * 1_800 + 21, (i + 1) * 1_800 - 1], i % 2 ? 'B' : 'A', 100),
    ]);
    expect(codesOf(steps)).not.toContain('flapping');
  });
});

describe('late-adverts', () => {
  test('is found when a master keeps coming late', () => {
    const steps = [0, 1, 3.2, 4.2, 6.3, 7.3, 9.5, 10.5, 12.6, 13.6].map((atS): Step => [atS, 'A', 150]);
    const played = play(steps);
    expect(findingOf(played, 'late-adverts')).toMatchObject({ severity: 'warning' });
    expect(played.report.exitStatus).toBe(1);
  });

  test('is not found for the jitter of a loaded machine', () => {
    const steps = Array.from({ length: 60 }, (_, i): Step => [i + (i % 3) * 0.1, 'A', 150]);
    expect(codesOf(steps)).toEqual([]);
  });

  test('is not found when the capture lost them: the IP ids go on', () => {
    const steps = [0, 1, 3, 4, 6, 7, 9, 10, 12, 13].map((atS): Step => [atS, 'A', 150, { id: atS + 1 }]);
    expect(codesOf(steps)).not.toContain('late-adverts');
  });

  test('is not found where nobody could hear', () => {
    const deafUntil = (atS: number): Step => [atS, 'deaf'];
    const steps: Step[] = [
      ...every([0, 3], 'A', 150),
      deafUntil(6),
      ...every([6.2, 9.2], 'A', 150),
      deafUntil(12),
      ...every([12.2, 15.2], 'A', 150),
      deafUntil(18),
      ...every([18.2, 20.2], 'A', 150),
    ];
    expect(codesOf(steps)).not.toContain('late-adverts');
  });
});

describe('config-mismatch', () => {
  test('is found when two members differ and only one of them claims the addresses', () => {
    const steps = [...every([0, 5], 'A', 150), [5.4, 'A', 0], ...every([6.01, 12], 'B', 100)] as const;
    const played = play(steps, { nodes: { B: { password: 'other' } } });
    expect(findingOf(played, 'config-mismatch')).toMatchObject({ severity: 'warning' });
    expect(played.report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(JSON.stringify(played.report)).not.toContain('other');
  });

  test('is found when both are configured as owner', () => {
    const steps = [...every([0, 5], 'A', 255), [5.4, 'A', 0], ...every([6, 12], 'B', 255)] as const;
    expect(codesOf(steps)).toContain('config-mismatch');
  });

  test('is not found when they differ in priority alone', () => {
    expect(codesOf([...every([0, 5], 'A', 150), ...handover(5.4, 'A', 'B')])).not.toContain('config-mismatch');
  });

  test('is not found when the intervals of VRRPv3 differ', () => {
    const cast = { all: { version: 3 }, nodes: { B: { intervalS: 2 } } };
    expect(codesOf([...every([0, 5], 'A', 150), ...handover(5.4, 'A', 'B')], cast)).not.toContain('config-mismatch');
  });

  test('is not found while it splits them: then it is the cause', () => {
    const both = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));
    expect(codesOf(both, { nodes: { B: { password: 'other' } } })).not.toContain('config-mismatch');
  });

  test('is not found any more when all were changed', () => {
    const changed = { intervalS: 2 };
    const steps = [
      ...every([0, 5], 'A', 150),
      ...handover(5.4, 'A', 'B'),
      [26, 'B', 0],
      ...every([26.5, 40], 'A', 150, 2, changed),
      [40.7, 'A', 0],
      ...every([41.4, 50], 'B', 100, 2, changed),
    ] as const;
    expect(codesOf(steps)).not.toContain('config-mismatch');
  });
});

describe('two-vrids-one-address', () => {
  test('is found when a VRID was mistyped', () => {
    const both = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100, 1, { vrid: 52 }));
    expect(codesOf(both)).toContain('two-vrids-one-address');
  });

  test('is not found when each VRID has addresses of its own', () => {
    const b = every([0.4, 9], 'B', 100, 1, { vrid: 52, addresses: ['10.0.0.200'] });
    expect(codesOf(together(every([0, 9], 'A', 150), b))).toEqual([]);
  });
});

describe('malformed-advert', () => {
  test('is found for a message shorter than its addresses need', () => {
    expect(findingOf(play(every([0, 3], 'A', 150, 1, { count: 5 })), 'malformed-advert')).toMatchObject({
      summary: 'an advertisement of 10.0.0.1 is too short: count 5 needs 20 bytes, 12 left; routers discard it',
    });
  });

  test('is found for VRRPv2 without its authentication data', () => {
    expect(findingOf(play(every([0, 3], 'A', 150, 1, { authData: false })), 'malformed-advert')).toMatchObject({
      summary:
        'an advertisement of 10.0.0.1 is too short: authentication data needs 8 bytes, 0 left; routers discard it',
    });
  });

  test('is found for a message of which nothing can be read', () => {
    const payload = Uint8Array.of(0x21, 51);
    const broken = ethernet({ payload: ipv4({ src: B, dst: '224.0.0.18', payload }) });
    const played = play([...every([0, 3], 'A', 150), [3.4, broken], [4, 'A', 150]]);
    expect(findingOf(played, 'malformed-advert')).toMatchObject({ severity: 'warning', count: 1 });
    expect(JSON.stringify(findingOf(played, 'malformed-advert'))).toContain(B);
  });

  test('is found once, and counted', () => {
    const played = play(every([0, 9], 'A', 150, 1, { count: 5 }));
    expect(findingOf(played, 'malformed-advert')).toMatchObject({ count: 10 });
    expect(played.events.filter(({ event }) => event === 'finding')).toHaveLength(1);
  });

  test('is not found for padding of short frames', () => {
    expect(codesOf(every([0, 3], 'A', 150, 1, { padTo: 60 }))).toEqual([]);
  });

  test('is not found for the HMAC trailer', () => {
    expect(codesOf(every([0, 3], 'A', 150, 1, { hmac: true }))).toEqual([]);
  });
});

describe('bad-checksum', () => {
  test('is found', () => {
    const played = play(every([0, 3], 'A', 150, 1, { checksum: 'bad' }));
    expect(findingOf(played, 'bad-checksum')).toMatchObject({ severity: 'warning', count: 4 });
    expect(played.report.exitStatus).toBe(1);
  });

  test('is not found for either checksum definition of VRRPv3', () => {
    for (const checksum of ['plain', 'pseudo'] as const) {
      expect(codesOf(every([0, 3], 'A', 150, 1, { version: 3, checksum }))).toEqual([]);
    }
  });

  test('is not found for old keepalived that sums up the group in unicast', () => {
    const settings = { version: 3, to: B, checksum: 'pseudo-group' } as const;
    expect(codesOf(every([0, 3], 'A', 150, 1, settings))).toEqual([]);
  });
});

describe('unsafe-ttl', () => {
  test('is found for multicast with a TTL other than 255', () => {
    const played = play(every([0, 3], 'A', 150, 1, { ttl: 254 }));
    expect(findingOf(played, 'unsafe-ttl')).toMatchObject({ severity: 'warning' });
  });

  test('is found for the hop limit of IPv6', () => {
    expect(codesOf(every([0, 3], 'A', 150, 1, { from: 'fe80::1', ttl: 64 }))).toContain('unsafe-ttl');
  });

  test('is not found for unicast', () => {
    expect(codesOf(every([0, 3], 'A', 150, 1, { to: B, ttl: 64 }))).toEqual([]);
  });
});

describe('duplicate-source', () => {
  const other = { mac: '02:00:00:00:00:99' };

  test('is found when one IP address speaks with two hardware addresses in turn', () => {
    const both = together(every([0, 9], 'A', 100), every([0.5, 9], 'A', 100, 1, other));
    expect(codesOf(both)).toContain('duplicate-source');
  });

  test('a split brain of the two names both hardware addresses', () => {
    const both = play(together(every([0, 9], 'A', 100), every([0.5, 9], 'A', 100, 1, other)));
    expect(both.report.virtualRouters[0]?.splitBrains[0]?.cause.differs).toEqual({
      field: 'mac',
      values: {
        '10.0.0.1 (02:00:00:00:00:01)': '02:00:00:00:00:01',
        '10.0.0.1 (02:00:00:00:00:99)': '02:00:00:00:00:99',
      },
    });
  });

  test('is repaired on the one of the two that its hardware address names', () => {
    const both = play(together(every([0, 9], 'A', 150), every([0.5, 9], 'A', 100, 1, other)));
    const [remedy] = both.report.virtualRouters[0]?.splitBrains[0]?.cause.remedies ?? [];
    expect(remedy?.on).toBe(`${A} (02:00:00:00:00:99)`);
    expect(remedy?.command).toBe('ip -br link | grep -F 02:00:00:00:00:99; ip -br addr');
  });

  test('is not found when a network card fails over once', () => {
    const steps = [...every([0, 5], 'A', 150), ...every([6, 12], 'A', 150, 1, other)];
    expect(codesOf(steps)).not.toContain('duplicate-source');
  });

  test('is not found when two nodes share a hardware address', () => {
    const steps = [...every([0, 5], 'A', 150), ...handover(5.4, 'A', 'B')];
    expect(codesOf(steps, { all: { mac: '00:00:5e:00:01:33' } })).toEqual([]);
  });
});

describe('unexpected-advertiser', () => {
  const expectations = [{ vrid: 51, sources: [A] }];

  test('is found and critical when another source advertises an expected virtual router', () => {
    const played = play([...every([0, 5], 'A', 150), ...handover(5.4, 'A', 'B')], { expectations });
    expect(findingOf(played, 'unexpected-advertiser')).toMatchObject({ severity: 'critical' });
    expect(played.report.exitStatus).toBe(2);
    expect(played.router.splitBrains).toEqual([]);
  });

  test('names each of several', () => {
    const { report } = play(together(every([0, 9], 'A', 150), [[3.1, 'X', 1]], [[4.1, 'Y', 1]], [[5.1, 'X', 1]]), {
      expectations,
    });
    const found = report.virtualRouters.flatMap(({ findings }) => findings);
    expect(found.map(({ summary }) => summary.split(' ')[0])).toEqual(['10.0.0.24', '10.0.0.25']);
  });

  test('is looked for in the family of the expected addresses alone', () => {
    const { report, findings } = play(
      together(
        every([0, 5], 'A', 150),
        every([0, 5], 'B', 150, 1, { from: 'fe80::2', to: 'ff02::12', version: 3, addresses: ['fe80::100'] }),
      ),
      { expectations },
    );
    expect(findings).toEqual([]);
    expect(report.exitStatus).toBe(0);
  });

  test('is not found while the expected ones advertise', () => {
    const both = [{ vrid: 51, sources: [A, B] }];
    const played = play([...every([0, 5], 'A', 150), ...handover(5.4, 'A', 'B')], { expectations: both });
    expect(played.findings).toEqual([]);
    expect(played.report.exitStatus).toBe(0);
  });

  test('is not found for a virtual router that may be advertised by anybody', () => {
    const played = play(every([0, 5], 'B', 150), { expectations: [{ vrid: 51, sources: null }] });
    expect(played.findings).toEqual([]);
  });

  test('is not found for other virtual routers', () => {
    const played = play(
      together(every([0, 5], 'A', 150), every([0, 5], 'B', 150, 1, { vrid: 9, addresses: ['10.0.0.9'] })),
      {
        expectations,
      },
    );
    expect(played.findings).toEqual([]);
  });

  test('is not needed for an expected virtual router to be missed: its silence is critical', () => {
    const { report } = play(every([0, 5], 'A', 150), { expectations: [{ vrid: 77, sources: null }] });
    expect(report.exitStatus).toBe(2);
    expect(report.virtualRouters.find(({ vrid }) => vrid === 77)?.state).toBe('silent');
  });
});

describe('paused-master', () => {
  test('is not found for the loser of a split brain that yielded, once its master has resigned', () => {
    const steps = together(every([0, 12], 'A', 150), every([3.4, 6.4], 'B', 100));
    const played = play([...steps, [12.2, 'A', 0], ...every([12.8, 16.8], 'B', 100)]);
    expect(played.report.exitStatus).toBe(2);
    expect(played.findings).toEqual([]);
  });

  /** A says nothing from 3 s to 10 s; B takes over meanwhile. */
  function away(firstId: number): Step[] {
    return [
      ...every([0, 3], 'A', 150),
      ...every([6.61, 9.61], 'B', 100),
      ...[0, 1, 2, 3].map((i): Step => [10 + i, 'A', 150, { id: firstId + i }]),
    ];
  }

  test('is found when a master comes back after a takeover without having resigned', () => {
    const played = play(away(5));
    expect(played.findings).toContain('paused-master');
    expect(JSON.stringify(findingOf(played, 'paused-master'))).toContain(A);
  });

  test('tells by its IP ids when it went on elsewhere, which asks for attention', () => {
    const played = play(away(11));
    expect(findingOf(played, 'paused-master')).toMatchObject({ severity: 'warning' });
    expect(played.report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
  });

  test('asks for attention although it was harmless the first time', () => {
    const again: Step[] = [20, 21, 22].map((atS, i) => [atS, 'A', 150, { id: 15 + i }]);
    const played = play([...away(5), ...every([16.61, 19.61], 'B', 100), ...again]);
    expect(findingOf(played, 'paused-master')).toMatchObject({ severity: 'warning', count: 2 });
  });

  test('is not found when it was started anew', () => {
    expect(codesOf(away(1))).not.toContain('paused-master');
  });

  test('is not found when it had resigned', () => {
    const steps = away(6).flatMap((step): Step[] => (step[0] === 3 ? [step, [3.2, 'A', 0]] : [step]));
    expect(codesOf(steps)).not.toContain('paused-master');
  });

  test('is not found when it had yielded to a higher priority', () => {
    const steps: Step[] = [
      ...every([0, 5], 'B', 100),
      ...every([5.3, 10.3], 'A', 150),
      [10.6, 'A', 0],
      ...every([11.2, 15], 'B', 100),
    ];
    expect(codesOf(steps)).toEqual([]);
  });
});

describe('not-vrrp', () => {
  const speaker = ethernet({ payload: ipv4({ src: B, dst: '224.0.0.18', payload: carp({ vhid: 7 }) }) });

  test('is found for CARP, which changes nothing else', () => {
    const played = play(
      together(every([0, 5], 'A', 150), [
        [0.5, speaker],
        [1.5, speaker],
      ]),
    );
    const summary = expect.stringContaining('CARP (vhid 7)');
    expect(findingOf(played, 'not-vrrp')).toMatchObject({ severity: 'info', count: 2, summary });
    expect(played.router.advertisers.map(({ source }) => source)).toEqual([A]);
    expect(played.report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
  });

  test('is not found for VRRPv2 with seven addresses', () => {
    const addresses = [1, 2, 3, 4, 5, 6, 7].map((i) => `10.0.0.${100 + i}`);
    expect(codesOf(every([0, 3], 'A', 1, 1, { addresses }))).toEqual([]);
  });

  test('leaves a capture without VRRP unknown', () => {
    expect(play([[0, speaker]]).report).toMatchObject({ verdict: 'unknown', exitStatus: 3 });
  });
});

describe('clock-went-back', () => {
  test('is found when the time of the packets steps back', () => {
    const played = play([...every([100, 110], 'A', 150), ...every([51, 60], 'A', 150)]);
    expect(findingOf(played, 'clock-went-back')).toMatchObject({ count: 1 });
    expect(played.router).toMatchObject({ state: 'ok', takeovers: [], splitBrains: [] });
    expect(played.report.exitStatus).toBe(0);
  });

  test('is not found for packets of two queues that are out of order by milliseconds', () => {
    const played = play([
      [0, 'A', 150],
      [1, 'A', 150],
      [2.001, 'A', 150],
      [2, 'B', 0],
      [3, 'A', 150],
    ]);
    expect(played.findings).toEqual([]);
  });
});

describe('tracking-limit', () => {
  test('is found when more senders than a cluster can have advertise one VRID', () => {
    const forged = Array.from({ length: 300 }, (_, i): Step => {
      const from = `10.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`;
      return [5 + i / 1000, frame({ from, priority: 50 })];
    });
    expect(codesOf([...every([0, 4], 'A', 150), ...forged])).toContain('tracking-limit');
  });

  test('is not found for all VRIDs of both families', () => {
    const steps = Array.from({ length: 255 }, (_, i) => [
      frame({ from: A, vrid: i + 1, addresses: [`10.1.0.${i + 1}`] }),
      frame({ from: 'fe80::1', vrid: i + 1, addresses: [`fe80::1:${i + 1}`] }),
    ]).flat();
    const played = play(steps.map((bytes, i): Step => [i / 1000, bytes]));
    expect(played.report.virtualRouters).toHaveLength(510);
    expect(played.findings).not.toContain('tracking-limit');
  });
});
