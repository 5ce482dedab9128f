import { describe, expect, test } from 'vitest';
import { arpReply, arpRequest, garp } from '../support/build.ts';
import { A, B, every, type Played, play, type Step, sinceStart, together, VIP } from '../support/story.ts';

const HEALTHY = { verdict: 'ok', exitStatus: 0 };
const MAC_A = '02:00:00:00:00:01';
const MAC_B = '02:00:00:00:00:02';
const VIRTUAL_MAC = '00:00:5e:00:01:33';

/** What keepalived sends when it becomes master: five at once and five after five seconds. */
function announcements(atS: number, node: string, repeatS = 5): Step[] {
  return [0.0005, 0.001, 0.0015, 0.002, 0.0025]
    .flatMap((lagS): Step[] => [
      [atS + lagS, node, 'garp'],
      [atS + repeatS + lagS, node, 'garp'],
    ])
    .sort((a, b) => a[0] - b[0]);
}

/** When a split brain was told of, whom as the rightful one with which priority, and whom as the deaf one. */
function blamed({ events }: Played): unknown[] {
  return events.flatMap((event) => {
    if (event.event !== 'split-brain-confirmed') return [];
    const { atUs, splitBrain, winnerPriority } = event;
    return [[sinceStart(atUs), splitBrain.winner, winnerPriority, ...splitBrain.deaf]];
  });
}

