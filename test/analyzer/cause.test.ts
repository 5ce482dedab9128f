import { describe, expect, test } from 'vitest';
import type { Cause } from '../../src/analyzer/report.ts';
import { A, B, C, type Cast, every, play, type Settings, type Step, together } from '../support/story.ts';

/** B is deaf from 5.61 s on, and A answers each of its advertisements after `lagS`. */
function answered(lagS: number): Step[] {
  return [...every([0, 5], 'A', 150), ...together(every([5.61, 12], 'B', 100), every([5.61 + lagS, 12], 'A', 150))];
}

/** Both keep their own rhythm. */
const UNMOVED = together(every([0, 12], 'A', 150), every([5.61, 12], 'B', 100));

function causeOf(steps: readonly Step[], cast: Cast = {}): Cause {
  return play(steps, cast).split.cause;
}

function commandsOf(cause: Cause, on: string): string {
  return cause.remedies.flatMap((remedy) => (remedy.on === on ? [remedy.command] : [])).join('\n');
}

describe('the reaction of the higher-ranked one', () => {
  test('within milliseconds says that it hears the lower one, so the lower one is deaf', () => {
    for (const lagS of [0.0002, 0.0005, 0.003]) {
      const cause = causeOf(answered(lagS));
      expect(cause).toMatchObject({ code: 'filtered', confidence: 'likely', differs: null });
      expect(cause.summary).toContain(`${B} does not hear ${A}`);
      expect(commandsOf(cause, A)).toBe('');
    }
  });

  test('comes up to 15 ms later on a loaded machine and says the same', () => {
    for (const lagS of [0.008, 0.015]) expect(causeOf(answered(lagS)).confidence).toBe('likely');
  });

  test('leaves a flaw of the lower one in the text, which is no reason for it not to obey', () => {
    const { summary } = causeOf(UNMOVED, { nodes: { B: { ttl: 254 } } });
    expect(summary).toContain(`nothing in their settings differs but the ttl of ${B} (254)`);
  });

  test('is no proof of agreement where the capture cuts the password off', () => {
    const all = { password: 'Gurke-17', addresses: ['10.0.0.100', '10.0.0.101', '10.0.0.102', '10.0.0.103'] };
    const cause = causeOf(answered(0.0002), { all, nodes: { B: { password: 'Tomate42' } }, snapLength: 60 });
    expect(cause).toMatchObject({ code: 'filtered', confidence: 'possible' });
    expect(cause.summary).toContain('perhaps the password, which this capture cuts off');
  });

  test('that does not come proves nothing, and the report says so', () => {
    const cause = causeOf(UNMOVED);
    expect(cause).toMatchObject({ code: 'filtered', confidence: 'possible', differs: null });
    expect(cause.summary).toContain('vrrp_strict');
  });

  test('is no reaction when it comes on its own rhythm, a moment after the lower one by chance', () => {
    expect(causeOf(together(every([0, 12], 'A', 150), every([5.997, 12], 'B', 100))).confidence).toBe('possible');
  });

  test('is told for each split brain alone', () => {
    const { router } = play([
      ...answered(0.001),
      ...every([12.6, 18], 'A', 150),
      [18.1, 'A', 0],
      ...every([18.71, 20], 'B', 100),
    ]);
    expect(router.splitBrains).toHaveLength(1);
    expect(router.splitBrains[0]?.cause.confidence).toBe('likely');
  });
});

