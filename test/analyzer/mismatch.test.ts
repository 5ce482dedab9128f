import { describe, expect, test } from 'vitest';
import { A, B, C, every, play, type Settings, type Step, together } from '../support/story.ts';

const HEALTHY = { verdict: 'ok', exitStatus: 0 };
const V3 = { version: 3 };
const MORE_ADDRESSES = ['10.0.0.100', '10.0.0.101'];

interface Mismatch {
  readonly a: Settings;
  readonly b: Settings;
  readonly code: string;
  readonly field: string;
  /** What A and B have; null where the values are not to be shown or told in words. */
  readonly values: readonly [string | number, string | number] | null;
}

/** Differences that every receiver minds, whatever its version. */
const ALWAYS: Readonly<Record<string, Mismatch>> = {
  version: { a: {}, b: V3, code: 'version-mismatch', field: 'version', values: [2, 3] },
  'authentication type': {
    a: {},
    b: { password: 'geheim' },
    code: 'auth-mismatch',
    field: 'authType',
    values: ['none', 'simple'],
  },
  password: {
    a: { password: 'oneword' },
    b: { password: 'another' },
    code: 'auth-mismatch',
    field: 'password',
    values: null,
  },
  'AH against none': { a: {}, b: { ah: {} }, code: 'auth-mismatch', field: 'authType', values: ['none', 'ah'] },
  'AH against a password': {
    a: { password: 'oneword' },
    b: { ah: {} },
    code: 'auth-mismatch',
    field: 'authType',
    values: ['simple', 'ah'],
  },
  'interval of VRRPv2': {
    a: { intervalS: 1 },
    b: { intervalS: 2 },
    code: 'interval-mismatch',
    field: 'interval',
    values: [1, 2],
  },
  'multicast against unicast': {
    a: {},
    b: { to: A },
    code: 'unicast-mismatch',
    field: 'destination',
    values: ['224.0.0.18', A],
  },
  'another multicast group': {
    a: {},
    b: { to: '224.0.0.28' },
    code: 'unicast-mismatch',
    field: 'destination',
    values: ['224.0.0.18', '224.0.0.28'],
  },
};

/** Differences that depend on who has to read what, or on the version of the software. */
const SOMETIMES: Readonly<Record<string, Mismatch>> = {
  'TTL of the higher one': { a: { ttl: 64 }, b: {}, code: 'ttl', field: 'ttl', values: [64, 255] },
  'checksum style of VRRPv3': {
    a: { ...V3, checksum: 'pseudo' },
    b: { ...V3, checksum: 'plain' },
    code: 'checksum-mismatch',
    field: 'checksum',
    values: null,
  },
  'a wrong checksum of the higher one': {
    a: { checksum: 'bad' },
    b: {},
    code: 'checksum-mismatch',
    field: 'checksum',
    values: null,
  },
  'HMAC trailer': { a: { hmac: true }, b: {}, code: 'hmac-mismatch', field: 'hmac', values: null },
  'HMAC trailer of VRRPv3': {
    a: V3,
    b: { ...V3, hmac: true },
    code: 'hmac-mismatch',
    field: 'hmac',
    values: null,
  },
  'address lists that overlap': {
    a: {},
    b: { addresses: MORE_ADDRESSES },
    code: 'address-mismatch',
    field: 'addresses',
    values: null,
  },
  'address lists that have nothing in common': {
    a: {},
    b: { addresses: ['10.0.0.200'] },
    code: 'vrid-collision',
    field: 'addresses',
    values: ['10.0.0.100', '10.0.0.200'],
  },
};

function cast({ a, b }: Mismatch): { nodes: { A: Settings; B: Settings } } {
  return { nodes: { A: a, B: b } };
}

describe.each(Object.entries({ ...ALWAYS, ...SOMETIMES }))('%s', (_, mismatch) => {
  const both = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));

  test('is the cause of a split brain', () => {
    const { report, split } = play(both, cast(mismatch));
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    expect(split).toMatchObject({ winner: A, deaf: [B], endS: null });
    expect(split.cause.code).toBe(mismatch.code);
    expect(split.cause.differs?.field).toBe(mismatch.field);
  });

  test('is shown with the values of both', () => {
    const { values = {} } = play(both, cast(mismatch)).split.cause.differs ?? {};
    expect(Object.keys(values).sort()).toEqual([A, B]);
    expect(values[A]).not.toEqual(values[B]);
    if (mismatch.values) expect(values).toEqual({ [A]: mismatch.values[0], [B]: mismatch.values[1] });
  });

  test('comes with remedies that name the node to type them on', () => {
    const { remedies } = play(both, cast(mismatch)).split.cause;
    expect(remedies.length).toBeGreaterThan(0);
    for (const { on, why, command } of remedies) {
      expect([A, B]).toContain(on);
      expect(why).not.toBe('');
      expect(command).not.toBe('');
    }
  });
});