describe('two hardware addresses that answer for one address', () => {
  test('to the same request prove split brain, although only one advertises', () => {
    const { report, router, split } = play(
      together(every([0, 3], 'A', 150), every([6.61, 12], 'B', 100), announcements(6.61, 'B', 4), [
        [9.2, 'B', 'reply'],
        [9.2001, 'A', 'reply'],
      ]),
    );
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    expect(router).toMatchObject({ state: 'split-brain', master: B });
    expect(split).toMatchObject({ confirmedS: 9.2001, winner: B, deaf: [A], evidence: ['arp'] });
    expect(split.cause.confidence).not.toBe('certain');
    expect(split.cause.remedies.some(({ on }) => on === A)).toBe(true);
    const restart = split.cause.remedies.find(({ command }) => command === 'systemctl restart keepalived');
    expect(restart?.why).toMatch(/it shows here once .* gets one to each of three requests, or after 5 min$/);
  });

  test('prove it when one of them never advertised, and it is named by its hardware address', () => {
    const stranger = '02:00:00:00:00:66';
    const { split } = play(
      together(every([0, 12], 'A', 150), [
        [5.2, 'A', 'reply'],
        [5.2001, 'X', 'reply', stranger],
      ]),
    );
    expect(split).toMatchObject({ winner: A, deaf: [stranger], evidence: ['arp'] });
  });

  test('are a killed keepalived where one of them only answers, and a running one behind a firewall where it announces', () => {
    const beside = (kind: 'reply' | 'garp') =>
      play(
        together(every([0, 20], 'A', 150), [
          [8, 'B', kind],
          [8.001, 'A', kind],
          [13, 'B', kind],
          [13.001, 'A', kind],
        ]),
      ).split;
    const [killed, running] = [beside('reply').cause, beside('garp').cause];
    expect(killed.confidence).toBe('possible');
    expect(JSON.stringify(killed.remedies)).toContain('systemctl restart keepalived');
    expect(running).toMatchObject({ code: 'filtered', confidence: 'likely' });
    expect(running.summary).toContain('as only a running master does');
    const text = JSON.stringify(running.remedies);
    expect(text).not.toContain('systemctl restart keepalived');
    for (const part of [`iptables -I INPUT -p 112 -s ${A}`, 'iptables -I OUTPUT -p 112', 'security groups', 'IGMP']) {
      expect(text).toContain(part);
    }
  });

  test('are no killed keepalived any more once the one that only answered announces the address', () => {
    const { split } = play(
      together(every([0, 30], 'A', 150), [
        [8, 'B', 'reply'],
        [10, 'B', 'reply'],
        [15.3, 'B', 'garp'],
      ]),
    );
    expect(split.cause.confidence).toBe('likely');
  });

  test('by gratuitous claims in turn prove it', () => {
    const { split } = play(
      together(every([0, 20], 'A', 150), [
        [8, 'A', 'garp'],
        [9, 'B', 'garp'],
        [10, 'A', 'garp'],
        [11, 'B', 'garp'],
      ]),
    );
    expect(split.evidence).toEqual(['arp']);
    expect(split.winner).toBe(A);
    expect(split.confirmedS).toBeLessThanOrEqual(11);
  });

  test('by one that announces it again beside a master which goes on to advertise prove it', () => {
    const { split } = play(together(every([0, 20], 'A', 150), announcements(0, 'A'), announcements(6.3, 'B')));
    expect(split).toMatchObject({ winner: A, deaf: [MAC_B], evidence: ['arp'], endS: null });
    expect([split.startS, split.confirmedS]).toEqual([6.3005, 11.3005]);
  });

  test('by one that announces it once, or while it is master, prove nothing', () => {
    const once = play(together(every([0, 20], 'A', 150), announcements(0, 'A'), announcements(6.3, 'B', 0.1)));
    expect(once.report.exitStatus).toBe(1);
    const inTurn = [...every([0, 5], 'A', 150), ...every([8.61, 15], 'B', 100), ...every([15.3, 25], 'A', 150)];
    const handed = play(together(inTurn, announcements(0, 'A'), announcements(8.61, 'B'), announcements(15.3, 'A')));
    expect(handed.report).toMatchObject(HEALTHY);
  });

  test('prove a master of higher rank that is not heard when it answers each advertisement of the other', () => {
    const lost = together(every([0, 5], 'A', 150), every([8.61, 20], 'B', 100));
    const answers = every([8.6105, 20], 'A', 0).map(([atS]): Step => [atS, 'A', 'garp']);
    const { split, router } = play(together(lost, answers));
    expect(split).toMatchObject({ winner: A, deaf: [B], evidence: ['arp'] });
    expect(split.cause.summary).toContain('announces 10.0.0.100 whenever 10.0.0.2 has advertised');
    expect(split.cause.remedies[0]).toMatchObject({ on: A, command: 'iptables -I OUTPUT -p 112 -j ACCEPT' });
    expect(split.cause.remedies.at(-1)).toMatchObject({ on: B, why: expect.stringContaining(`others (${A}, `) });
    expect(router.master).toBe(A);
  });

  describe('when one of them is a master that is heard by its ARP alone', () => {
    const answers = (fromS: number, untilS: number) =>
      every([fromS + 0.002, untilS], 'A', 0).map(([atS]): Step => [atS, 'A', 'garp']);

    test('name the right one as soon as they are told of', () => {
      const lost = together(every([0, 5], 'A', 150), every([8.61, 20], 'B', 100));
      expect(blamed(play(together(lost, answers(8.61, 20))))).toEqual([[9.612, A, 150, B]]);
    });

    test('name it by its hardware address when the watch begins in the middle', () => {
      expect(blamed(play(together(every([0, 9], 'B', 100), answers(0, 9))))).toEqual([[2.002, MAC_A, 0, B]]);
    });

    test('are not told of before its next answer is due, although it has answered a client', () => {
      const lost = together(every([0, 5], 'A', 150), every([8.61, 20], 'B', 100));
      const asked: Step[] = [[9.611, 'A', 'reply']];
      expect(blamed(play(together(lost, answers(8.61, 20), asked)))).toEqual([[9.612, A, 150, B]]);
    });

    test('leave the one of lower rank to blame that announces itself soon after an advertisement by chance', () => {
      const lost = together(every([0, 20], 'A', 150), announcements(6.01, 'B'));
      expect(blamed(play(lost))).toEqual([[11.0105, A, 150, MAC_B]]);
    });

    test('are corrected when the one that is heard outranks it from then on', () => {
      const lost = together(every([0, 5], 'A', 150), every([8.61, 12], 'B', 100), every([12.61, 20], 'B', 200));
      expect(blamed(play(together(lost, answers(8.61, 20))))).toEqual([
        [9.612, A, 150, B],
        [12.612, B, 200, A],
      ]);
    });

    test('go on to name it when it repeats its announcement unasked', () => {
      const lost = together(every([0, 5], 'A', 150), every([8.61, 20], 'B', 100));
      const told = blamed(play(together(lost, answers(8.61, 12), [[13.3, 'A', 'garp']], answers(13.61, 20))));
      expect(told).toEqual([[9.612, A, 150, B]]);
    });
  });

  test('add to what the advertisements prove', () => {
    const { split } = play(
      together(every([0, 12], 'A', 150), every([5.61, 12], 'B', 100), [
        [7, 'A', 'garp'],
        [7.5, 'B', 'garp'],
        [8, 'A', 'garp'],
        [8.5, 'B', 'garp'],
      ]),
    );
    expect([...split.evidence].sort()).toEqual(['adverts', 'arp']);
  });

  test('prove it in IPv6 by neighbour advertisements', () => {
    const address = 'fe80::100';
    const { split } = play(
      together(every([0, 20], 'A', 150), [
        [8, garp({ address, mac: MAC_A })],
        [9, garp({ address, mac: MAC_B })],
        [10, garp({ address, mac: MAC_A })],
        [11, garp({ address, mac: MAC_B })],
      ]),
      { nodes: { A: { from: 'fe80::1' } } },
    );
    expect(split).toMatchObject({ winner: 'fe80::1', evidence: ['arp'] });
  });

  test('prove nothing about an address that is not virtual', () => {
    const { report } = play(
      together(every([0, 12], 'A', 150), [
        [5.2, arpReply({ address: '10.0.0.50', mac: MAC_A })],
        [5.2001, arpReply({ address: '10.0.0.50', mac: MAC_B })],
      ]),
    );
    expect(report).toMatchObject(HEALTHY);
  });

  test('prove nothing in another VLAN', () => {
    const { report } = play(
      together(every([0, 12], 'A', 150), [
        [5.2, arpReply({ address: VIP, mac: MAC_A, vlans: [7] })],
        [5.2001, arpReply({ address: VIP, mac: MAC_B, vlans: [7] })],
      ]),
    );
    expect(report).toMatchObject(HEALTHY);
  });
});

