import { FRAME } from '../../src/decoder/advertisement.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import * as build from './build.ts';
import { backbone, loopback, ppp, sll, sll2 } from './build-links.ts';
import { erspan, gre, vxlan } from './build-tunnels.ts';

/** A frame of one kind that occurs, and what the decoder shall say to it. */
export interface FrameVariant {
  readonly name: string;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** One of `FRAME`. */
  readonly kind: number;
}

const V4 = '10.0.0.1';
const V6 = 'fe80::1';
const GROUP_V4 = '224.0.0.18';
const GROUP_V6 = 'ff02::12';

/** One frame for every way in which an advertisement may be written and carried. */
export const advertisements: readonly FrameVariant[] = [
  ethernet('version 2', build.frame({ from: V4 })),
  ethernet('version 2 with a password', build.frame({ from: V4, password: 'secret' })),
  ethernet(
    'version 2 with three addresses',
    build.frame({ from: V4, addresses: ['10.0.0.7', '10.0.0.8', '10.0.0.9'] }),
  ),
  ethernet('version 2 with seven addresses', build.frame({ from: V4, addresses: manyAddresses(7) })),
  ethernet('version 2 with 255 addresses', build.frame({ from: V4, addresses: manyAddresses(255) })),
  ethernet('version 2 without addresses', build.frame({ from: V4, addresses: [] })),
  ethernet('version 2 without authentication data', build.frame({ from: V4, authData: false })),
  ethernet('version 2 with Cisco MD5', build.frame({ from: V4, authType: 254, trailing: new Uint8Array(16).fill(9) })),
  ethernet('version 2 with more addresses announced than sent', build.frame({ from: V4, count: 9 })),
  ethernet('version 2, interval 0', build.frame({ from: V4, intervalS: 0 })),
  ethernet('version 2 with a wrong checksum', build.frame({ from: V4, checksum: 'bad' })),
  ethernet('version 2 over IPv6', build.frame({ from: V6, version: 2 })),
  ethernet('version 3 over IPv4', build.frame({ from: V4, version: 3 })),
  ethernet('version 3 over IPv4, plain checksum', build.frame({ from: V4, version: 3, checksum: 'plain' })),
  ethernet('version 3 over IPv4, longest interval', build.frame({ from: V4, version: 3, intervalCs: 4095 })),
  ethernet('version 3 over IPv6', build.frame({ from: V6, addresses: ['fe80::100', '2001:db8::100'] })),
  ethernet('version 3 with a wrong checksum', build.frame({ from: V6, checksum: 'bad' })),
  ethernet('resignation', build.frame({ from: V4, priority: 0 })),
  ethernet('address owner', build.frame({ from: V4, priority: 255 })),
  ethernet('authentication header', build.frame({ from: V4, ah: { spi: 0x0a090001, sequence: 77 } })),
  ethernet('authentication header over IPv6', build.frame({ from: V6, version: 2, ah: {} })),
  ethernet('HMAC trailer', build.frame({ from: V4, hmac: true })),
  ethernet('HMAC trailer over IPv6', build.frame({ from: V6, hmac: true })),
  ethernet('bytes after the message', build.frame({ from: V4, trailing: Uint8Array.of(1, 2, 3) })),
  ethernet('unicast', build.frame({ from: V4, to: '10.0.0.2' })),
  ethernet('unicast over IPv6', build.frame({ from: V6, to: 'fe80::2' })),
  ethernet('TTL 64', build.frame({ from: V4, ttl: 64 })),
  ethernet('hop limit 64', build.frame({ from: V6, ttl: 64 })),
  ethernet('padding', build.frame({ from: V4, padTo: 60 })),
  ethernet('VLAN', build.frame({ from: V4, vlans: [100] })),
  ethernet('VLAN over IPv6', build.frame({ from: V6, vlans: [100] })),
  ethernet('priority tag', build.frame({ from: V4, vlans: [{ tpid: 0x8100, vid: 0, priority: 6 }] })),
  ethernet('stacked VLANs', build.frame({ from: V4, vlans: [{ tpid: 0x88a8, vid: 200 }, 100] })),
  ethernet('eight tags', build.frame({ from: V4, vlans: [1, 2, 3, 4, 5, 6, 7, 8] })),
  ethernet(
    'old tag numbers',
    build.frame({
      from: V4,
      vlans: [
        { tpid: 0x9100, vid: 200 },
        { tpid: 0x9200, vid: 100 },
      ],
    }),
  ),
  ethernet('802.1ah', backbone(build.frame({ from: V4, vlans: [7] }), { src: '02:bb:00:00:00:01' })),
  ethernet('IPv4 options', packetV4({ options: Uint8Array.of(0x94, 4, 0, 0) })),
  ethernet('first fragment', packetV4({ fragment: { offset: 0, more: true } })),
  ethernet('first fragment over IPv6', packetV6([{ fragment: { offset: 0, more: true } }])),
  ethernet('IPv6 hop-by-hop and destination options', packetV6(['hop-by-hop', 'destination'])),
  ethernet('IPv6 routing header', packetV6(['routing'])),
  ethernet('IPv6 mobility header', packetV6(['mobility'])),
  ...[V4, V6].flatMap((from) => onEveryLink(from)),
];