describe.each(Object.entries(ALWAYS))('%s, which every receiver minds', (_, mismatch) => {
  test('is certain', () => {
    const both = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));
    expect(play(both, cast(mismatch)).split.cause.confidence).toBe('certain');
  });

  test('proves split brain with the first advertisement of the second one', () => {
    const { split } = play([...every([0, 3], 'A', 150), [3.4, 'B', 100]], cast(mismatch));
    expect(split).toMatchObject({ startS: 3.4, confirmedS: 3.4, evidence: ['mismatch'] });
  });

  test('proves it although it looks like a clean preemption', () => {
    const { router, split } = play([...every([0, 5], 'B', 100), ...every([5.84, 15], 'A', 150)], cast(mismatch));
    expect(split).toMatchObject({ startS: 5.84, confirmedS: 5.84, endS: null, winner: A, deaf: [B] });
    expect(router).toMatchObject({ state: 'split-brain', master: A, takeovers: [] });
  });

  test('is no reason while the other one has resigned', () => {
    const { report, router } = play(
      [...every([0, 3], 'A', 150), [3.2, 'A', 0], ...every([3.9, 9], 'B', 100)],
      cast(mismatch),
    );
    expect(report.exitStatus).not.toBe(2);
    expect(router.splitBrains).toEqual([]);
  });
});

describe('a rejected claimant that falls silent', () => {
  const nodes = { A: { password: 'oneword' }, B: { password: 'another' } };
  const rejecting: Step[] = [...every([0, 3], 'A', 150), [3.4, 'B', 100], ...every([4.4, 64], 'A', 150)];

  test('stays a claimant', () => {
    const { router, split } = play(rejecting, { nodes });
    expect(router.state).toBe('split-brain');
    expect(split.endS).toBeNull();
    expect(router.advertisers.map(({ source, claiming }) => [source, claiming])).toEqual([
      [A, true],
      [B, true],
    ]);
  });

  test('stays one although the other is silent for a while, too', () => {
    const { router, split } = play([...rejecting, ...every([66, 120], 'B', 100)], { nodes });
    expect(split.endS).toBeNull();
    expect(router).toMatchObject({ state: 'split-brain', master: A });
  });

  test('stays one until it resigns', () => {
    const { router, split } = play([...rejecting, [64.7, 'B', 0], ...every([65.7, 68], 'A', 150)], { nodes });
    expect(split.endS).toBe(64.7);
    expect(router.state).toBe('ok');
  });

  test('stays one until the other resigns', () => {
    const { router, split } = play([...rejecting, [64.7, 'A', 0], ...every([65.2, 68], 'B', 100)], { nodes });
    expect(split.endS).toBe(64.7);
    expect(router).toMatchObject({ state: 'ok', master: B });
  });

  test('stays one until its settings are repaired and it yields', () => {
    // A reload sends one more advertisement, and the next one has the password of A.
    const { router, split } = play(
      [...rejecting, [64.5, 'B', 100], [64.505, 'B', 100, { password: 'oneword' }], ...every([64.506, 72], 'A', 150)],
      { nodes },
    );
    expect(split.endS).toBeCloseTo(64.506, 1);
    expect(router).toMatchObject({ state: 'ok', master: A });
  });

  test('stays one until the settings of the other are repaired, so that it can yield', () => {
    const { router, split } = play([...rejecting, ...every([65.4, 75], 'A', 150, 1, { password: 'another' })], {
      nodes,
    });
    expect(split.endS).not.toBeNull();
    expect(router).toMatchObject({ state: 'ok', master: A });
  });
});

