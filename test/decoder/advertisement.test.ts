import { describe, expect, test } from 'vitest';
import { CHECKSUM, FRAME } from '../../src/decoder/advertisement.ts';
import { describeMalformed, describeShortness } from '../../src/decoder/malformed.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import * as build from '../support/build.ts';
import { sll, sll2 } from '../support/build-links.ts';
import { advertisements, carps, claims, malformed } from '../support/frame-variants.ts';
import { checksumWithPseudoHeader, concat, internetChecksum } from '../support/wire-bytes.ts';
import { decode, defectNames, readable } from './decoding.ts';

const from = '10.0.0.1';

describe('an advertisement', () => {
  test('of version 2 is read field by field', () => {
    const frame = build.frame({
      from: '192.168.0.111',
      vrid: 99,
      priority: 150,
      intervalS: 3,
      password: 'k33p@l1v',
      addresses: ['192.168.0.99', '192.168.0.98'],
      id: 4711,
      vlans: [100],
    });
    const { kind, advertisement } = decode(frame, { timeUs: 1_700_000_000_000_042, interfaceIndex: 3 });
    expect(kind).toBe(FRAME.advertisement);
    expect(readable(advertisement)).toEqual({
      version: 2,
      vrid: 99,
      priority: 150,
      intervalUs: 3_000_000,
      authType: 1,
      authData: 'k33p@l1v',
      addressCount: 2,
      addresses: ['192.168.0.99', '192.168.0.98'],
      source: '192.168.0.111',
      destination: '224.0.0.18',
      multicast: true,
      mac: '02:00:00:00:00:6f',
      vlan: 100,
      ttl: 255,
      ipId: 4711,
    });
    expect(advertisement.timeUs).toBe(1_700_000_000_000_042);
    expect(advertisement.interfaceIndex).toBe(3);
    expect(advertisement.checksumStyle).toBe(CHECKSUM.plain);
    expect(defectNames(advertisement)).toEqual([]);
  });

  test('of version 3 over IPv6 has addresses of 16 bytes, an interval in centiseconds and no authentication', () => {
    const frame = build.frame({ from: 'fe80::2', intervalCs: 4095, addresses: ['fe80::100', '2001:db8::100'] });
    const { advertisement } = decode(frame);
    expect(readable(advertisement)).toMatchObject({
      version: 3,
      intervalUs: 40_950_000,
      authType: -1,
      authData: null,
      addresses: ['fe80::100', '2001:db8::100'],
      source: 'fe80::2',
      destination: 'ff02::12',
      ipId: -1,
    });
    expect(defectNames(advertisement)).toEqual([]);
  });

  test('of version 3 is read without the four reserved bits of its interval', () => {
    const { advertisement } = decode(build.frame({ from, version: 3, intervalCs: 0xf000 + 100 }));
    expect(advertisement.intervalUs).toBe(1_000_000);
  });

  test('behind an authentication header shows its index, sequence number and check value', () => {
    const icv = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const { advertisement } = decode(build.frame({ from, ah: { spi: 0xfedcba98, sequence: 0xffffffff, icv } }));
    expect(advertisement).toMatchObject({ ah: true, ahSpi: 0xfedcba98, ahSequence: 0xffffffff, authType: 2 });
    const { bytes, ahIcvOffset } = advertisement;
    expect(bytes.subarray(ahIcvOffset, ahIcvOffset + 12)).toEqual(icv);
    expect(advertisement.payloadLength).toBe(20);
  });

  test('leaves nothing of the one before it', () => {
    const { decoder } = decode(build.frame({ from, ah: {}, password: 'secret', vlans: [9], hmac: true, ttl: 3 }));
    const plain = build.frame({ from: 'fe80::1' });
    decoder.decode(plain, 0, plain.length, plain.length, 0, 0, LINK_TYPE.ethernet);
    const fresh = decode(plain, { timeUs: 0 }).advertisement;
    const { bytes, ...rest } = decoder.advertisement;
    expect(bytes).toBe(plain);
    expect(shifted(rest)).toEqual(shifted(fresh));
  });

  test('by unicast is told from one by multicast', () => {
    expect(decode(build.frame({ from, to: '10.0.0.2' })).advertisement.multicast).toBe(false);
    expect(decode(build.frame({ from, to: '239.1.2.3' })).advertisement.multicast).toBe(true);
    expect(decode(build.frame({ from: 'fe80::1', to: 'fe80::2' })).advertisement.multicast).toBe(false);
  });
});

