import { describe, expect, test } from 'vitest';
import { DEFECT, FRAME } from '../../src/decoder/advertisement.ts';
import { FrameDecoder } from '../../src/decoder/decode.ts';
import { MAX_TUNNELS } from '../../src/decoder/tunnels.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import * as build from '../support/build.ts';
import { backbone, sll2 } from '../support/build-links.ts';
import { erspan, gre, vxlan } from '../support/build-tunnels.ts';
import { tunnelled } from '../support/frame-variants.ts';
import { decode, defectNames, readable } from './decoding.ts';

const from = '10.0.0.1';
const inner = build.frame({ from, priority: 150 });
const tagged = build.frame({ from, vlans: [100] });
const packet = build.advertPacket({ from });
const arpReply = build.arpReply({ address: '10.0.0.100' });

/** Name of the interface that the frame seems to come from; null for the real one, which has none. */
function nameOf(bytes: Uint8Array, interfaceName: string | null = null): string | null {
  const { kind, decoder, advertisement } = decode(bytes, { interfaceIndex: 3 });
  expect(kind).toBe(FRAME.advertisement);
  return decoder.tunnels.nameOf(advertisement.interfaceIndex, (index) => (index === 3 ? interfaceName : 'another'));
}

/** Numbers of the interfaces that one decoder gives for frames of one capture. */
function numbersOf(frames: readonly Uint8Array[], decoder = new FrameDecoder()): number[] {
  return frames.map((bytes) => {
    const kind = decoder.decode(bytes, 0, bytes.length, bytes.length, 0, 3, LINK_TYPE.ethernet);
    expect(kind).toBe(FRAME.advertisement);
    return decoder.advertisement.interfaceIndex;
  });
}

describe('a frame in a tunnel', () => {
  test.each(tunnelled.map((variant) => [variant.name, variant] as const))('is read: %s', (_, { bytes, linkType }) => {
    const { kind, advertisement } = decode(bytes, { linkType });
    expect(kind).toBe(FRAME.advertisement);
    expect(['10.0.0.1', 'fe80::1']).toContain(readable(advertisement).source);
    expect(defectNames(advertisement)).toEqual([]);
  });

  test.each([
    ['VXLAN', vxlan(inner)],
    ['GRE', gre(inner)],
    ['ERSPAN type I', erspan(inner, { version: 1 })],
    ['ERSPAN type II', erspan(inner)],
    ['ERSPAN type III', erspan(inner, { version: 3 })],
  ])('is the same in %s as outside', (_, bytes) => {
    expect(readable(decode(bytes).advertisement)).toEqual(readable(decode(inner).advertisement));
  });

  test('has the VLAN that the tunnel carries, not the one that carries the tunnel', () => {
    expect(readable(decode(vxlan(tagged, { outerVlans: [9] })).advertisement).vlan).toBe(100);
    expect(readable(decode(gre(inner, { outerVlans: [9] })).advertisement).vlan).toBeNull();
  });

  test('that is an IP packet alone has no hardware address', () => {
    expect(readable(decode(gre(packet, { type: 0x0800 })).advertisement)).toMatchObject({ source: from, mac: null });
  });

  test('ends where the packet around it ends', () => {
    const longer = build.frame({ from, trailing: Uint8Array.of(1, 2, 3, 4) }).subarray(0, -4);
    const { advertisement } = decode(vxlan(longer, { trailer: new Uint8Array(4) }));
    expect(advertisement.capturedPayload).toBe(20);
    expect(advertisement.payloadLength).toBe(24);
  });

  test('is taken for what it says of itself where the capture cut it', () => {
    const whole = vxlan(inner);
    const { kind, advertisement } = decode(whole.subarray(0, -12), { originalLength: whole.length });
    expect(kind).toBe(FRAME.advertisement);
    expect(defectNames(advertisement)).toEqual(['cut']);
  });

  test('that the mirror port cut is not held against its sender', () => {
    expect(decode(erspan(inner.subarray(0, 46), { isCut: true })).advertisement.defects).toBe(DEFECT.cut);
    expect(decode(erspan(inner.subarray(0, 46))).advertisement.defects).toBe(DEFECT.noAuthData);
  });

  test('keeps how the frame around it came into a cooked capture', () => {
    const bytes = sll2({ payload: gre(inner).subarray(14), packetType: 0, interfaceIndex: 70_000 });
    const { decoder, advertisement } = decode(bytes, { linkType: LINK_TYPE.linuxSll2 });
    expect(advertisement.packetType).toBe(0);
    expect(decoder.tunnels.interfaceOf(advertisement.interfaceIndex)).toBe(70_000);
  });

  test('in more than four tunnels is left where it is', () => {
    const four = gre(gre(gre(gre(inner))));
    expect(decode(four).kind).toBe(FRAME.advertisement);
    expect(decode(gre(four)).kind).toBe(FRAME.other);
    expect(decode(backbone(four)).kind).toBe(FRAME.other);
  });
});