describe('two that read each other and reject it although nothing visible differs', () => {
  // A would be due at 4 s; the advertisement of B restarts its timer, and B's is restarted by each one of A.
  function rejecting(of: (sequence: number) => Settings): Step[] {
    return [
      ...[0, 1, 2, 3].map((atS): Step => [atS, 'A', 150, of(atS + 1)]),
      [3.4, 'B', 100, of(1)],
      ...[4.4, 5.4, 6.4, 7.4].map((atS, i): Step => [atS, 'A', 150, of(i + 5)]),
    ];
  }

  test('have different AH keys', () => {
    const { split } = play(rejecting((sequence) => ({ ah: { sequence } })));
    expect(split).toMatchObject({ winner: A, deaf: [B] });
    expect(split.cause).toMatchObject({ code: 'auth-mismatch', confidence: 'likely' });
    expect(commandsOf(split.cause, B)).toContain('keepalived');
  });

  test('have different HMAC keys', () => {
    const { split } = play(rejecting(() => ({ hmac: true })));
    expect(split).toMatchObject({ winner: A, deaf: [B] });
    expect(split.cause).toMatchObject({ code: 'hmac-mismatch', confidence: 'likely' });
  });

  test('stay claimants while one of them is silenced, as with a password that shows', () => {
    const ah = play(rejecting((sequence) => ({ ah: { sequence } })));
    const hmac = play(rejecting(() => ({ hmac: true })));
    expect([ah.split.endS, hmac.split.endS]).toEqual([null, null]);
  });

  test('are only contested once the later one has gone on from the AH sequence numbers of the other', () => {
    const ofA = every([0, 10], 'A', 150).map(([atS], i): Step => [atS, 'A', 150, { ah: { sequence: i + 1 } }]);
    const ofB: Step[] = [
      [0.5, 'B', 100, { ah: { sequence: 1 } }],
      // Those of A at 5 s, 6 s and 7 s did not arrive: it times out.
      [7.61, 'B', 100, { ah: { sequence: 6 } }],
    ];
    const { report } = play(together(ofA, ofB));
    expect(report.exitStatus).toBe(1);
  });

  test('are only contested while a lagging AH sequence number may pass', () => {
    const steps = rejecting((sequence) => ({ ah: { sequence } })).map(
      (step): Step => (step[1] === 'B' ? [3.4, 'B', 100, { ah: { sequence: 3 } }] : step),
    );
    expect(play(steps).report.exitStatus).toBe(1);
  });
});

describe('the remedies of a filtered path', () => {
  test('are for the deaf node, about the node that it does not hear', () => {
    const commands = commandsOf(causeOf(answered(0.001)), B);
    for (const part of [
      `firewall-cmd --permanent --add-rich-rule="rule family='ipv4' source address='${A}' protocol value='vrrp' accept"`,
      `iptables -I INPUT -p 112 -s ${A} -j ACCEPT`,
      `ip saddr ${A} meta l4proto 112 accept`,
      'rp_filter=2',
      'ip maddr',
    ]) {
      expect(commands).toContain(part);
    }
  });

  test('do not let a vrrpwatch on that node, which joins the group as well, pass for keepalived', () => {
    expect(JSON.stringify(causeOf(answered(0.001)).remedies)).toContain('look while no vrrpwatch runs there');
  });

  test('mention IGMP snooping, the hypervisor and unicast_peer', () => {
    const text = JSON.stringify(causeOf(answered(0.001)).remedies);
    expect(text).toContain('IGMP snooping');
    expect(text).toContain('hypervisor');
    expect(text).toContain('unicast_peer');
  });

  test('go unicast in an editor, with all other members as peers and never the node itself', () => {
    const third: Step = [-1, 'C', 90];
    const all = causeOf(answered(0.001)).remedies;
    const ofThree = causeOf([third, ...answered(0.001)]).remedies;
    for (const [remedies, peers] of [
      [all, `${A}, whoever was not heard`],
      [ofThree, `${A}, ${C}, whoever was not heard`],
    ] as const) {
      const unicast = remedies.find(({ why }) => why.includes('unicast_peer'));
      expect(unicast?.on).toBe(B);
      expect(unicast?.why).toContain(`unicast_src_ip ${B}`);
      expect(unicast?.why).toContain(`(${peers})`);
      expect(unicast?.command).toBe(
        'vi /etc/keepalived/keepalived.conf && keepalived -t -f /etc/keepalived/keepalived.conf && systemctl reload keepalived',
      );
    }
  });

  test('are about ip6tables and ff02::12 in IPv6', () => {
    const nodes = { A: { from: 'fe80::1' }, B: { from: 'fe80::2' } };
    const text = JSON.stringify(causeOf(answered(0.001), { nodes }).remedies);
    expect(text).toContain('ip6tables -I INPUT -p 112 -s fe80::1 -j ACCEPT');
    expect(text).toContain('ff02::12');
    expect(text).not.toContain('net.ipv4.conf');
    expect(text).not.toContain('224.0.0.18');
  });

  test('are about protocol 51 where AH carries the advertisements', () => {
    expect(commandsOf(causeOf(answered(0.001), { all: { ah: {} } }), B)).toContain('-p 51');
  });

  test('leave multicast alone where the nodes are unicast', () => {
    const text = JSON.stringify(causeOf(answered(0.001), { nodes: { A: { to: B }, B: { to: A } } }).remedies);
    expect(text).not.toContain('224.0.0.18');
    expect(text).not.toContain('maddr');
  });
});