describe('the link layer', () => {
  test.each(advertisements.map((variant) => [variant.name, variant] as const))('carries %s', (_, variant) => {
    const { kind, advertisement } = decode(variant.bytes, { linkType: variant.linkType });
    expect(kind).toBe(FRAME.advertisement);
    expect(['10.0.0.1', 'fe80::1']).toContain(readable(advertisement).source);
    expect(advertisement.vrid).toBe(51);
  });

  test.each([
    { vlans: [], vlan: null },
    { vlans: [{ tpid: 0x8100, vid: 0, priority: 6 }], vlan: null },
    { vlans: [{ tpid: 0x8100, vid: 4095, priority: 7 }], vlan: 4095 },
    { vlans: [{ tpid: 0x88a8, vid: 200 }, 100], vlan: '200.100' },
    { vlans: [{ tpid: 0x9100, vid: 1 }, { tpid: 0x9200, vid: 0 }, 3], vlan: '1.3' },
  ])('gives the VLAN $vlan', ({ vlans, vlan }) => {
    expect(readable(decode(build.frame({ from, vlans })).advertisement).vlan).toBe(vlan);
  });

  test('keeps the outermost four of more tags', () => {
    expect(readable(decode(build.frame({ from, vlans: [1, 2, 3, 4, 5, 6, 7, 8] })).advertisement).vlan).toBe('1.2.3.4');
  });

  test('is walked for eight tags and no more', () => {
    expect(decode(build.frame({ from, vlans: [1, 2, 3, 4, 5, 6, 7, 8, 9] })).kind).toBe(FRAME.other);
  });

  test('of 802.1ah gives the inner source and the tags of both sides', () => {
    const inner = build.frame({ from, vlans: [7] });
    const { advertisement } = decode(build.ethernet({ vlans: [300], type: 0x88e7, payload: tagged(inner) }));
    expect(readable(advertisement)).toMatchObject({ mac: '02:00:00:00:00:01', vlan: '300.7' });
  });

  test('of a cooked capture gives packet type, kernel interface and source', () => {
    const payload = build.advertPacket({ from });
    const newer = sll2({ payload, packetType: 4, interfaceIndex: 70_000, src: '02:00:00:00:00:aa', vlans: [5] });
    const { advertisement } = decode(newer, { linkType: LINK_TYPE.linuxSll2, interfaceIndex: 1 });
    expect(advertisement).toMatchObject({ packetType: 4, interfaceIndex: 70_000, vlan: 5, mac: 0x0200000000aa });
    const older = decode(sll({ payload, src: null }), { linkType: LINK_TYPE.linuxSll, interfaceIndex: 1 });
    expect(older.advertisement).toMatchObject({ packetType: 2, interfaceIndex: 1, vlan: 0, mac: -1 });
  });
});