describe('a loser that reads the winner and rejects what the winner accepts of it', () => {
  const nodes = {
    A: { version: 3, to: B, checksum: 'pseudo' },
    B: { version: 3, to: A, checksum: 'pseudo-group' },
  } as const;
  // The winner answers at once. When its own timer is the first to fire, that silences the loser for an interval.
  const round = (atS: number): Step[] => [
    [atS, 'B', 100],
    [atS + 0.002, 'A', 150],
  ];
  const both: Step[] = [
    ...every([0, 4], 'A', 150),
    ...[4.4, 5.4].flatMap(round),
    [6.399, 'A', 150],
    ...[7.4, 8.4].flatMap(round),
    [9.399, 'A', 150],
    ...[10.4, 11.4].flatMap(round),
    ...every([12.399, 40.4], 'A', 150),
  ];

  test('is still master while it is silent', () => {
    const { router, split } = play(both, { nodes });
    expect(router.state).toBe('split-brain');
    expect(split).toMatchObject({ startS: 4.4, endS: null });
  });

  test('is not kept from hearing it', () => {
    const { cause } = play(both, { nodes }).split;
    expect(cause).toMatchObject({ code: 'checksum-mismatch', differs: { field: 'checksum' } });
    expect(cause.remedies.map(({ on, why }) => [on, why])).toEqual([[B, 'remove old_unicast_checksum']]);
  });

  test('says why in its log, where nothing visible differs', () => {
    const alike = { A: { to: B }, B: { to: A } };
    const { cause } = play(both, { nodes: alike }).split;
    expect(cause).toMatchObject({ code: 'filtered', confidence: 'likely', differs: null });
    expect(cause.summary).toMatch(/10\.0\.0\.2 reads the advertisements of 10\.0\.0\.1/);
    expect(cause.remedies.map(({ command }) => command)[0]).toContain('journalctl -u keepalived');
    expect(cause.remedies.map(({ why }) => why)[1]).toContain('unicast_peer');
  });

  test('yields once the winner is set like it', () => {
    const repaired = every([41.4, 60], 'A', 150, 1, { checksum: 'pseudo-group' });
    const { router, split } = play([...both, ...repaired], { nodes });
    expect(split.endS).not.toBeNull();
    expect(router).toMatchObject({ state: 'ok', master: A });
  });

  test('would be deaf if it kept its rhythm', () => {
    const deaf = play(
      together(
        every([0, 20], 'A', 150),
        every([4.4, 20], 'B', 100).flatMap(([s]) => round(s)),
      ),
      { nodes },
    );
    expect(deaf.split.cause.code).toBe('filtered');
  });
});

test('a backup whose skew time is an interval rejects nothing when it takes over after a lost advertisement', () => {
  const impatient: Step[] = [5.996, 7.996, 9.996].map((atS) => [atS, 'B', 1]);
  const { router, split } = play(together(every([0, 30], 'A', 150), impatient));
  expect(split.endS).not.toBeNull();
  expect(router).toMatchObject({ state: 'ok', master: A });
});

test('a claimant that is silenced stays one when its rival yields to a better one of the same settings', () => {
  const nodes = { A: V3, B: { version: 2 }, C: V3 };
  const { split, router } = play(together(every([0, 6], 'A', 90), [[3.1, 'B', 200]], every([6.81, 60], 'C', 150)), {
    nodes,
  });
  expect(split).toMatchObject({ winner: B, deaf: [C], startS: 3.1, endS: null });
  expect(router).toMatchObject({ state: 'split-brain', master: B, takeovers: [] });
});

test('a master that was reloaded with another version does not send both', () => {
  const { split, router } = play(
    together(
      every([0, 5], 'A', 150, 1, V3),
      [
        [5.2, 'A', 150, V3],
        [5.205, 'A', 150],
        [6.205, 'A', 150],
      ],
      every([6.77, 20], 'B', 100, 1, V3),
    ),
  );
  expect(split).toMatchObject({ winner: A, deaf: [B], startS: 6.77, cause: { code: 'version-mismatch' } });
  expect(router.takeovers).toEqual([]);
});

test('checksums are the cause although they are right again, whoever else had a part in it', () => {
  const wrong = { checksum: 'bad' } as const;
  const { split } = play(
    together(
      every([0, 20], 'A', 200, 1, wrong),
      every([2.5, 8.5], 'B', 100, 1),
      every([8.7, 20.7], 'C', 150, 1),
      every([20.701, 30], 'A', 200),
    ),
  );
  expect(split.deaf).toContain(C);
  expect(split.cause.code).toBe('checksum-mismatch');
});