describe('one node with several hardware addresses', () => {
  test('that answers with the virtual one and advertises with its own is one', () => {
    const { report } = play(
      together(every([0, 12], 'A', 150), [
        [0.001, 'A', 'garp', VIRTUAL_MAC],
        [5.2, 'A', 'reply', VIRTUAL_MAC],
        [5.2001, 'A', 'reply', MAC_A],
        [6.2, 'A', 'reply', VIRTUAL_MAC],
      ]),
    );
    expect(report).toMatchObject(HEALTHY);
  });

  test('that hands the virtual hardware address over with the addresses is healthy', () => {
    const all = { mac: VIRTUAL_MAC };
    const { report, findings } = play(
      together(
        [...every([0, 5], 'A', 150), [5.2, 'A', 0], ...every([5.809375, 20], 'B', 100)],
        announcements(0, 'A'),
        announcements(5.81, 'B'),
        [[9, 'B', 'reply']],
      ),
      { all },
    );
    expect(report).toMatchObject(HEALTHY);
    expect(findings).toEqual([]);
  });

  test('that has two cards on the segment and answers on both is one', () => {
    const second = '02:00:00:00:01:01';
    const { report } = play(
      together(every([0, 12], 'A', 150), [
        // It answers for its own address on both, too (arp_ignore 0).
        [3, arpReply({ address: A, mac: MAC_A })],
        [3.0001, arpReply({ address: A, mac: second })],
        [5.2, arpReply({ address: VIP, mac: MAC_A })],
        [5.2001, arpReply({ address: VIP, mac: second })],
      ]),
    );
    expect(report).toMatchObject(HEALTHY);
  });

  test('is another node when a backup answers with its own beside the virtual one', () => {
    const { report } = play(
      together(
        [...every([0, 3], 'B', 100), ...every([3.5, 12], 'A', 150)],
        [
          [6.2, 'A', 'reply', VIRTUAL_MAC],
          [6.2001, 'B', 'reply', MAC_B],
          [7.2, 'A', 'reply', VIRTUAL_MAC],
          [7.2001, 'B', 'reply', MAC_B],
        ],
      ),
    );
    expect(report.exitStatus).toBe(2);
  });
});

describe('a handover with the ARP that belongs to it', () => {
  const cases: Readonly<Record<string, readonly Step[]>> = {
    resignation: [...every([0, 5], 'A', 150), [5.2, 'A', 0], ...every([5.809375, 20], 'B', 100)],
    'a master that is killed': [...every([0, 5], 'A', 150), ...every([8.609375, 20], 'B', 100)],
    preemption: [...every([0, 5], 'A', 100), ...every([5.809375, 20], 'B', 150)],
  };

  test.each(Object.entries(cases))('is healthy after %s', (_, adverts) => {
    const takenS = adverts.find((step) => step[1] === 'B')?.[0] ?? 0;
    const { report, findings, router } = play(
      together(adverts, announcements(0, 'A'), announcements(takenS, 'B'), [
        [4.1, 'A', 'reply'],
        [takenS - 0.1, 'A', 'reply'],
        [takenS + 0.01, 'B', 'reply'],
        [takenS + 3, 'B', 'reply'],
      ]),
    );
    expect(report).toMatchObject(HEALTHY);
    expect(findings).toEqual([]);
    expect(router.master).toBe(B);
  });

  test('is healthy although the one that yields answers once more a moment later', () => {
    const { report } = play(
      together(every([0, 5], 'A', 100), every([5.809375, 20], 'B', 150), announcements(5.81, 'B'), [
        [5.812, 'A', 'reply'],
        [5.813, 'B', 'reply'],
      ]),
    );
    expect(report.exitStatus).not.toBe(2);
  });
});