describe('defects', () => {
  test.each([
    ['checksum', { checksum: 'bad' }],
    ['ttl', { ttl: 254 }],
    ['length', { count: 9 }],
    ['noAddresses', { addresses: [] }],
    ['noAuthData', { authData: false }],
    ['noInterval', { intervalS: 0 }],
    ['trailing', { trailing: Uint8Array.of(1) }],
  ] as const)('%s is set where a router would object', (name, options) => {
    const { kind, advertisement } = decode(build.frame({ from, ...options }));
    expect(kind).toBe(FRAME.advertisement);
    expect(defectNames(advertisement)).toEqual([name]);
  });

  test('interval 0 is one of version 3 as well', () => {
    expect(defectNames(decode(build.frame({ from, version: 3, intervalCs: 0 })).advertisement)).toEqual(['noInterval']);
  });

  test('of a first fragment leave length and checksum open', () => {
    const payload = build.advert({ count: 9, checksum: 'bad' });
    const packet = build.ipv4({ src: from, dst: '224.0.0.18', payload, fragment: { offset: 0, more: true } });
    const { advertisement } = decode(build.ethernet({ payload: packet }));
    expect(defectNames(advertisement)).toEqual(['fragment']);
    expect(advertisement.checksumStyle).toBe(CHECKSUM.unknown);
  });

  test('a frame shorter on the wire than its IP header says is the sender’s defect, not the capture’s', () => {
    const packet = build.ipv4({ src: from, dst: '224.0.0.18', payload: build.advert(), totalLength: 40 });
    const { advertisement } = decode(build.ethernet({ payload: packet.subarray(0, 30) }));
    expect(defectNames(advertisement)).toEqual(['length']);
  });

  test('are not looked for in more bytes than the wire had, even when the capture claims fewer', () => {
    const frame = build.frame({ from });
    expect(defectNames(decode(frame, { originalLength: 10 }).advertisement)).toEqual([]);
  });

  test('bytes after a digest of Cisco’s authentication are none', () => {
    const { advertisement } = decode(build.frame({ from, authType: 254, trailing: new Uint8Array(16) }));
    expect(defectNames(advertisement)).toEqual([]);
  });

  test.each([2, 3, 9])('a password is not taken for addresses by a count of %i instead of 1', (count) => {
    const { advertisement } = decode(build.frame({ from, authType: 1, password: 'secret12', count }));
    expect(advertisement).toMatchObject({ addressCount: count, addressesPresent: 1, authOffset: -1 });
  });

  test('a count that the bytes do not bear names what is there', () => {
    const { advertisement } = decode(build.frame({ from, addresses: ['10.0.0.7'], authData: false, count: 4 }));
    expect(advertisement).toMatchObject({ addressCount: 4, addressesPresent: 1, authOffset: -1 });
    expect(describeShortness(advertisement)).toBe('count 4 needs 16 bytes, 4 left');
  });
});

describe('checksums', () => {
  test.each([
    [{ version: 2 }, CHECKSUM.plain],
    [{ version: 3 }, CHECKSUM.pseudoHeader],
    [{ version: 3, checksum: 'plain' }, CHECKSUM.plain],
    [{ version: 3, to: '10.0.0.2' }, CHECKSUM.pseudoHeader],
    [{ version: 3, to: '10.0.0.2', checksum: 'pseudo-group' }, CHECKSUM.pseudoHeaderGroup],
    [{ version: 3, checksum: 'bad' }, CHECKSUM.bad],
    [{ version: 2, checksum: 'pseudo' }, CHECKSUM.bad],
    [{ from: 'fe80::1' }, CHECKSUM.pseudoHeader],
    [{ from: 'fe80::1', checksum: 'plain' }, CHECKSUM.bad],
    [{ version: 2, hmac: true }, CHECKSUM.plain],
    [{ version: 3, hmac: true }, CHECKSUM.pseudoHeader],
    [{ from: 'fe80::1', hmac: true }, CHECKSUM.pseudoHeader],
    [{ version: 2, ah: {} }, CHECKSUM.plain],
  ] as const)('of %o are told apart', (options, style) => {
    expect(decode(build.frame({ from, ...options })).advertisement.checksumStyle).toBe(style);
  });

  test('over the whole payload are good as well, as a kernel makes them for IPv6', () => {
    const payload = build.advert({ src: 'fe80::1', hmac: true, checksum: 0 });
    const checksum = checksumWithPseudoHeader('fe80::1', 'ff02::12', 112, payload);
    const { advertisement } = decode(build.frame({ from: 'fe80::1', hmac: true, checksum }));
    expect(advertisement).toMatchObject({ checksumStyle: CHECKSUM.pseudoHeader, defects: 0 });
  });

  test('over an odd number of bytes count the last as the upper half of a word', () => {
    const odd = { authData: false, trailing: Uint8Array.of(1, 2, 3) };
    const checksum = internetChecksum(build.advert({ ...odd, checksum: 0 }));
    expect(decode(build.frame({ from, ...odd, checksum })).advertisement.checksumStyle).toBe(CHECKSUM.plain);
  });

  test('agree with published ones', () => {
    // gopacket, layers/vrrp_test.go: VRID 1, priority 100, 192.168.0.1 in version 2.
    const message = build.advert({ vrid: 1, addresses: ['192.168.0.1'] });
    expect(message.subarray(6, 8)).toEqual(Uint8Array.of(0xba, 0x52));
  });
});

