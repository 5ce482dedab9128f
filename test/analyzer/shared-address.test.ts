import { describe, expect, test } from 'vitest';
import { A, B, every, type Played, play, type Settings, type Step, together } from '../support/story.ts';

const HEALTHY = { verdict: 'ok', exitStatus: 0 };

/** A under vrid 51, B under vrid 52, both every second. */
const BOTH: readonly Step[] = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));

function nodes(b: Settings): { nodes: { B: Settings } } {
  return { nodes: { B: { vrid: 52, ...b } } };
}

describe('one address under two VRIDs', () => {
  test('is split brain: no election is held between the two masters', () => {
    const { report, split } = play(BOTH, nodes({}));
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    expect([...split.claimants].sort()).toEqual([A, B]);
    expect(split.cause.code).toBe('two-vrids-one-address');
    expect(split.cause.differs).toEqual({ field: 'vrid', values: { [A]: 51, [B]: 52 } });
    expect(split.cause.remedies[0]?.why).toContain('virtual_router_id');
    expect(split.cause.summary).toContain('10.0.0.100');
  });

  test('is found by one common address among others', () => {
    const { report, split } = play(BOTH, nodes({ addresses: ['10.0.0.7', '10.0.0.100'] }));
    expect(report.exitStatus).toBe(2);
    expect(split.cause.code).toBe('two-vrids-one-address');
  });

  test('is found in both virtual routers', () => {
    const { report } = play(BOTH, nodes({}));
    expect(report.virtualRouters.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
      ['two-vrids-one-address'],
      ['two-vrids-one-address'],
    ]);
  });

  test('goes on until one of them resigns', () => {
    const { split, report } = play([...BOTH, [9.7, 'B', 0], ...every([10, 14], 'A', 150)], nodes({}));
    expect(split.endS).toBe(9.7);
    expect(report.virtualRouters.find(({ vrid }) => vrid === 51)?.state).toBe('ok');
  });

  test('goes on over lost advertisements and a time in which nothing was heard', () => {
    const lossy = [...BOTH, ...every([12, 20], 'A', 150), ...every([12.4, 20], 'B', 100)];
    const afterGap = together(every([40, 45], 'A', 150), every([40.4, 45], 'B', 100));
    const { split } = play([...together(lossy), [39.5, 'deaf'], ...afterGap], nodes({}));
    expect(split.endS).toBeNull();
  });

  test('begins when the second one is given the address', () => {
    const before = { vrid: 52, addresses: ['10.0.0.7'] };
    const { split } = play(
      together(every([0, 20], 'A', 150), every([0.4, 9.4], 'B', 100, 1, before), every([10.4, 20], 'B', 100)),
      nodes({}),
    );
    expect(split.startS).toBe(10.4);
  });

  test('is no split brain when one node holds both', () => {
    const { report, findings } = play(together(every([0, 9], 'A', 150), every([0.4, 9], 'A', 150, 1, { vrid: 52 })));
    expect(report.exitStatus).not.toBe(2);
    expect(findings).toContain('two-vrids-one-address');
  });

  test('is no split brain when the second VRID follows the first', () => {
    const { report } = play([...every([0, 5], 'A', 150), [5.2, 'A', 0], ...every([15, 20], 'B', 100)], nodes({}));
    expect(report.virtualRouters.flatMap(({ splitBrains }) => splitBrains)).toEqual([]);
  });
});

describe('of two VRIDs with one address, the mistyped one', () => {
  const C = '10.0.0.3';

  function remediesOf({ split }: Played): string[] {
    return split.cause.remedies.map(({ on, why }) => `${on}: ${why.split(',')[0]}`);
  }

  test('is the one that came later, though its node outranks the other', () => {
    const played = play(together(every([0, 20], 'A', 100), every([10.4, 20], 'B', 150)), nodes({}));
    expect(played.split).toMatchObject({ winner: A, deaf: [B], claimants: [A, B] });
    expect(remediesOf(played)).toEqual([`${B}: set virtual_router_id 51 on every node that has 52`]);
    expect(played.split.cause.summary).toContain('vrid 52 is the wrong one: it came later');
  });

  test('is the one with fewer members, though the capture began in the middle', () => {
    const elected = [[0, 'C', 90] as const, ...every([0.65, 9], 'A', 100)];
    const played = play(together(elected, every([0.4, 9], 'B', 150)), nodes({}));
    expect(played.split).toMatchObject({ winner: A, deaf: [B] });
    expect(remediesOf(played)).toEqual([`${B}: set virtual_router_id 51 on every node that has 52`]);
    expect(played.split.cause.summary).toContain('vrid 52 is the wrong one: it has fewer members (1, vrid 51 has 2)');
  });

  test('may be either where both look alike, and both repairs are told', () => {
    const played = play(BOTH, nodes({}));
    expect(played.split).toMatchObject({ winner: A, deaf: [B] });
    expect(remediesOf(played)).toEqual([
      `${B}: set virtual_router_id 51 on every node that has 52`,
      `${A}: or set virtual_router_id 52 on every node that has 51`,
    ]);
  });

  test('may be either where the one with fewer members was there before', () => {
    const later = [[10, 'C', 90, { vrid: 52 }] as const, ...every([10.65, 20], 'B', 100)];
    const played = play(together(every([0, 20], 'A', 150), later), nodes({}));
    expect(played.split.cause.remedies.map(({ on }) => on)).toEqual([B, A]);
  });

  test('may be either where a member has followed it since, and counts there', () => {
    const moved = [...every([0, 9], 'A', 110), [9.4, 'A', 0] as const, ...every([10.05, 30], 'C', 90)];
    const played = play(
      together([[-1, 'C', 90]], moved, every([5.4, 30], 'B', 150), [[9.9, 'A', 110, { vrid: 52 }]]),
      nodes({}),
    );
    const [before, after] = played.report.virtualRouters.flatMap(({ splitBrains }) => splitBrains);
    expect(before?.cause.remedies.map(({ on }) => on)).toEqual([B]);
    expect(after?.cause.remedies.map(({ on }) => on).sort()).toEqual([B, C]);
  });

  test('is told under the other one, with the priority of its master', () => {
    const { report, events } = play(together(every([0, 20], 'A', 100), every([10.4, 20], 'B', 150)), nodes({}));
    expect(report.virtualRouters.map(({ vrid, state, master }) => [vrid, state, master])).toEqual([
      [51, 'split-brain', A],
      [52, 'ok', B],
    ]);
    const confirmed = events.find(({ event }) => event === 'split-brain-confirmed');
    expect(confirmed).toMatchObject({ router: { vrid: 51 }, splitBrain: { winner: A }, winnerPriority: 100 });
  });
});