/** Frames of VRRP's protocol number that no router would make anything of. */
export const malformed: readonly FrameVariant[] = [
  ethernet('version 1', build.frame({ from: V4, version: 1 }), FRAME.malformed),
  ethernet('version 15', build.frame({ from: V4, version: 15, ttl: 3 }), FRAME.malformed),
  ethernet('type 2', build.frame({ from: V4, type: 2 }), FRAME.malformed),
  ethernet('VRID 0', build.frame({ from: V4, vrid: 0 }), FRAME.malformed),
  ...[0, 1, 2, 4, 5, 7].flatMap((length) => [
    ethernet(`${length} bytes of VRRP`, short(V4, GROUP_V4, length), FRAME.malformed),
    ethernet(`${length} bytes of VRRP over IPv6`, short(V6, GROUP_V6, length), FRAME.malformed),
  ]),
];

export const carps: readonly FrameVariant[] = [
  ethernet('CARP', carpV4({}), FRAME.carp),
  ethernet('CARP with TTL 9', carpV4({ ttl: 9 }), FRAME.carp),
  ethernet(
    'CARP over IPv6',
    build.ethernet({ payload: build.ipv6({ src: V6, dst: GROUP_V6, payload: build.carp({ vhid: 9 }) }) }),
    FRAME.carp,
  ),
];

export const claims: readonly FrameVariant[] = [
  ethernet('gratuitous ARP', build.garp({ address: '10.0.0.100' }), FRAME.claim),
  ethernet('gratuitous ARP in a VLAN', build.garp({ address: '10.0.0.100', vlans: [5] }), FRAME.claim),
  ethernet('ARP reply', build.arpReply({ address: '10.0.0.100' }), FRAME.claim),
  ethernet('unsolicited neighbour advertisement', build.garp({ address: 'fe80::100' }), FRAME.claim),
  cooked('ARP reply', build.arp({ operation: 'reply', sender: '10.0.0.100', target: V4 })),
  {
    name: 'neighbour advertisement without a link layer',
    linkType: LINK_TYPE.raw,
    bytes: build.neighbourAdvertisement({ target: 'fe80::100' }),
    kind: FRAME.claim,
  },
];

const OVER_V6 = { outerSrc: '2001:db8::1', outerDst: '2001:db8::2' };
const inner = build.frame({ from: V4 });
const packet = build.advertPacket({ from: V4 });

/** An advertisement in every tunnel that is opened. */
export const tunnelled: readonly FrameVariant[] = [
  ethernet('VXLAN', vxlan(inner)),
  ethernet('VXLAN over IPv6', vxlan(build.frame({ from: V6 }), OVER_V6)),
  ethernet('VXLAN behind IPv4 options', vxlan(inner, { outerOptions: Uint8Array.of(1, 1, 1, 0) })),
  ethernet('VXLAN to the port of Linux', vxlan(inner, { port: 8472 })),
  ethernet('VLAN in VXLAN', vxlan(build.frame({ from: V4, vlans: [100] }))),
  ethernet('VXLAN in a VLAN', vxlan(build.frame({ from: V6 }), { outerVlans: [9] })),
  ethernet('VXLAN in stacked VLANs', vxlan(inner, { outerVlans: [8, 9] })),
  ethernet('GRE', gre(inner)),
  ethernet('GRE in a VLAN', gre(inner, { outerVlans: [9] })),
  ethernet('GRE with checksum, key and sequence number', gre(inner, { checksum: 0x1234, key: 7, sequence: 1 })),
  ethernet('GRE over IPv6', gre(build.frame({ from: V6 }), OVER_V6)),
  ethernet('IPv4 in GRE', gre(packet, { type: 0x0800 })),
  ethernet('IPv6 in GRE with a key', gre(build.advertPacket({ from: V6 }), { type: 0x86dd, key: 0xffffffff })),
  ethernet('ERSPAN type I', erspan(inner, { version: 1 })),
  ethernet('ERSPAN type II', erspan(inner, { version: 2 })),
  ethernet('ERSPAN type II over IPv6', erspan(inner, { ...OVER_V6, version: 2 })),
  ethernet('ERSPAN type III', erspan(inner, { version: 3 })),
  ethernet('ERSPAN type III with a subheader', erspan(inner, { version: 3, subheader: true })),
  ethernet('IP in ERSPAN type III', erspan(packet, { version: 3, frameType: 2 })),
  ethernet('VXLAN in ERSPAN', erspan(vxlan(inner))),
  ethernet('802.1ah in GRE', gre(backbone(inner))),
  {
    name: 'VXLAN without a link layer',
    linkType: LINK_TYPE.raw,
    bytes: vxlan(inner).subarray(14),
    kind: FRAME.advertisement,
  },
  {
    name: 'GRE in a cooked capture',
    linkType: LINK_TYPE.linuxSll2,
    bytes: sll2({ payload: gre(inner).subarray(14), interfaceIndex: 9999 }),
    kind: FRAME.advertisement,
  },
];