describe('the remedies of different settings', () => {
  const both = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));

  test('change the password on the lower node and say how much of it counts', () => {
    const cause = causeOf(both, { nodes: { A: { password: 'one' }, B: { password: 'two' } } });
    expect(cause.remedies).toMatchObject([{ on: B }]);
    expect(cause.remedies[0]?.why).toContain('8 characters');
  });

  // B and C elect each other, then A comes, which outranks them and has settings of its own.
  const ofThree = [
    ...every([0, 4], 'C', 90),
    ...every([4.65, 8], 'B', 100),
    ...together(every([9, 15], 'A', 150), every([9.4, 15], 'B', 100)),
  ];
  const odd: readonly (readonly [Settings, Settings, string])[] = [
    [{ password: 'one' }, { password: 'two' }, `set the auth_pass of ${B}`],
    [{ intervalS: 3 }, { intervalS: 1 }, 'set advert_int 1'],
    [{ version: 3 }, { version: 2 }, 'set vrrp_version 2'],
    [{ authType: 0 }, { password: 'two' }, `${B} has simple`],
    [{ addresses: ['10.0.0.100', '10.0.0.101'] }, {}, `here 10.0.0.100 10.0.0.101, on ${B} 10.0.0.100`],
  ];

  test.each(odd)('change the odd one of three, whatever its rank: %j beside %j', (a, others, what) => {
    const cause = causeOf(ofThree, { nodes: { A: a, B: others, C: others } });
    expect(cause.remedies[0]?.on).toBe(A);
    expect(cause.remedies[0]?.why).toContain(what);
  });

  test.each(odd)('change the lower one where the third agrees with the higher one: %j beside %j', (a, others) => {
    expect(causeOf(ofThree, { nodes: { A: a, B: others, C: a } }).remedies[0]?.on).toBe(B);
  });

  test('are told once where both others should yield to the odd one', () => {
    const both = together(every([9.4, 15], 'B', 100), every([9.7, 15], 'C', 90));
    const steps = together(every([9, 15], 'A', 150), both, every([0, 8], 'B', 100));
    const two = { password: 'two' };
    const { split } = play(steps, { nodes: { A: { password: 'one' }, B: two, C: two } });
    expect(split.deaf).toEqual([B, C]);
    expect(split.cause.remedies.map(({ on }) => on)).toEqual([A]);
  });

  test('name the interval to set', () => {
    const cause = causeOf(both, { nodes: { A: { intervalS: 3 }, B: { intervalS: 2 } } });
    expect(cause.remedies).toMatchObject([{ on: B, why: 'set advert_int 3' }]);
  });

  test('name the version to set', () => {
    const cause = causeOf(both, { nodes: { A: { version: 3 }, B: {} } });
    expect(cause.remedies[0]?.on).toBe(B);
    expect(cause.remedies[0]?.why).toContain('vrrp_version 3');
  });

  test('say up to which keepalived different addresses do harm', () => {
    const cause = causeOf(both, { nodes: { A: { addresses: ['10.0.0.100', '10.0.0.101'] }, B: {} } });
    expect(cause.summary).toContain('2.3.2');
    expect(cause.confidence).not.toBe('certain');
  });

  test('propose VRIDs that nobody on the segment uses', () => {
    const other = every([0, 9], 'C', 100, 1, { vrid: 1, addresses: ['10.0.0.201'] });
    const { report } = play(together(both, other), { nodes: { B: { addresses: ['10.0.0.200'] } } });
    const why = report.virtualRouters.find(({ vrid }) => vrid === 51)?.splitBrains[0]?.cause.remedies[0]?.why ?? '';
    expect(why).toMatch(/\b2, 3, 4\b/);
    expect(why).not.toMatch(/\b(1|51)\b/);
  });

  test('name the group that the cluster uses, not that of the RFC', () => {
    const text = JSON.stringify(causeOf(both, { all: { to: '224.0.0.99' } }).remedies);
    expect(text).toContain('224.0.0.99');
    expect(text).not.toContain('224.0.0.18');
  });

  test('name the group of the rightful one where the nodes have different groups', () => {
    const { remedies } = causeOf(both, { nodes: { A: { to: '224.0.0.28' } } });
    expect(remedies.map(({ on }) => on)).toEqual([B]);
    expect(remedies[0]?.why).toContain('vrrp_mcast_group4 224.0.0.28');
  });

  test('look for the wrong TTL on the node that sends it', () => {
    const cause = causeOf(both, { nodes: { A: { ttl: 64 } } });
    expect(cause.remedies.map(({ on }) => on)).toEqual([A]);
  });

  test('name both checksum options', () => {
    const nodes = { A: { checksum: 'plain' }, B: { checksum: 'pseudo' } } as const;
    const text = JSON.stringify(causeOf(both, { all: { version: 3 }, nodes }).remedies);
    expect(text).toContain('v3_checksum_as_v2');
    expect(text).toContain('checksum-with-ipv4-pseudoheader');
  });

  test('tell the most telling difference when several are there', () => {
    const nodes = { A: { password: 'one' }, B: { password: 'two', addresses: ['10.0.0.200'], intervalS: 2 } };
    expect(causeOf(both, { nodes }).code).toBe('vrid-collision');
  });

  test('are withdrawn by answers, which show that the difference is tolerated', () => {
    expect(causeOf(answered(0.001), { nodes: { A: { addresses: ['10.0.0.100', '10.0.0.101'] } } }).code).toBe(
      'filtered',
    );
  });

  test('are not withdrawn when both fall in step, because each restarts the timer of the other', () => {
    const inStep = together(every([0, 4], 'B', 100), [[4.5, 'A', 150]], every([5.5, 16.5], 'B', 100), [
      ...[6.5, 8.5, 10.5, 12.5].map((atS): Step => [atS + 0.0004, 'A', 150]),
    ]);
    const nodes = { A: { addresses: ['10.0.0.100'] }, B: { addresses: ['10.0.0.200'] } };
    expect(causeOf(inStep, { nodes }).code).toBe('vrid-collision');
  });

  test('are not withdrawn by a chance that looks like an answer', () => {
    // Each rejects the other, and the advertisements of A happen to follow those of B within 3 ms.
    const chance = together(every([0, 9], 'A', 150), every([0.997, 9], 'B', 100));
    const nodes = { A: { password: 'one' }, B: { password: 'two' } };
    expect(causeOf(chance, { nodes })).toMatchObject({ code: 'auth-mismatch', confidence: 'certain' });
  });
});