describe('what is no tunnel, or none that can be opened', () => {
  test.each([
    ['UDP to another port', vxlan(inner, { port: 4790 })],
    ['VXLAN without a valid identifier', vxlan(inner, { flags: 0 })],
    ['GRE with a protocol of another kind', gre(inner, { type: 0x880b })],
    ['GRE with a routing field', gre(inner, { flags: 0x4000 })],
    ['GRE of version 1', gre(packet, { type: 0x0800, flags: 1 })],
    ['an IP packet that says it is an Ethernet frame', gre(packet)],
    ['ERSPAN type III around what is neither a frame nor a packet', erspan(inner, { version: 3, frameType: 5 })],
    ['the first fragment of a packet', vxlan(inner, { isFragment: true })],
    ['the first fragment over IPv6', gre(inner, { isFragment: true, outerSrc: 'fe80::1', outerDst: 'fe80::2' })],
  ])('is passed by: %s', (_, bytes) => {
    expect(decode(bytes).kind).toBe(FRAME.other);
  });
});

describe('the name of a tunnel', () => {
  test.each([
    [vxlan(inner, { vni: 0xffffff }), 'vxlan 16777215'],
    [gre(inner), 'gre'],
    [gre(inner, { key: 0 }), 'gre 0'],
    [gre(inner, { checksum: 1, key: 0xffffffff, sequence: 2 }), 'gre 4294967295'],
    [gre(packet, { type: 0x0800, key: 7 }), 'gre 7'],
    [erspan(inner, { version: 1 }), 'erspan'],
    [erspan(inner, { session: 1023 }), 'erspan 1023'],
    [erspan(inner, { version: 3, session: 0, subheader: true }), 'erspan 0'],
    [backbone(inner, { serviceId: 5 }), 'i-sid 5'],
    [backbone(inner, { serviceId: 0xe0ffffff }), 'i-sid 16777215'],
    [erspan(vxlan(inner, { vni: 42 })), 'erspan 3 vxlan 42'],
    [vxlan(backbone(inner, { serviceId: 5 })), 'vxlan 42 i-sid 5'],
  ])('is the kind and the id, from the outside in', (bytes, name) => {
    expect(nameOf(bytes)).toBe(name);
    expect(nameOf(bytes, 'eth0')).toBe(`eth0 ${name}`);
  });

  test('is that of the interface outside of all tunnels', () => {
    expect(nameOf(inner)).toBeNull();
    expect(nameOf(inner, 'eth0')).toBe('eth0');
  });
});