describe('a mate of a master that is silenced by whom both reject', () => {
  const nodes = { A: { intervalS: 2 }, B: { intervalS: 1 }, C: { intervalS: 2 } };
  const silenced: Step[] = together(every([0, 40], 'B', 90), [[6.5, 'A', 150]]);
  const answer = ([atS]: Step): Step => [atS + 0.001, 'A', 150];

  test('times out again and again, is answered and yields: it is no claimant', () => {
    const timeouts: Step[] = [13.3, 20.1, 26.9, 33.7].map((atS) => [atS, 'C', 50]);
    const { split, router } = play(together(silenced, timeouts, timeouts.map(answer)), { nodes });
    expect(split).toMatchObject({ winner: A, deaf: [B], endS: null, claimants: [A, B] });
    expect(split.cause.remedies.map(({ on }) => on)).not.toContain(C);
    expect(router).toMatchObject({ master: A, takeovers: [] });
    expect(router.advertisers.find(({ source }) => source === C)?.claiming).toBe(false);
  });

  test('may say farewell before it yields (higher_prio_send_advert)', () => {
    const words: Step[] = [13.3, 13.31, 20.1, 20.11].map((atS) => [atS, 'C', 50]);
    const { split } = play(together(silenced, words, words.map(answer)), { nodes });
    expect(split.deaf).toEqual([B]);
  });

  test('may time out together with its master, so that their words cross', () => {
    const timeouts: Step[] = [13.3, 20.1, 26.9].map((atS) => [atS, 'C', 50]);
    const crossing = timeouts.map(([atS]): Step => [atS - 0.003, 'A', 150]);
    expect(play(together(silenced, timeouts, crossing), { nodes }).split.deaf).toEqual([B]);
  });

  test('that goes on although it is answered is a claimant as well', () => {
    const deaf = every([13.3, 39], 'C', 50, 2);
    const { split } = play(together(silenced, deaf, deaf.map(answer)), { nodes });
    expect([...split.deaf].sort()).toEqual([B, C]);
  });

  test('that goes on because its master is dead is a claimant as well', () => {
    const { split } = play(together(silenced, every([13.3, 39], 'C', 50, 2)), { nodes });
    expect(split.claimants).toContain(C);
  });

  test('is none either when the settings of its master are repaired before its own', () => {
    const timeout: Step = [13.3, 'C', 50];
    const repaired: Step[] = [
      [15.5, 'A', 150],
      [15.505, 'A', 150, { intervalS: 1 }],
    ];
    const better = every([0, 40], 'B', 200);
    const { split, router } = play(together(better, [[6.5, 'A', 150]], [timeout], [answer(timeout)], repaired), {
      nodes,
    });
    expect(split).toMatchObject({ winner: B, deaf: [A] });
    expect(split.endS).toBe(16);
    expect(router).toMatchObject({ state: 'ok', master: B });
  });
});

describe('a split brain whose cause was repaired', () => {
  const nodes = { A: { password: 'oneword' }, B: { password: 'another' } };
  const repaired = [
    ...together(every([0, 10], 'A', 150), every([3.4, 10.4], 'B', 100)),
    ...every([11, 20], 'A', 150, 1, { password: 'another' }),
  ];

  test('is over', () => {
    const { report, router, split } = play(repaired, { nodes });
    expect(report.exitStatus).toBe(2);
    expect(router).toMatchObject({ state: 'ok', master: A });
    expect(split.endS).toBe(11);
  });

  test('keeps its cause', () => {
    expect(play(repaired, { nodes }).split.cause.code).toBe('auth-mismatch');
  });

  test('keeps its cause when it was the loser that was repaired', () => {
    const { split } = play(
      [
        ...together(every([0, 10], 'A', 150), every([3.4, 10.4], 'B', 100)),
        [10.5, 'B', 100, { password: 'oneword' }],
        ...every([10.501, 20.6], 'A', 150),
      ],
      { nodes },
    );
    expect(split.endS).toBeCloseTo(10.501, 3);
    expect(split.cause.code).toBe('auth-mismatch');
  });

  test('is over when its winner comes back to the group of the others', () => {
    const steps = [
      ...together(every([0, 10], 'A', 150, 1, { to: '224.0.0.28' }), every([3.4, 10.4], 'B', 100)),
      ...every([11, 20], 'A', 150),
    ];
    const { report, router, split } = play(steps);
    expect(report.exitStatus).toBe(2);
    expect(router).toMatchObject({ state: 'ok', master: A });
    expect(split).toMatchObject({ endS: 11, cause: { code: 'unicast-mismatch' } });
  });

  test('is over although IPv6 numbers nothing, so that the reload is told by the address list alone', () => {
    const [short, long] = [['fe80::64'], ['fe80::64', 'fd00::64']];
    const { split, router } = play(
      [
        ...every([0, 5], 'A', 150),
        ...every([5.45, 17.45], 'B', 100),
        [18.4, 'B', 100],
        [18.401, 'B', 100, { addresses: long }],
        ...every([18.402, 28.5], 'A', 150),
      ],
      { nodes: { A: { from: 'fe80::1', addresses: long }, B: { from: 'fe80::2', addresses: short } } },
    );
    expect(split.cause.code).toBe('address-mismatch');
    expect(split.endS).toBeCloseTo(18.4, 1);
    expect(router).toMatchObject({ state: 'ok', master: 'fe80::1' });
  });

  test('lasted until the repair, although the loser was silenced long before', () => {
    const { split } = play(
      [
        ...every([0, 3], 'A', 150),
        [3.4, 'B', 100],
        ...every([4.4, 64.4], 'A', 150),
        ...every([65.4, 75], 'A', 150, 1, { password: 'another' }),
      ],
      { nodes },
    );
    expect(split.endS).toBeCloseTo(65.4, 1);
  });
});