describe('stale-arp', () => {
  /** B is master beside A from 5.61 s to 8.61 s, then reads A again. */
  const healed = [...together(every([0, 8], 'A', 150), every([5.61, 8.61], 'B', 100)), ...every([9, 25], 'A', 150)];

  test('is found after a split brain whose loser was the last to announce the address', () => {
    const { report, router, findings } = play(together(healed, announcements(0, 'A'), announcements(5.61, 'B', 2.5)));
    expect(findings).toContain('stale-arp');
    expect(router.state).toBe('ok');
    const summary = router.findings.find(({ code }) => code === 'stale-arp')?.summary ?? '';
    expect(summary).toContain(B);
    expect(summary.toLowerCase()).toContain(`on ${A}:`);
    expect(summary).toContain('arping -U');
    expect(summary).toMatch(/-S (\S+) \1 \|\| arping/);
    expect(report.exitStatus).toBe(2);
  });

  test('is found for one that was never heard to advertise', () => {
    const played = play(together(every([0, 20], 'A', 150), announcements(0, 'A'), [[6, 'B', 'garp']]));
    const summary = played.router.findings.find(({ code }) => code === 'stale-arp')?.summary ?? '';
    expect(summary).toContain(`${MAC_B}, which was never heard to advertise`);
    expect(played.report.exitStatus).toBe(1);
  });

  test('comes with the keepalived option that repeats the announcement', () => {
    const { router } = play(together(healed, announcements(0, 'A'), announcements(5.61, 'B', 2.5)));
    expect(router.findings.find(({ code }) => code === 'stale-arp')?.summary).toContain('garp_master_refresh');
  });

  test('is not found when the winner announces the address after it', () => {
    const { findings } = play(
      together(healed, announcements(0, 'A'), announcements(5.61, 'B', 2.5), announcements(8.6105, 'A')),
    );
    expect(findings).not.toContain('stale-arp');
  });

  test('is not found while the winner may still announce it', () => {
    const { events } = play(
      together(healed, announcements(0, 'A'), announcements(5.61, 'B', 2.5), announcements(13.5, 'A', 1)),
    );
    expect(events.some((event) => event.event === 'finding')).toBe(false);
  });

  test('is not found at the end of a capture that comes before the second announcement of a new master', () => {
    const takenOver = together(every([0, 5], 'B', 100), every([5.84, 12], 'A', 150), [
      [5.841, 'A', 'garp'],
      [5.9, 'B', 'garp'],
    ]);
    const endingAt = (endS: number) => play(takenOver.filter(([atS]) => atS <= endS)).findings;
    expect(endingAt(11)).not.toContain('stale-arp');
    expect(endingAt(12)).toContain('stale-arp');
  });

  test('tells of one that announced the address once beside the master, which announced it again', () => {
    const played = play(
      together(every([0, 12], 'A', 150), announcements(0.0005, 'A'), [
        [2.1, 'B', 'garp'],
        [2.1004, 'B', 'garp'],
      ]),
    );
    const [finding, ...others] = played.router.findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'stale-arp', severity: 'warning' });
    expect(finding?.summary).toContain(`${MAC_B}, which was never heard to advertise, announced ${VIP} while ${A} was`);
    expect(finding?.summary).toContain('protocol 112');
    expect(sinceStart(finding?.atUs ?? 0)).toBe(2.1);
    expect(played.report.exitStatus).toBe(1);
    expect(played.router.splitBrains).toEqual([]);
  });

  test.each<[string, Step[]]>([
    ['that is heard to take over', [...every([0, 2], 'A', 150), [2.1, 'B', 'garp'], ...every([3.1, 12], 'B', 200)]],
    ['while it learns that it must yield', [[0.5, 'B', 'garp'], ...every([0, 12], 'A', 150)]],
    [
      'whose advertisement of then is a contention',
      together(every([0, 12], 'A', 150), [
        [2.1, 'B', 100],
        [2.1004, 'B', 'garp'],
        [2.102, 'A', 'garp'],
      ]),
    ],
    ['that only answers', [...every([0, 12], 'A', 150), [2.1, 'B', 'reply']]],
  ])('does not tell of one %s', (_, steps) => {
    const { findings } = play(steps);
    expect(findings).not.toContain('stale-arp');
  });

  test('gives way to the split brain that the next announcement proves', () => {
    const { findings, split } = play(
      together(every([0, 12], 'A', 150), announcements(0.0005, 'A'), [
        [2.1, 'B', 'garp'],
        [10.2, 'B', 'garp'],
      ]),
    );
    expect(split).toMatchObject({ evidence: ['arp'] });
    expect(findings).not.toContain('stale-arp');
  });

  test('is not found where no ARP is captured', () => {
    expect(play(healed).findings).not.toContain('stale-arp');
  });

  test('is not found after a handover in which the new master announces the address', () => {
    const { findings } = play(
      together(
        [...every([0, 5], 'B', 100), ...every([5.84, 25], 'A', 150)],
        announcements(0, 'B'),
        announcements(5.84, 'A'),
      ),
    );
    expect(findings).not.toContain('stale-arp');
  });

  test('is settled when the winner announces the address later', () => {
    const { findings } = play(
      together(healed, announcements(0, 'A'), announcements(5.61, 'B', 2.5), [[24, 'A', 'garp']]),
    );
    expect(findings).not.toContain('stale-arp');
  });
});

