import { describe, expect, test } from 'vitest';
import { LINK_TYPE } from '../../src/frame.ts';
import { advertPacket, frame } from '../support/build.ts';
import { sll2 } from '../support/build-links.ts';
import { A, B, C, every, type Played, play, type Settings, type Step, together } from '../support/story.ts';

const HEALTHY = { verdict: 'ok', exitStatus: 0 };

/** Two masters that would be split brain if they were of one virtual router. */
function both(a: Settings, b: Settings): Played {
  return play(together(every([0, 9], 'A', 150, 1, a), every([0.4, 9], 'B', 100, 1, b)));
}

/** LINUX_SLL packet type of a frame that this host sends or forwards. */
const OUTGOING = 4;

/** A master in IPv6 for ten seconds, each advertisement seen on these interfaces with these packet types. */
function cookedIpv6(seen: readonly (readonly [interfaceIndex: number, packetType: number])[]): Step[] {
  const payload = advertPacket({ from: 'fe80::1', priority: 150 });
  return Array.from({ length: 10 }, (_, i) =>
    seen.map(
      ([interfaceIndex, packetType], copy): Step => [i + copy / 100_000, sll2({ payload, packetType, interfaceIndex })],
    ),
  ).flat();
}

function routersOf({ report }: Played): unknown[] {
  return report.virtualRouters.map(({ vlan, family, vrid, master }) => [vlan, family, vrid, master]);
}

describe('one VRID is two virtual routers', () => {
  test('in two VLANs', () => {
    const played = both({ vlans: [10] }, { vlans: [20] });
    expect(played.report).toMatchObject(HEALTHY);
    expect(routersOf(played)).toEqual([
      [10, 4, 51, A],
      [20, 4, 51, B],
    ]);
  });

  test('with and without a VLAN tag', () => {
    expect(routersOf(both({}, { vlans: [20] }))).toEqual([
      [null, 4, 51, A],
      [20, 4, 51, B],
    ]);
  });

  test('in two VLANs of two providers', () => {
    const played = both({ vlans: [{ tpid: 0x88a8, vid: 100 }, 20] }, { vlans: [{ tpid: 0x88a8, vid: 200 }, 20] });
    expect(played.report).toMatchObject(HEALTHY);
    expect(played.report.virtualRouters).toHaveLength(2);
  });

  test('in two families', () => {
    const played = both({}, { from: 'fe80::2' });
    expect(played.report).toMatchObject(HEALTHY);
    expect(routersOf(played)).toEqual([
      [null, 4, 51, A],
      [null, 6, 51, 'fe80::2'],
    ]);
  });

  test('in two unicast clusters without a common peer', () => {
    const played = play(
      together(
        every([0, 9], 'A', 150, 1, { to: B }),
        every([0.4, 9], 'X', 100, 1, { from: '10.0.0.21', to: '10.0.0.22', addresses: ['10.0.0.200'] }),
      ),
    );
    expect(played.report).toMatchObject(HEALTHY);
    expect(played.report.virtualRouters).toHaveLength(2);
  });

  test('in two multicast groups with addresses of their own', () => {
    const played = both({}, { to: '224.0.0.28', addresses: ['10.0.0.200'] });
    expect(played.report).toMatchObject(HEALTHY);
    expect(played.report.virtualRouters).toHaveLength(2);
  });

  test('in two networks of a cooked capture, which has no VLAN tags, when they share no address', () => {
    const frames = (from: string, addresses: string[], atS: number): Step[] =>
      Array.from({ length: 10 }, (_, i) => {
        const payload = advertPacket({ from, addresses, priority: 100, id: i + 1 });
        return [atS + i, sll2({ payload, src: `02:00:00:00:00:0${from.slice(-1)}`, interfaceIndex: 2 })];
      });
    const two = together(frames(A, ['10.0.0.100'], 0), frames('10.1.0.2', ['10.1.0.100'], 0.4));
    const { report } = play(two, { linkType: LINK_TYPE.linuxSll2 });
    expect(report).toMatchObject(HEALTHY);
    expect(report.virtualRouters.map(({ addresses }) => addresses)).toEqual([['10.0.0.100'], ['10.1.0.100']]);
  });

  test('on two interfaces of a pcapng file', () => {
    const steps = together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100));
    const { report } = play(steps, { interfaceOf: (i) => (steps[i]?.[1] === 'A' ? 0 : 1) });
    expect(report).toMatchObject(HEALTHY);
    expect(report.virtualRouters.map((router) => [router.interface, router.master])).toEqual([
      ['if0', A],
      ['if1', B],
    ]);
  });
});