describe('what looks like a mismatch and is none', () => {
  function verdictOf(a: Settings, b: Settings): ReturnType<typeof play>['report'] {
    return play([...every([0, 5], 'B', 100), ...every([5.84, 15], 'A', 150)], { nodes: { A: a, B: b } }).report;
  }

  test('passwords that are equal in their first eight characters', () => {
    expect(verdictOf({ password: '12345678AAA' }, { password: '12345678BBB' })).toMatchObject(HEALTHY);
  });

  test('the same addresses in another order', () => {
    expect(verdictOf({ addresses: MORE_ADDRESSES }, { addresses: [...MORE_ADDRESSES].reverse() })).toMatchObject(
      HEALTHY,
    );
  });

  test('another interval in VRRPv3', () => {
    expect(verdictOf({ ...V3, intervalS: 1 }, { ...V3, intervalS: 2 })).toMatchObject(HEALTHY);
  });

  test('the checksum of RFC 9568, when both use it', () => {
    expect(verdictOf({ ...V3, checksum: 'plain' }, { ...V3, checksum: 'plain' })).toMatchObject(HEALTHY);
  });

  test('the HMAC trailer, when both send it', () => {
    expect(verdictOf({ hmac: true }, { hmac: true })).toMatchObject(HEALTHY);
  });

  test('unicast TTL other than 255, which only keepalived with min_ttl minds', () => {
    expect(verdictOf({ to: B, ttl: 64 }, { to: A, ttl: 64 })).toMatchObject(HEALTHY);
  });

  test('a TTL that only the higher one minds: the lower one reads and yields', () => {
    expect(verdictOf({}, { ttl: 64 }).exitStatus).not.toBe(2);
  });

  test('a checksum that only the higher one minds: the lower one reads and yields', () => {
    expect(verdictOf({}, { checksum: 'bad' }).exitStatus).not.toBe(2);
  });

  test('one damaged advertisement of a healthy master', () => {
    const { report } = play([
      ...every([0, 5], 'B', 100),
      [5.84, 'A', 150, { checksum: 'bad' }],
      ...every([6.84, 12], 'A', 150),
    ]);
    expect(report.exitStatus).not.toBe(2);
  });
});

test('a node that begins when a dead master would be followed has followed it, whatever their settings', () => {
  const steps = [...every([0, 5], 'A', 150), ...every([8.609, 20], 'B', 100)];
  for (const settings of [{ version: 3 }, { password: 'other' }]) {
    const { report, router } = play(steps, { nodes: { B: settings } });
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(router.takeovers).toMatchObject([{ from: A, to: B, kind: 'timed-out' }]);
    expect(router.findings).toMatchObject([{ code: 'config-mismatch' }]);
  }
});

test('members are not compared with those that they have replaced', () => {
  const steps = [...every([0, 5], 'A', 150), [5.2, 'A', 0] as const, ...every([3600, 3620], 'C', 150)];
  expect(play(steps, { nodes: { C: { version: 3 } } }).findings).toEqual([]);
});

test('a password that the capture cut off is not another one', () => {
  const addresses = ['10.0.0.100', '10.0.0.101', '10.0.0.102', '10.0.0.103', '10.0.0.104'];
  const { report } = play([...every([0, 5], 'B', 100), ...every([5.84, 12], 'A', 150)], {
    all: { password: 'secret', addresses },
    nodes: { B: { addresses: addresses.slice(0, 4) } },
    snapLength: 68,
  });
  expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
});