test('two holders of the address are found after the clock went back behind the last takeover', () => {
  const before: Step[] = [...every([600, 603], 'A', 150), [603.2, 'A', 0], ...every([603.809, 610], 'B', 100)];
  const both = Array.from({ length: 20 }, (_, i): Step[] => [
    [101 + 3 * i, 'A', 'reply'],
    [101.001 + 3 * i, 'B', 'reply'],
  ]);
  const { router } = play([...before, ...together(every([100, 160], 'B', 100), both.flat())]);
  expect(router.splitBrains).toMatchObject([{ evidence: ['arp'] }]);
});

test('two holders of the address are told with their time moved when the clock goes back meanwhile', () => {
  const both = Array.from({ length: 20 }, (_, i): Step[] => [
    [600 + 3 * i, 'A', 'reply'],
    [600.001 + 3 * i, 'B', 'reply'],
  ]);
  const course = together(
    [
      [598, 'A', 150],
      [598.2, 'A', 0],
    ],
    every([598.809, 660], 'B', 100),
    both.flat(),
  );
  const at = course.findIndex(([atS]) => atS > 630);
  const { split } = play([
    ...course.slice(0, at),
    ...course.slice(at).map((step) => [step[0] - 500, ...step.slice(1)] as unknown as Step),
  ]);
  expect(split.evidence).toEqual(['arp']);
  expect(split.startS).toBeGreaterThan(100);
  expect(split.confirmedS).toBeLessThan(130);
});

describe('ARP about addresses that are none of the virtual router', () => {
  const strangers = ['10.0.0.200', '10.9.0.100'];

  test('says nothing about it, however much the address looks like its own', () => {
    const claims = strangers.flatMap((address): Step[] => [
      [2.1, arpReply({ address, mac: '02:00:00:00:00:01' })],
      [2.2, arpReply({ address, mac: '02:00:00:00:00:02' })],
      [2.3, arpReply({ address, mac: '02:00:00:00:00:01' })],
    ]);
    const { report } = play(together(every([0, 9], 'A', 150), claims));
    expect(report).toMatchObject({ verdict: 'ok', findings: [] });
  });

  test.each(strangers)('does not move the time, as no other packet does: %s', (address) => {
    const { findings } = play([...every([0, 3], 'A', 150), [60, arpReply({ address })], ...every([4, 6], 'A', 150)]);
    expect(findings).toEqual([]);
  });
});

