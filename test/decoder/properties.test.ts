import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KnownAddresses } from '../../src/analyzer/known-addresses.ts';
import { DEFECT, FRAME } from '../../src/decoder/advertisement.ts';
import { mayConcernVrrp, vrrpFilter } from '../../src/decoder/filter.ts';
import { describeMalformed, describeShortness } from '../../src/decoder/malformed.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { tcpdumpLine } from '../../src/output/tcpdump.ts';
import * as build from '../support/build.ts';
import { erspan, gre, vxlan } from '../support/build-tunnels.ts';
import { everyVariant } from '../support/frame-variants.ts';
import { addressBytes, macOf } from '../support/wire-bytes.ts';
import { type Decoded, decode, readable } from './decoding.ts';

const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter((text) => !text.includes('.'));
const tag = fc.record({
  tpid: fc.constantFrom(0x8100, 0x88a8, 0x9100, 0x9200),
  vid: fc.integer({ min: 0, max: 4095 }),
  priority: fc.integer({ min: 0, max: 7 }),
});

describe('decode(build(x)) = x', () => {
  test('for version 2', () => {
    const options = fc.record({
      from: ipv4,
      vrid: fc.integer({ min: 1, max: 255 }),
      priority: byte,
      intervalS: byte,
      authType: byte,
      password: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
      addresses: fc.array(ipv4, { maxLength: 20 }),
      ttl: byte,
      id: fc.integer({ min: 0, max: 0xffff }),
      vlans: fc.array(tag, { maxLength: 4 }),
      padTo: fc.constantFrom(0, 60, 64),
    });
    fc.assert(
      fc.property(options, (x) => {
        const { kind, advertisement } = decode(build.frame(x));
        expect(kind).toBe(FRAME.advertisement);
        const vids = x.vlans.flatMap(({ vid }) => (vid === 0 ? [] : [vid]));
        expect(readable(advertisement)).toEqual({
          version: 2,
          vrid: x.vrid,
          priority: x.priority,
          intervalUs: x.intervalS * 1_000_000,
          authType: x.authType,
          authData: x.password.padEnd(8, '\0'),
          addressCount: x.addresses.length,
          addresses: x.addresses,
          source: x.from,
          destination: '224.0.0.18',
          multicast: true,
          mac: macOf(x.from),
          vlan: vids.length === 0 ? null : vids.length === 1 ? vids[0] : vids.join('.'),
          ttl: x.ttl,
          ipId: x.id,
        });
        expect(advertisement.defects & (DEFECT.checksum | DEFECT.length | DEFECT.trailing | DEFECT.cut)).toBe(0);
      }),
    );
  });

  test('for version 3 over both families', () => {
    const options = fc.constantFrom(ipv4, ipv6).chain((address) =>
      fc.record({
        from: address,
        to: address,
        vrid: fc.integer({ min: 1, max: 255 }),
        priority: byte,
        intervalCs: fc.integer({ min: 0, max: 4095 }),
        addresses: fc.array(address, { maxLength: 20 }),
        hmac: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(options, (x) => {
        const { kind, advertisement } = decode(build.frame({ ...x, version: 3 }));
        expect(kind).toBe(FRAME.advertisement);
        const { addresses, source, destination, ...fields } = readable(advertisement);
        expect(fields).toMatchObject({ version: 3, vrid: x.vrid, priority: x.priority });
        expect(fields).toMatchObject({ intervalUs: x.intervalCs * 10_000, authType: -1, authData: null });
        expect([source, destination, ...addresses].map(bytesOf)).toEqual([x.from, x.to, ...x.addresses].map(bytesOf));
        expect(advertisement.hmacOffset >= 0).toBe(x.hmac);
        expect(advertisement.defects & (DEFECT.checksum | DEFECT.length | DEFECT.trailing | DEFECT.cut)).toBe(0);
      }),
    );
  });
});

describe('every shorter prefix of a frame', () => {
  test.each(everyVariant.map((variant) => [variant.name, variant] as const))(
    'of %s is no more than cut',
    (_, variant) => {
      const { bytes, linkType } = variant;
      const whole = decode(bytes, { linkType });
      const fieldsOfWhole = variant.kind === FRAME.advertisement ? readable(whole.advertisement) : null;
      for (let length = 0; length < bytes.length; length++) {
        const { kind, decoder, advertisement } = decode(bytes.subarray(0, length), {
          linkType,
          originalLength: bytes.length,
        });
        if (kind === FRAME.advertisement && fieldsOfWhole !== null) {
          const { addresses, authData, ...fields } = readable(advertisement);
          expect(fieldsOfWhole).toMatchObject(fields);
          expect(fieldsOfWhole.addresses.slice(0, addresses.length)).toEqual(addresses);
          if (authData !== null) expect(authData).toBe(fieldsOfWhole.authData);
          // Nothing may be held against the sender that the whole frame does not show.
          expect(advertisement.defects & ~whole.advertisement.defects & ~DEFECT.cut).toBe(0);
          const isComplete = addresses.length === fieldsOfWhole.addresses.length && authData === fieldsOfWhole.authData;
          if (!isComplete) expect(advertisement.defects & DEFECT.cut).not.toBe(0);
        } else if (kind === FRAME.malformed && variant.kind !== FRAME.malformed) {
          expect(decoder.malformedReason).toBe('cut');
        } else if (kind !== FRAME.malformed) {
          expect([FRAME.other, variant.kind, FRAME.advertisement]).toContain(kind);
        }
      }
    },
  );
});

describe('the bytes behind a frame', () => {
  test.each(everyVariant.map((variant) => [variant.name, variant] as const))(
    'make no difference to %s',
    (_, variant) => {
      const { bytes, linkType } = variant;
      for (let length = 0; length < bytes.length; length++) {
        const options = { linkType, originalLength: bytes.length };
        const prefix = bytes.subarray(0, length);
        const beforeItsRest = decode(prefix, { ...options, behind: bytes.subarray(length) });
        const beforeNothing = decode(prefix, { ...options, behind: new Uint8Array(0) });
        expect(outcome(beforeItsRest)).toEqual(outcome(beforeNothing));
      }
    },
  );
});

describe('any bytes', () => {
  const linkTypes = fc.constantFrom(...Object.values(LINK_TYPE), 147);

  test('are decoded and described without a throw, and passed by the filter when something is made of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), linkTypes, fc.nat(300), (bytes, linkType, originalLength) => {
        checkAnything(bytes, linkType, originalLength);
      }),
      { numRuns: 2000 },
    );
  });

  test('in frames that were good before a few of their bytes changed, too', () => {
    const change = fc.record({ at: fc.nat(400), value: byte });
    fc.assert(
      fc.property(
        fc.constantFrom(...everyVariant),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(400),
        ({ bytes, linkType }, changes, kept) => {
          const changed = bytes.slice(0, kept);
          for (const { at, value } of changes) changed[at % Math.max(1, changed.length)] = value;
          checkAnything(changed, linkType, bytes.length);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('the filter', () => {
  test.each(everyVariant.map((variant) => [variant.name, variant] as const))('passes %s', (_, { bytes, linkType }) => {
    expect(mayConcernVrrp(bytes, 0, bytes.length, linkType)).toBe(true);
  });

  test.each([
    [
      'UDP over IPv4',
      build.ethernet({
        payload: build.ipv4({ src: '10.0.0.1', dst: '10.0.0.2', proto: 17, payload: new Uint8Array(20) }),
      }),
    ],
    [
      'TCP over IPv6',
      build.ethernet({
        payload: build.ipv6({ src: 'fe80::1', dst: 'fe80::2', nextHeader: 6, payload: new Uint8Array(20) }),
      }),
    ],
    [
      'TCP in a VLAN',
      build.ethernet({
        vlans: [5],
        payload: build.ipv4({ src: '10.0.0.1', dst: '10.0.0.2', proto: 6, payload: new Uint8Array(20) }),
      }),
    ],
    [
      'a neighbour solicitation',
      build.ethernet({
        payload: build.ipv6({ src: 'fe80::1', dst: 'fe80::2', nextHeader: 58, payload: Uint8Array.of(135, 0, 0, 0) }),
      }),
    ],
    ['UDP over IPv6', vxlan(build.frame({ from: '10.0.0.1' }), { port: 53, outerSrc: 'fe80::1', outerDst: 'fe80::2' })],
    ['UDP behind IPv4 options', vxlan(new Uint8Array(40), { port: 53, outerOptions: new Uint8Array(4) })],
    ['UDP in stacked VLANs', vxlan(new Uint8Array(40), { port: 53, outerVlans: [8, 9] })],
    ['DNS in VXLAN', vxlan(vxlan(new Uint8Array(40), { port: 53 }))],
    ['DNS in ERSPAN', erspan(vxlan(new Uint8Array(40), { port: 53 }))],
    ['GRE with a protocol of another kind', gre(build.frame({ from: '10.0.0.1' }), { type: 0x880b })],
    ['LLDP', build.ethernet({ type: 0x88cc, payload: new Uint8Array(40) })],
    ['spanning tree', build.ethernet({ type: 39, payload: new Uint8Array(46) })],
  ])('dismisses %s', (_, bytes) => {
    expect(mayConcernVrrp(bytes, 0, bytes.length, LINK_TYPE.ethernet)).toBe(false);
  });

  test('asks in a tunnel as outside whose ARP packets matter', () => {
    const known = new KnownAddresses();
    const filter = vrrpFilter(known);
    const bytes = gre(build.arpReply({ address: '10.0.0.100' }));
    const isPassed = () => filter(bytes, 0, bytes.length, LINK_TYPE.ethernet);
    expect([isPassed(), mayConcernVrrp(bytes, 0, bytes.length, LINK_TYPE.ethernet)]).toEqual([false, true]);
    known.add(0x0a000064);
    expect(isPassed()).toBe(true);
  });
});

function checkAnything(bytes: Uint8Array, linkType: number, originalLength: number): void {
  const { kind, decoder, advertisement } = decode(bytes, { linkType, originalLength });
  if (kind !== FRAME.other) expect(mayConcernVrrp(bytes, 0, bytes.length, linkType)).toBe(true);
  expect(decoder.malformedReason === null).toBe(kind !== FRAME.malformed);
  if (kind === FRAME.other || kind === FRAME.claim) return;
  expect(advertisement.addressesPresent).toBeLessThanOrEqual(advertisement.addressCount);
  const reason = decoder.malformedReason;
  if (reason !== null && reason !== 'cut') expect(describeMalformed(advertisement, reason)).toMatch(/^[ -~]+$/);
  expect(describeShortness(advertisement)).toMatch(/^[ -~]+$/);
  const line = tcpdumpLine(advertisement, { kind, offset: 5, originalLength, linkType, interfaceName: null });
  expect(line).toMatch(/^[ -~]+$/);
}

function outcome({ kind, decoder }: Decoded) {
  const { bytes: _, ...advertisement } = decoder.advertisement;
  const { bytes: __, ...claim } = decoder.claim;
  if (kind === FRAME.other) return { kind };
  return kind === FRAME.claim ? { kind, claim } : { kind, reason: decoder.malformedReason, advertisement };
}

function bytesOf(address: string): string {
  return Buffer.from(addressBytes(address)).toString('hex');
}