describe('a password', () => {
  const nodes = { A: { password: 'Gurke-17' }, B: { password: 'Tomate42' } };
  const both = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));

  test('is in no part of the report or of the events, whatever differs', () => {
    for (const settings of [{}, { intervalS: 2 }, { addresses: ['10.0.0.7'] }, { authType: 7 }, { authType: 0 }]) {
      const { report, events } = play(both, { nodes: { A: nodes.A, B: { ...nodes.B, ...settings } } });
      const text = JSON.stringify([report, events]);
      for (const part of ['Gurke', 'Tomate']) expect(text).not.toContain(part);
    }
  });

  test('is shown on request, and in the list of advertisers only', () => {
    const { report } = play(both, { nodes, showSecrets: true });
    expect(report.virtualRouters[0]?.advertisers.map(({ password }) => password)).toEqual(['Gurke-17', 'Tomate42']);
    expect(JSON.stringify(report.virtualRouters[0]?.splitBrains)).not.toContain('Gurke');
  });
});

describe('what both nodes send wrong', () => {
  const deafB = together(every([0, 12], 'A', 150), every([5.61, 12], 'B', 100));

  test('a TTL that is lowered on both is the cause on both', () => {
    const { cause } = play(deafB, { all: { ttl: 64 } }).split;
    expect(cause).toMatchObject({ code: 'ttl', confidence: 'certain', differs: { values: { [A]: 64, [B]: 64 } } });
    expect(cause.remedies.map(({ on }) => on)).toEqual([A, B]);
  });

  test('wrong checksums are, and the remedy is not that of another version', () => {
    const { cause } = play(deafB, { all: { checksum: 'bad' } }).split;
    expect(cause).toMatchObject({ code: 'checksum-mismatch', confidence: 'certain', remedies: [{ on: A }] });
    expect(JSON.stringify(cause.remedies)).not.toContain('v3_checksum_as_v2');
  });

  test.each([{}, { to: B }])('a malformed advertisement of the winner is, and no firewall: %o', (more) => {
    const nodes = { A: { authData: false, ttl: more.to ? 64 : 255, ...more }, B: more.to ? { to: A } : {} };
    const { cause } = play(deafB, { nodes }).split;
    expect(cause.summary).toContain('malformed');
    expect(JSON.stringify(cause.remedies)).not.toContain('iptables');
  });

  test.each([{ ttl: 64 }, { checksum: 'bad' as const }])('is no reason for the loser not to obey: %o', (settings) => {
    const { cause } = play(deafB, { nodes: { B: settings } }).split;
    expect(cause.code).toBe('filtered');
  });

  test('two owners of the addresses are told so before any firewall is suspected', () => {
    const { cause } = play(together(every([0, 12], 'A', 255), every([2.61, 12], 'B', 255))).split;
    expect(cause.summary).toContain('both have priority 255');
    expect(cause.remedies[0]?.why).toContain('priority');
  });
});