describe('two frames come from one segment', () => {
  const other = { outerSrc: '198.51.100.1', outerDst: '198.51.100.2', outerVlans: [9] };

  test.each([
    ['VXLAN, whoever speaks to whom', vxlan(inner), vxlan(inner, other)],
    ['VXLAN, whatever its port', vxlan(inner), vxlan(inner, { port: 8472 })],
    ['GRE, whoever speaks to whom', gre(inner, { key: 7 }), gre(inner, { key: 7, sequence: 5, ...other })],
    ['an ERSPAN session of several switches', erspan(inner), erspan(inner, { version: 3, ...other })],
    [
      'a service of 802.1ah, whatever its priority',
      backbone(inner, { serviceId: 5 }),
      backbone(inner, { serviceId: 0x20000005 }),
    ],
  ])('in %s', (_, first, second) => {
    const [a, b] = numbersOf([first, second]);
    expect(a).toBe(b);
    expect(a).toBeGreaterThan(0xffff_ffff);
  });

  test('of an ERSPAN session, whether the switch took the tag off or left it', () => {
    const without = decode(erspan(inner, { vlan: 100 })).advertisement;
    const within = decode(erspan(tagged, { vlan: 100 })).advertisement;
    expect([without.vlan, within.vlan]).toEqual([100, 100]);
  });
});

test.each([
  ['two network identifiers of VXLAN', vxlan(inner, { vni: 5 }), vxlan(inner, { vni: 6 })],
  ['two keys', gre(inner, { key: 5 }), gre(inner, { key: 6 })],
  ['a key and none', gre(inner, { key: 0 }), gre(inner)],
  ['two sessions', erspan(inner, { session: 5 }), erspan(inner, { session: 6 })],
  ['two services', backbone(inner, { serviceId: 5 }), backbone(inner, { serviceId: 6 })],
  ['two kinds of tunnel', vxlan(inner, { vni: 5 }), gre(inner, { key: 5 })],
  ['inside and outside', vxlan(inner), inner],
  ['one identifier in two sessions', erspan(vxlan(inner), { session: 5 }), erspan(vxlan(inner), { session: 6 })],
])('two frames come from two segments: %s', (_, first, second) => {
  const [a, b] = numbersOf([first, second, first, second]);
  expect(a).not.toBe(b);
  expect(numbersOf([first, second, first])).toEqual([a, b, a]);
});

test('a tunnel of one interface is another one on the next', () => {
  const decoder = new FrameDecoder();
  const bytes = vxlan(inner);
  const numbers = [1, 2].map((interfaceIndex) => {
    decoder.decode(bytes, 0, bytes.length, bytes.length, 0, interfaceIndex, LINK_TYPE.ethernet);
    return decoder.advertisement.interfaceIndex;
  });
  expect(numbers[0]).not.toBe(numbers[1]);
  expect(numbers.map((number) => decoder.tunnels.interfaceOf(number))).toEqual([1, 2]);
});

test('a claim counts in the tunnels from which an advertisement came', () => {
  const decoder = new FrameDecoder();
  const read = (bytes: Uint8Array) => decoder.decode(bytes, 0, bytes.length, bytes.length, 0, 0, LINK_TYPE.ethernet);
  expect(read(vxlan(arpReply))).toBe(FRAME.other);
  expect(read(vxlan(inner))).toBe(FRAME.advertisement);
  expect(read(vxlan(arpReply))).toBe(FRAME.claim);
  expect(decoder.claim.interfaceIndex).toBe(decoder.advertisement.interfaceIndex);
  expect(read(vxlan(arpReply, { vni: 43 }))).toBe(FRAME.other);
});

test('beyond a number of tunnels, further ones stay closed and the others open', () => {
  const decoder = new FrameDecoder();
  const of = (vni: number) => vxlan(inner, { vni });
  const known = numbersOf(
    Array.from({ length: MAX_TUNNELS }, (_, i) => of(i)),
    decoder,
  );
  expect(new Set(known).size).toBe(MAX_TUNNELS);
  const further = of(MAX_TUNNELS);
  expect(decoder.decode(further, 0, further.length, further.length, 0, 3, LINK_TYPE.ethernet)).toBe(FRAME.other);
  expect(numbersOf([of(0), of(MAX_TUNNELS - 1)], decoder)).toEqual([known[0], known.at(-1)]);
});