describe('a VRID that its last node gave up', () => {
  const repaired: readonly Step[] = [...BOTH, [9.7, 'B', 0], ...every([10, 20], 'A', 150)];

  function stateOf({ report }: Played, vrid = 52): unknown[] {
    const router = report.virtualRouters.find((each) => each.vrid === vrid);
    return [router?.state, router?.master];
  }

  test('is not silent while the master of another VRID holds its address', () => {
    const played = play(repaired, nodes({}));
    expect(stateOf(played)).toEqual(['handover', null]);
    expect(played.eventNames).not.toContain('silent');
    expect(played.report.virtualRouters[0]).toMatchObject({ state: 'ok', master: A });
  });

  test('is not silent any more once a master under another VRID is heard with its address', () => {
    const played = play(
      [...every([0, 9], 'B', 100), [9.7, 'B', 0], [14.5, 'tick'], ...every([15, 20], 'A', 150)],
      nodes({}),
    );
    expect(played.eventNames.filter((name) => name === 'silent')).toHaveLength(1);
    expect(stateOf(played)).toEqual(['handover', null]);
  });

  test('is heard again as any other', () => {
    const again = together(every([10, 30], 'A', 150), every([20.4, 30], 'B', 100));
    const played = play([...BOTH, [9.7, 'B', 0], ...again], nodes({}));
    expect(stateOf(played)).toEqual(['ok', B]);
    expect(played.report.virtualRouters[0]?.splitBrains.map(({ endUs }) => endUs === null)).toEqual([false, true]);
  });

  test('is silent where one of its addresses is left to nobody', () => {
    const played = play(repaired, nodes({ addresses: ['10.0.0.100', '10.0.0.101'] }));
    expect(stateOf(played)).toEqual(['silent', null]);
  });

  test('is silent where the other one falls silent with it', () => {
    const played = play([...BOTH, [30, 'tick']], nodes({}));
    expect([stateOf(played, 51), stateOf(played)]).toEqual([
      ['silent', null],
      ['silent', null],
    ]);
    expect(played.eventNames.filter((name) => name === 'silent')).toHaveLength(2);
  });

  test('is silent where it is expected', () => {
    const played = play(repaired, { ...nodes({}), expectations: [{ vrid: 52, sources: null }] });
    expect(stateOf(played)).toEqual(['silent', null]);
  });

  test('says no more when the other one falls silent later', () => {
    const played = play([...repaired, [20.5, 'tick'], [40, 'tick']], nodes({}));
    const silent = played.events.flatMap((event) => (event.event === 'silent' ? [event.router.vrid] : []));
    expect(silent).toEqual([51]);
  });
});

describe('the ARP of two masters with one address', () => {
  const announced: readonly Step[] = together(BOTH, [
    [0.001, 'A', 'garp'],
    [0.401, 'B', 'garp'],
    [5.001, 'A', 'garp'],
    [5.401, 'B', 'garp'],
  ]);

  function staleIn(played: Played, vrid: number): string | undefined {
    const router = played.report.virtualRouters.find((each) => each.vrid === vrid);
    return router?.findings.find(({ code }) => code === 'stale-arp')?.summary;
  }

  test('is not told beside the split brain that it comes from', () => {
    const played = play(together(announced, every([10, 20], 'A', 150), every([10.4, 20], 'B', 100)), nodes({}));
    expect(played.findings).not.toContain('stale-arp');
  });

  test('leaves it to the neighbours where the one went whose VRID was wrong, which is told by its name', () => {
    const repaired = play([...announced, [9.7, 'B', 0], ...every([10, 20], 'A', 150)], nodes({}));
    expect(staleIn(repaired, 51)).toContain(
      `the last to announce 10.0.0.100 was ${B} (02:00:00:00:00:02), which is not`,
    );
  });
});

describe('two VRIDs', () => {
  test('with addresses of their own are two virtual routers', () => {
    expect(play(BOTH, nodes({ addresses: ['10.0.0.200'] })).report).toMatchObject(HEALTHY);
  });

  test('with one address in two VLANs are two virtual routers', () => {
    expect(play(BOTH, nodes({ vlans: [7] })).report).toMatchObject(HEALTHY);
  });

  test('of which each node is master of one are how load is shared', () => {
    const { report } = play(
      together(
        every([0, 5], 'A', 150),
        every([0.1, 5], 'B', 150, 1, { vrid: 52, addresses: ['10.0.0.200'] }),
        [[5.5, 'A', 0]],
        every([6.1, 12], 'B', 100),
        every([6.11, 12], 'B', 150, 1, { vrid: 52, addresses: ['10.0.0.200'] }),
      ),
    );
    expect(report).toMatchObject(HEALTHY);
  });
});