describe('a left-over address that is asked for every few minutes', () => {
  const killed = [...every([0, 10], 'A', 150), ...every([13.609, 700], 'B', 100)];
  const asked = [20, 170, 320, 470, 620].flatMap((atS): Step[] => [
    [atS, 'B', 'reply'],
    [atS + 0.0001, 'A', 'reply'],
  ]);

  test('is one split brain that goes on, not one for each question', () => {
    const { split } = play(together(killed, asked));
    expect(split).toMatchObject({ evidence: ['arp'], endS: null });
  });

  test('is not let go because somebody says a word', () => {
    const { split } = play(together(killed, asked, [[25.3, 'X', 50]]));
    expect(split.endS).toBeNull();
  });

  describe('by a host that got two answers before', () => {
    const ask = (atS: number, asker = '10.0.0.254', target = VIP): Step => [atS, arpRequest({ sender: asker, target })];
    const both = [20, 25, 30].flatMap((atS): Step[] => [
      ask(atS),
      [atS + 0.0001, 'A', 'reply'],
      [atS + 0.0002, 'B', 'reply'],
    ]);
    const soon = every([13.609, 60], 'B', 100);
    const dead = every([0, 10], 'A', 150);

    test('is let go when the master alone answers three requests to everybody', () => {
      const alone = [35, 36, 41].flatMap((atS): Step[] => [ask(atS), [atS + 0.0001, 'B', 'reply']]);
      const { split, events } = play(together(dead, soon, both, alone));
      expect(split).toMatchObject({ startS: 20.0001, endS: 30.0001, isAtLeast: true });
      const ended = events.find(({ event }) => event === 'split-brain-ended');
      expect(sinceStart(ended?.atUs ?? 0)).toBeLessThan(42);
    });

    test.each([
      ['requests go to the master alone, as those of arping after the first answer', (_: number): Step[] => []],
      ['another host asks, what is told to which may not get here', (atS: number) => [ask(atS, '10.0.0.253')]],
      ['another address is asked for', (atS: number) => [ask(atS, '10.0.0.254', '10.0.0.2')]],
    ])('is not let go when %s', (_, asked) => {
      const alone = [35, 36, 37, 38, 41].flatMap((atS): Step[] => [...asked(atS), [atS + 0.0001, 'B', 'reply']]);
      expect(play(together(dead, soon, both, alone)).split).toMatchObject({ endS: null, isAtLeast: false });
    });

    test('is not let go when requests follow each other in an instant', () => {
      const alone = every([35, 35.9], 'B', 0, 0.2).flatMap(([atS]): Step[] => [ask(atS), [atS + 0.0001, 'B', 'reply']]);
      expect(play(together(dead, soon, both, alone)).split.endS).toBeNull();
    });

    test('is not let go while it answers some of them', () => {
      const some = [35, 36, 37, 38, 39, 40].flatMap((atS, i): Step[] => [
        ask(atS),
        [atS + 0.0001, 'B', 'reply'],
        ...(i % 3 === 2 ? [[atS + 0.0002, 'A', 'reply'] as const] : []),
      ]);
      expect(play(together(dead, soon, both, some)).split.endS).toBeNull();
    });
  });

  test('is let go when the master alone answers', () => {
    const alone = [640, 660, 680].map((atS): Step => [atS, 'B', 'reply']);
    expect(play(together(killed, asked, alone)).split.endS).toBe(620.0001);
  });
});

describe('a deaf backup that was master, then killed', () => {
  const deaf = together(every([0, 40], 'A', 150), every([5.61, 7.61], 'B', 100));
  const both = [14, 15, 16].flatMap((atS): Step[] => [
    [atS, 'A', 'reply'],
    [atS + 0.0001, 'B', 'reply'],
  ]);

  test('has not let go of the addresses in between: its split brain has gone on', () => {
    const { split, events } = play(together(deaf, both));
    expect(split).toMatchObject({ startS: 5.61, confirmedS: 6.61, endS: null, winner: A, deaf: [B] });
    expect(split.evidence).toEqual(['adverts', 'arp']);
    expect(split.cause.summary).toMatch(/10\.0\.0\.2 answers for .*; before that, 10\.0\.0\.2 does not hear/);
    expect(split.cause.remedies.map(({ command }) => command)).toEqual(
      expect.arrayContaining(['systemctl restart keepalived', 'iptables -I INPUT -p 112 -s 10.0.0.1 -j ACCEPT']),
    );
    const told = events.filter(({ event }) => event.startsWith('split-brain'));
    expect(told.map((event) => ('isCorrection' in event ? event.isCorrection : event.event))).toEqual([
      false,
      'split-brain-ended',
      true,
    ]);
  });

  test('has let go of them in between when it resigned', () => {
    const { router } = play(together(deaf, both, [[8.2, 'B', 0]]));
    expect(router.splitBrains).toHaveLength(2);
  });
});