describe('the HMAC trailer', () => {
  test('is found behind the message and is no defect', () => {
    const { advertisement } = decode(build.frame({ from, hmac: true }));
    expect(advertisement.hmacOffset).toBe(advertisement.messageOffset + 20);
    expect(defectNames(advertisement)).toEqual([]);
  });

  test.each([
    ['another extension type', [2, 0, 0, 0]],
    ['a reserved byte that is set', [1, 0, 0, 1]],
  ])('is not taken for 28 bytes with %s', (_, start) => {
    const trailing = Uint8Array.from({ length: 28 }, (_, i) => start[i] ?? 0);
    expect(decode(build.frame({ from, trailing })).advertisement.hmacOffset).toBe(-1);
  });

  test.each([27, 29])('is not taken for %i bytes', (length) => {
    const trailing = Uint8Array.from({ length }, (_, i) => (i === 0 ? 1 : 0));
    const { advertisement } = decode(build.frame({ from, trailing }));
    expect(advertisement.hmacOffset).toBe(-1);
    expect(defectNames(advertisement)).toEqual(['trailing']);
  });
});

describe('malformed', () => {
  test.each(malformed.map((variant) => [variant.name, variant] as const))('is %s, its sender known', (_, variant) => {
    const { kind, decoder, advertisement } = decode(variant.bytes);
    expect(kind).toBe(FRAME.malformed);
    expect(decoder.malformedReason).not.toBeNull();
    expect(['10.0.0.1', 'fe80::1']).toContain(readable(advertisement).source);
  });

  test.each([
    ['version', build.frame({ from, version: 7 }), 'version 7 is neither 2 nor 3'],
    ['type', build.frame({ from, type: 2 }), 'type 2 is not 1 (advertisement)'],
    ['vrid', build.frame({ from, vrid: 0 }), 'VRID 0 is not allowed'],
    ['short', packetOf(build.advert().subarray(0, 5)), 'a VRRP header needs 8 bytes, 5 left'],
  ] as const)('says what is wrong: %s', (reason, frame, sentence) => {
    const { decoder, advertisement } = decode(frame);
    expect(decoder.malformedReason).toBe(reason);
    expect(describeMalformed(advertisement, reason)).toBe(sentence);
  });

  test('is also what the capture cut within the header, with a reason of its own', () => {
    const frame = build.frame({ from });
    const { kind, decoder, advertisement } = decode(frame.subarray(0, 14 + 20 + 5), { originalLength: frame.length });
    expect(kind).toBe(FRAME.malformed);
    expect(decoder.malformedReason).toBe('cut');
    expect(advertisement).toMatchObject({ version: 2, vrid: 51, priority: 100 });
  });

  test('is what the sender cut, whatever the IP header promises', () => {
    const packet = build.ipv4({
      src: from,
      dst: '224.0.0.18',
      payload: build.advert().subarray(0, 5),
      totalLength: 40,
    });
    expect(decode(build.ethernet({ payload: packet })).decoder.malformedReason).toBe('short');
  });

  test('does not outlive its frame', () => {
    const { decoder } = decode(build.frame({ from, vrid: 0 }));
    const good = build.frame({ from });
    decoder.decode(good, 0, good.length, good.length, 0, 0, LINK_TYPE.ethernet);
    expect(decoder.malformedReason).toBeNull();
  });
});

