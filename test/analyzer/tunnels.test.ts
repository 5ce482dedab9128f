import { describe, expect, test } from 'vitest';
import { LINK_TYPE } from '../../src/frame.ts';
import { arpReply, frame, type VlanTag } from '../support/build.ts';
import { backbone, sll2 } from '../support/build-links.ts';
import { erspan, gre, vxlan } from '../support/build-tunnels.ts';
import { A, B, play, type Step, together, VIP } from '../support/story.ts';

type Wrap = (inner: Uint8Array, side: 0 | 1) => Uint8Array;

/** Ten advertisements of each of two masters, split brain if they are of one segment, each in what `wrap` puts around it. */
function both(wrap: Wrap, vlans: readonly [VlanTag[], VlanTag[]] = [[], []]): Step[] {
  const of = (side: 0 | 1, from: string, priority: number): Step[] =>
    Array.from({ length: 10 }, (_, i) => [
      i + side * 0.4,
      wrap(frame({ from, priority, id: i + 1, vlans: vlans[side] }), side),
    ]);
  return together(of(0, A, 150), of(1, B, 100));
}

/** Ends of a mirror session differ by the switch that mirrors, and frames of both directions come. */
const ends = (side: 0 | 1) => ({ outerSrc: `192.0.2.${side + 1}`, outerDst: '192.0.2.9' });

const TUNNELS: readonly [string, string, Wrap][] = [
  ['VXLAN', 'vxlan 42', (inner, side) => vxlan(inner, ends(side))],
  ['VXLAN over IPv6', 'vxlan 42', (inner) => vxlan(inner, { outerSrc: '2001:db8::1', outerDst: '2001:db8::2' })],
  ['VXLAN of Linux', 'vxlan 42', (inner, side) => vxlan(inner, { ...ends(side), port: 8472 })],
  ['GRE', 'gre', (inner, side) => gre(inner, ends(side))],
  ['GRE with a key', 'gre 7', (inner, side) => gre(inner, { ...ends(side), key: 7 })],
  ['GRE without Ethernet', 'gre', (inner, side) => gre(inner.subarray(14), { ...ends(side), type: 0x0800 })],
  ['ERSPAN type I', 'erspan', (inner, side) => erspan(inner, { ...ends(side), version: 1 })],
  ['ERSPAN type II', 'erspan 3', (inner, side) => erspan(inner, { ...ends(side), sequence: side })],
  ['ERSPAN type III', 'erspan 3', (inner, side) => erspan(inner, { ...ends(side), version: 3 })],
  ['802.1ah', 'i-sid 5', (inner, side) => backbone(inner, { src: `02:bb:00:00:00:0${side}`, serviceId: 5 })],
  ['VXLAN in ERSPAN', 'erspan 3 vxlan 42', (inner, side) => erspan(vxlan(inner, ends(side)), ends(side))],
];

describe('a split brain is told', () => {
  test.each(TUNNELS)('in %s', (_, name, wrap) => {
    const { report, router, split } = play(both(wrap));
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    expect(router).toMatchObject({ interface: name, vlan: null, vrid: 51 });
    expect(split).toMatchObject({ claimants: [A, B], winner: A, deaf: [B] });
  });

  test.each(TUNNELS)('in %s on an interface that has a name', (_, name, wrap) => {
    const { router } = play(both(wrap), { interfaceOf: () => 2 });
    expect(router.interface).toBe(`if2 ${name}`);
  });

  test('of a second holder that only ARP shows, in the tunnel', () => {
    const adverts = both((inner) => gre(inner)).filter((_, i) => i % 2 === 0);
    const replies = Array.from({ length: 9 }, (_, i): Step[] => [
      [i + 0.5, gre(arpReply({ address: VIP, mac: '02:00:00:00:00:01' }))],
      [i + 0.6, gre(arpReply({ address: VIP, mac: '02:00:00:00:00:02' }))],
    ]).flat();
    expect(play(together(adverts, replies)).split.evidence).toEqual(['arp']);
  });

  test('of frames that are heard in the tunnel and, by `-i any`, once more where it ends', () => {
    const wrap = (inner: Uint8Array) => sll2({ payload: vxlan(inner).subarray(14), interfaceIndex: 2, packetType: 0 });
    const inside = both((inner) => sll2({ payload: inner.subarray(14), src: macIn(inner), interfaceIndex: 5 }));
    const steps = both(wrap).flatMap((step, i): Step[] => {
      const again = inside[i]?.[1] as Uint8Array;
      return [step, [step[0] + 0.00002, again]];
    });
    const { report } = play(steps, { linkType: LINK_TYPE.linuxSll2 });
    expect(report.exitStatus).toBe(2);
    expect(report.virtualRouters.map(({ advertisers }) => advertisers.map(({ adverts }) => adverts))).toEqual([
      [10, 10],
    ]);
  });
});

describe('one VRID is two virtual routers', () => {
  test.each<[string, readonly [string, string], Wrap]>([
    ['VXLAN networks', ['vxlan 5', 'vxlan 6'], (inner, side) => vxlan(inner, { vni: 5 + side })],
    ['keys of GRE', ['gre 5', 'gre 6'], (inner, side) => gre(inner, { key: 5 + side })],
    ['sessions of ERSPAN', ['erspan 5', 'erspan 6'], (inner, side) => erspan(inner, { session: 5 + side })],
    ['services of 802.1ah', ['i-sid 5', 'i-sid 6'], (inner, side) => backbone(inner, { serviceId: 5 + side })],
  ])('in two %s', (_, names, wrap) => {
    const { report } = play(both(wrap));
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
    expect(report.virtualRouters.map((router) => [router.interface, router.master])).toEqual([
      [names[0], A],
      [names[1], B],
    ]);
  });

  test('in two VLANs of one tunnel', () => {
    const { report } = play(both((inner) => vxlan(inner), [[10], [20]]));
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
    expect(report.virtualRouters.map(({ vlan }) => vlan)).toEqual([10, 20]);
  });

  test('in two VLANs of a mirror session whose tags were taken off', () => {
    const { report } = play(both((inner, side) => erspan(inner, { vlan: 10 + side })));
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
    expect(report.virtualRouters.map(({ vlan }) => vlan)).toEqual([10, 11]);
  });

  test('inside of a tunnel and outside', () => {
    const { report } = play(both((inner, side) => (side === 0 ? inner : gre(inner))));
    expect(report).toMatchObject({ verdict: 'ok', exitStatus: 0 });
    expect(report.virtualRouters.map((router) => router.interface)).toEqual([null, 'gre']);
  });
});

test('of a flood of tunnels, those that are not watched are told', () => {
  const steps = Array.from({ length: 3000 }, (_, vni): Step => [vni / 1000, vxlan(frame({ from: A }), { vni })]);
  const { findings, report } = play([...steps, ...both((inner) => vxlan(inner, { vni: 0 })).map(later)]);
  expect(findings).toContain('tracking-limit');
  expect(report.virtualRouters).toHaveLength(1024);
  expect(report.virtualRouters.find((router) => router.interface === 'vxlan 0')?.splitBrains).toHaveLength(1);
});

function later([atS, bytes]: Step): Step {
  return [atS + 4, bytes as Uint8Array];
}

function macIn(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(6, 12), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