describe('one VRID is one virtual router', () => {
  test('in one VLAN, where two masters are split brain', () => {
    const played = both({ vlans: [10] }, { vlans: [10] });
    expect(played.report.exitStatus).toBe(2);
    expect(played.router.vlan).toBe(10);
  });

  test('whatever the priority bits of the tag are', () => {
    expect(both({ vlans: [{ tpid: 0x8100, vid: 10, priority: 6 }] }, { vlans: [10] }).report.exitStatus).toBe(2);
  });

  test('in two versions', () => {
    expect(both({ version: 2 }, { version: 3 }).router.advertisers).toHaveLength(2);
  });

  test('among unicast peers', () => {
    const played = both({ to: B }, { to: A });
    expect(played.report.exitStatus).toBe(2);
    expect(played.router.advertisers.map(({ unicast }) => unicast)).toEqual([true, true]);
  });

  test('among three unicast peers, each of which sends two copies', () => {
    const copies = (atS: number, node: string, priority: number, ...peers: string[]): Step[] =>
      peers.map((to, i) => [atS + i * 0.00004, node, priority, { to, id: 1000 + atS }]);
    const { report, router } = play([
      ...[0, 1, 2, 3].flatMap((atS) => copies(atS, 'A', 150, B, C)),
      ...[6.61, 7.61, 8.61].flatMap((atS) => copies(atS, 'B', 100, A, C)),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router.advertisers.map(({ source, adverts }) => [source, adverts])).toEqual([
      [A, 4],
      [B, 3],
    ]);
    expect(router.takeovers).toMatchObject([{ from: A, to: B, kind: 'timed-out' }]);
  });

  test('among three unicast peers of which two never speak to each other', () => {
    const { report } = play(together(every([0, 9], 'A', 150, 1, { to: C }), every([0.4, 9], 'B', 100, 1, { to: C })));
    expect(report.virtualRouters).toHaveLength(1);
    expect(report.exitStatus).toBe(2);
  });
});

describe('copies of one advertisement', () => {
  test('of a mirror port are counted once', () => {
    const steps = every([0, 9], 'A', 150).flatMap(([atS], i): Step[] => {
      const bytes = frame({ from: A, priority: 150, id: i + 1 });
      return [
        [atS, bytes],
        [atS + 0.00002, bytes],
      ];
    });
    const { report, router } = play(steps);
    expect(report).toMatchObject(HEALTHY);
    expect(router.advertisers).toMatchObject([{ adverts: 10 }]);
  });

  test('of `-i any` on a bridge and its ports are counted once, and make one virtual router', () => {
    const steps = Array.from({ length: 10 }, (_, i) => {
      const payload = advertPacket({ from: A, priority: 150, id: i + 1 });
      return [
        [5, 2],
        [6, 4],
        [7, 4],
        [4, 2],
      ].map(
        ([interfaceIndex = 0, packetType = 0], copy): Step => [
          i + copy / 100_000,
          sll2({ payload, packetType, interfaceIndex }),
        ],
      );
    }).flat();
    const { report, router } = play(steps, { linkType: LINK_TYPE.linuxSll2 });
    expect(report).toMatchObject(HEALTHY);
    expect(router.advertisers).toMatchObject([{ adverts: 10 }]);
  });

  test('of `-i any` that a bridge forwards make one virtual router in IPv6, too', () => {
    const { report, router } = play(
      cookedIpv6([
        [5, 2],
        [6, OUTGOING],
        [7, OUTGOING],
      ]),
      { linkType: LINK_TYPE.linuxSll2 },
    );
    expect(report).toMatchObject(HEALTHY);
    expect(router.advertisers).toMatchObject([{ source: 'fe80::1', adverts: 10 }]);
  });

  test('of `-i any` are none in IPv6 when they arrive on two VLANs, where one master sends the same bytes', () => {
    const { report } = play(
      cookedIpv6([
        [5, 2],
        [6, 2],
      ]),
      { linkType: LINK_TYPE.linuxSll2 },
    );
    expect(report).toMatchObject(HEALTHY);
    expect(report.virtualRouters.map(({ advertisers }) => advertisers.map(({ adverts }) => adverts))).toEqual([
      [10],
      [10],
    ]);
  });

  test('of `-i any` leave two masters two', () => {
    const steps = Array.from({ length: 20 }, (_, i) => {
      const from = i % 2 ? B : A;
      const payload = advertPacket({ from, priority: i % 2 ? 100 : 150, id: i + 1 });
      return [5, 6, 4].map(
        (interfaceIndex, copy): Step => [
          i / 2 + copy / 100_000,
          sll2({ payload, src: `02:00:00:00:00:0${1 + (i % 2)}`, packetType: copy === 1 ? 4 : 2, interfaceIndex }),
        ],
      );
    }).flat();
    const { report } = play(steps, { linkType: LINK_TYPE.linuxSll2 });
    expect(report.exitStatus).toBe(2);
    expect(report.virtualRouters).toHaveLength(1);
  });

  test('are told from a repetition an interval later that has the same IP id', () => {
    const { router } = play(every([0, 9], 'A', 150, 1, { id: 0x1234 }));
    expect(router.advertisers).toMatchObject([{ adverts: 10 }]);
  });
});

test('a node may have a part in two clusters of unicast peers that do not overlap otherwise', () => {
  const toB = { to: B };
  const { report } = play(
    together(every([0, 9], 'A', 150, 1, toB), every([0.4, 9], 'C', 100, 1, { to: A, addresses: ['10.0.0.200'] })),
  );
  expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
  expect(report.virtualRouters.map(({ master }) => master)).toEqual([A, C]);
});

test('clusters of one VRID have keys of their own', () => {
  const { report } = play(
    together(
      every([0, 3], 'A', 150, 1, { to: B }),
      every([0.4, 3], 'C', 100, 1, { to: '10.0.0.4', addresses: ['10.0.0.200'] }),
    ),
  );
  expect(new Set(report.virtualRouters.map(({ key }) => key)).size).toBe(2);
});

describe('one unicast with two hardware addresses on its way', () => {
  const ROUTER = '02:00:00:00:00:fe';
  const seconds = Array.from({ length: 10 }, (_, i) => i);

  test('is one advertisement: a router forwards it', () => {
    const { report } = play(
      seconds.flatMap((i): Step[] => [
        [i, 'A', 150, { to: '10.1.0.2', id: i + 1 }],
        [i + 5e-5, 'A', 150, { to: '10.1.0.2', id: i + 1, ttl: 254, mac: ROUTER }],
      ]),
    );
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
  });

  test('is one advertisement for each peer: a bond sends them by different cards', () => {
    const { report, router } = play(
      seconds.flatMap((i): Step[] => [
        [i, 'A', 150, { to: B, id: i + 1 }],
        [i + 4e-5, 'A', 150, { to: C, id: i + 1, mac: ROUTER }],
      ]),
    );
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
    expect(router.advertisers).toMatchObject([{ adverts: 10 }]);
  });
});