describe('what is not VRRP', () => {
  test.each(carps.map((variant) => [variant.name, variant] as const))('%s is told from VRRP', (_, variant) => {
    expect(decode(variant.bytes).kind).toBe(FRAME.carp);
  });

  test.each(claims.map((variant) => [variant.name, variant] as const))('%s is a claim', (_, variant) => {
    expect(decode(variant.bytes, { linkType: variant.linkType }).kind).toBe(FRAME.claim);
  });

  test.each([
    ['a later fragment', packetOf(build.advert(), { fragment: { offset: 8, more: false } })],
    [
      'a later fragment of IPv6',
      packetV6(build.advert({ src: 'fe80::1' }), [{ fragment: { offset: 8, more: false } }]),
    ],
    ['a fragment of a neighbour advertisement', fragmentedClaim()],
    ['a total length below the header’s', packetOf(build.advert(), { totalLength: 19 })],
    ['a header length below 20', packetOf(build.advert()).fill(0x44, 14, 15)],
    ['AH that is longer than the packet, but not than the frame', longAh()],
    ['UDP', packetOf(new Uint8Array(20), { proto: 17 })],
    ['AH around something else', packetOf(build.ah({ payload: build.advert(), nextHeader: 6 }), { proto: 51 })],
    [
      'an IP version that contradicts the ethertype',
      build.ethernet({ payload: build.advertPacket({ from }), type: 0x86dd }),
    ],
    ['an 802.3 length', build.ethernet({ payload: build.advertPacket({ from }), type: 60 })],
    ['nothing', new Uint8Array(0)],
  ])('%s is other', (_, frame) => {
    expect(decode(frame).kind).toBe(FRAME.other);
  });

  test('an unknown link type is other', () => {
    expect(decode(build.frame({ from }), { linkType: 147 }).kind).toBe(FRAME.other);
  });
});

function packetOf(payload: Uint8Array, options: Partial<build.Ipv4Options> = {}): Uint8Array {
  return build.ethernet({ payload: build.ipv4({ src: from, dst: '224.0.0.18', payload, ...options }) });
}

function packetV6(payload: Uint8Array, extensions: readonly build.Ipv6Extension[], nextHeader = 112): Uint8Array {
  return build.ethernet({ payload: build.ipv6({ src: 'fe80::1', dst: 'ff02::12', payload, extensions, nextHeader }) });
}

function longAh(): Uint8Array {
  const payload = build.ah({ payload: build.advert() }).fill(20, 1, 2);
  const packet = build.ipv4({ src: from, dst: '224.0.0.18', payload, proto: 51 });
  return concat(build.ethernet({ payload: packet }), new Uint8Array(100).fill(112));
}

function fragmentedClaim(): Uint8Array {
  const message = build.neighbourAdvertisement({ target: 'fe80::100' }).subarray(40);
  return packetV6(message, [{ fragment: { offset: 0, more: true } }], 58);
}

/** A service tag before the inner frame. */
function tagged(inner: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0, 0, 0, 1), inner);
}

/** Offsets relative to the message, so that frames at different places in their blocks compare. */
function shifted(advertisement: object) {
  const { bytes: _, ...fields } = advertisement as Record<string, unknown>;
  const base = Number(fields['messageOffset']);
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const isOffset = name.endsWith('Offset') && value !== -1;
      return [name, isOffset ? Number(value) - base : value];
    }),
  );
}
