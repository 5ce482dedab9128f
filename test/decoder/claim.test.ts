import { describe, expect, test } from 'vitest';
import { formatAddress, formatMac, formatVlan } from '../../src/decoder/address.ts';
import { CLAIM, FRAME } from '../../src/decoder/advertisement.ts';
import * as build from '../support/build.ts';
import { decode } from './decoding.ts';

const VIP = '10.0.0.100';
const MAC = '02:00:00:00:00:aa';

describe('an ARP packet', () => {
  test.each([
    ['gratuitous request', build.garp({ address: VIP, mac: MAC }), CLAIM.gratuitous],
    ['reply', build.arpReply({ address: VIP, mac: MAC }), CLAIM.reply],
    [
      'gratuitous reply',
      inEthernet(build.arp({ operation: 'reply', sender: VIP, senderMac: MAC, target: VIP })),
      CLAIM.gratuitous,
    ],
    ['request', inEthernet(build.arp({ sender: VIP, senderMac: MAC, target: '10.0.0.2' })), CLAIM.request],
  ])('claims its sender address as a %s', (_, frame, kind) => {
    expect(claimOf(frame)).toEqual({ kind, address: VIP, mac: MAC, vlan: null });
  });

  test('asks for an address when it is a request to everybody', () => {
    const payload = build.arp({ sender: '10.0.0.254', target: VIP });
    const frames = [
      [inEthernet(payload), VIP],
      [build.ethernet({ dst: 'ff:ff:ff:ff:ff:ff', type: 0x0806, payload, vlans: [7] }), VIP],
      [build.ethernet({ dst: '02:00:00:00:00:01', type: 0x0806, payload }), null],
      [build.garp({ address: VIP }), null],
      [inEthernet(build.arp({ operation: 'reply', sender: '10.0.0.254', target: VIP })), null],
    ] as const;
    for (const [frame, asked] of frames) {
      const { claim } = decode(frame).decoder;
      expect(claim.askedOffset < 0 ? null : formatAddress(claim.bytes, claim.askedOffset, 4)).toBe(asked);
    }
  });

  test('is found behind VLAN tags', () => {
    expect(claimOf(build.garp({ address: VIP, mac: MAC, vlans: [200, 100] }))).toMatchObject({ vlan: '200.100' });
  });

  test('takes the hardware address from ARP, not from the frame around it', () => {
    const payload = build.arp({ operation: 'reply', sender: VIP, senderMac: MAC, target: '10.0.0.2' });
    expect(claimOf(build.ethernet({ src: '02:00:00:00:00:bb', type: 0x0806, payload }))).toMatchObject({ mac: MAC });
  });

  test.each([
    ['probe', build.arp({ sender: '0.0.0.0', senderMac: MAC, target: VIP })],
    ['reverse ARP operation', build.arp({ operation: 3, sender: VIP, target: VIP })],
    ['packet cut before its end', build.arp({ sender: VIP, target: VIP }).subarray(0, 27)],
    ['packet for another protocol', build.arp({ sender: VIP, target: VIP }).fill(0x86, 2, 3)],
  ])('claims nothing as a %s', (_, payload) => {
    expect(decode(inEthernet(payload)).kind).toBe(FRAME.other);
  });
});

describe('a neighbour advertisement', () => {
  test.each([
    [false, CLAIM.gratuitous],
    [true, CLAIM.reply],
  ])('claims its target (solicited: %s)', (solicited, kind) => {
    const payload = build.neighbourAdvertisement({ target: 'fe80::100', mac: MAC, solicited });
    const frame = build.ethernet({ src: '02:00:00:00:00:bb', payload });
    expect(claimOf(frame)).toEqual({ kind, address: 'fe80::100', mac: MAC, vlan: null });
  });

  test('without the link-layer address option claims it for the source of the frame', () => {
    const payload = build.neighbourAdvertisement({ target: 'fe80::100', mac: null });
    expect(claimOf(build.ethernet({ src: MAC, payload }))).toMatchObject({ mac: MAC });
    expect(decode(payload, { linkType: 101 }).kind).toBe(FRAME.other);
  });

  test('does not take its option from the padding of the frame', () => {
    const packet = build.neighbourAdvertisement({ target: 'fe80::100', mac: '02:00:00:00:00:cc' });
    packet[5] = 24;
    expect(claimOf(build.ethernet({ src: MAC, payload: packet }))).toMatchObject({ mac: MAC });
  });

  test('with an option of length 0 is read up to there', () => {
    const packet = build.neighbourAdvertisement({ target: 'fe80::100', mac: '02:00:00:00:00:cc' });
    packet[40 + 25] = 0;
    expect(claimOf(build.ethernet({ src: MAC, payload: packet }))).toMatchObject({ mac: MAC });
  });
});

function inEthernet(payload: Uint8Array): Uint8Array {
  return build.ethernet({ src: MAC, dst: 'ff:ff:ff:ff:ff:ff', type: 0x0806, payload });
}

function claimOf(frame: Uint8Array) {
  const { kind, decoder } = decode(frame);
  expect(kind).toBe(FRAME.claim);
  const { claim } = decoder;
  return {
    kind: claim.kind,
    address: formatAddress(claim.bytes, claim.addressOffset, claim.family),
    mac: formatMac(claim.mac),
    vlan: formatVlan(claim.vlan),
  };
}