test('a peer that is missing in unicast_peer of the winner is the cause, before any firewall', () => {
  const steps = together(every([0, 12], 'A', 150), every([5.61, 12], 'B', 100));
  const { cause } = play(steps, { nodes: { A: { to: '10.0.0.9' }, B: { to: A } } }).split;
  expect(cause.remedies[0]).toMatchObject({ on: A, why: `add ${B} to unicast_peer` });
  // Another peer sees its own copies alone; a mirror port sees those for several.
  expect(cause.confidence).toBe('possible');
  const copies = every([0, 12], 'A', 150, 1, { to: '10.0.0.8' });
  const mirrored = play(together(steps, copies), { nodes: { A: { to: '10.0.0.9' }, B: { to: A } } }).split;
  expect(mirrored.cause.confidence).toBe('likely');
  const { cause: other } = play(steps, { nodes: { A: { to: B }, B: { to: A } } }).split;
  expect(JSON.stringify(other)).not.toContain('missing in its unicast_peer');
});

describe('of a unicast cluster captured on a third node, which gets copies of its own alone', () => {
  const nodes = { A: { to: C }, B: { to: C } };

  test('a winner that answers has read copies that are not seen here: its own may exist as well', () => {
    const cause = causeOf(answered(0.001), { nodes });
    expect(cause).toMatchObject({ code: 'filtered', confidence: 'likely' });
    expect(cause.summary).toContain(`${B} does not hear ${A}`);
    expect(JSON.stringify(cause)).not.toContain('unicast_peer');
  });

  test('a winner that never answers may have no such peer', () => {
    const cause = causeOf(UNMOVED, { nodes });
    expect(cause.confidence).toBe('possible');
    expect(cause.summary).toContain('unless this place sees only some of its copies');
  });
});

describe('a winner that reads AH sequence numbers behind its own, and rejects them as replays', () => {
  /** Times and sequence numbers of B, which was deaf when it took over and numbers from the last one that it accepted. */
  const OF_B = [
    [6.61, 5],
    [7.611, 6],
    [8.611, 7],
    [9.611, 8],
    [10.611, 9],
    [11.611, 10],
    [12.612, 11],
  ] as const;
  const ofA = every([0, 6], 'A', 150).map(([atS], i): Step => [atS, 'A', 150, { ah: { sequence: i + 1 } }]);
  const ofB = OF_B.map(([atS, sequence]): Step => [atS, 'B', 100, { ah: { sequence } }]);
  const restarted: Step[] = [
    [7.61, 'A', 150, { ah: { sequence: 8 } }],
    [12.611, 'A', 150, { ah: { sequence: 12 } }],
    [13.612, 'A', 150, { ah: { sequence: 13 } }],
  ];

  test('hears the loser: it answered the one number that was ahead, and went on from it', () => {
    const answer: Step = [10.612, 'A', 150, { ah: { sequence: 11 } }];
    const cause = causeOf(together(ofA, ofB, restarted, [answer]));
    expect(cause).toMatchObject({ code: 'filtered', confidence: 'likely' });
    expect(cause.summary).toContain('so that direction works');
    expect(cause.remedies.map(({ on }) => on)).not.toContain(A);
  });

  test('is not said to answer where its numbers go on from its own', () => {
    const late: Step = [10.612, 'A', 150, { ah: { sequence: 9 } }];
    expect(causeOf(together(ofA, ofB, restarted, [late])).confidence).toBe('possible');
  });
});