export const everyVariant: readonly FrameVariant[] = [
  ...advertisements,
  ...malformed,
  ...carps,
  ...claims,
  ...tunnelled,
  ethernet('malformed in VXLAN', vxlan(build.frame({ from: V4, version: 7 })), FRAME.malformed),
  ethernet('CARP in GRE', gre(carpV4({})), FRAME.carp),
];

function ethernet(name: string, bytes: Uint8Array, kind: number = FRAME.advertisement): FrameVariant {
  return { name, linkType: LINK_TYPE.ethernet, bytes, kind };
}

function cooked(name: string, payload: Uint8Array): FrameVariant {
  return { name, linkType: LINK_TYPE.linuxSll, bytes: sll({ payload, type: 0x0806 }), kind: FRAME.claim };
}

function onEveryLink(from: string): FrameVariant[] {
  const packet = build.advertPacket({ from });
  const isV4 = from === V4;
  const frames: [number, Uint8Array][] = [
    [LINK_TYPE.raw, packet],
    [LINK_TYPE.rawBsd, packet],
    [isV4 ? LINK_TYPE.ipv4 : LINK_TYPE.ipv6, packet],
    [LINK_TYPE.loop, loopback(packet)],
    [LINK_TYPE.null, loopback(packet)],
    [LINK_TYPE.null, loopback(packet, { littleEndian: true })],
    [LINK_TYPE.ppp, ppp(packet)],
    [LINK_TYPE.ppp, ppp(packet, { shortProtocol: true })],
    [LINK_TYPE.ppp, ppp(packet, { addressControl: false })],
    [LINK_TYPE.linuxSll, sll({ payload: packet })],
    [LINK_TYPE.linuxSll, sll({ payload: packet, vlans: [100] })],
    [LINK_TYPE.linuxSll2, sll2({ payload: packet, interfaceIndex: 9999, packetType: 4 })],
    [LINK_TYPE.linuxSll2, sll2({ payload: packet, interfaceIndex: 9999, vlans: [200, 100] })],
  ];
  return frames.map(([linkType, bytes], i) => ({
    name: `link type ${linkType} (${i}) from ${from}`,
    linkType,
    bytes,
    kind: FRAME.advertisement,
  }));
}

function packetV4(options: Partial<build.Ipv4Options>): Uint8Array {
  return build.ethernet({ payload: build.ipv4({ src: V4, dst: GROUP_V4, payload: build.advert(), ...options }) });
}

function packetV6(extensions: readonly build.Ipv6Extension[]): Uint8Array {
  const payload = build.advert({ src: V6 });
  return build.ethernet({ payload: build.ipv6({ src: V6, dst: GROUP_V6, payload, extensions }) });
}

function carpV4(options: Partial<build.Ipv4Options>): Uint8Array {
  const packet = { src: V4, dst: GROUP_V4, tos: 0x10, dontFragment: true, payload: build.carp(), ...options };
  return build.ethernet({ src: '00:00:5e:00:01:01', payload: build.ipv4(packet) });
}

function short(src: string, dst: string, length: number): Uint8Array {
  const payload = build.advert({ src }).subarray(0, length);
  return build.ethernet({
    payload: src === V4 ? build.ipv4({ src, dst, payload }) : build.ipv6({ src, dst, payload }),
  });
}

function manyAddresses(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `10.0.1.${i + 1}`);
}
