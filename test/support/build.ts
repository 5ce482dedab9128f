/**
 * Builders of real bytes: VRRP and what carries it, layer by layer, and whole frames.
 *
 * Every builder has defaults of a keepalived node, so that a test names only what it is about:
 * `frame({ from: '10.0.0.1', priority: 150 })` is a complete Ethernet frame with one VRRPv2 advertisement.
 */

import {
  addressBytes,
  checksumWithPseudoHeader,
  concat,
  familyOf,
  groupOf,
  internetChecksum,
  macBytes,
  macOf,
  put16,
  put32,
  two,
} from './wire-bytes.ts';

export interface AdvertOptions {
  /** Default 2 for IPv4, 3 for IPv6. Any value fits that has 4 bits. */
  version?: number;
  /** Default 1, advertisement. */
  type?: number;
  /** Default 51. */
  vrid?: number;
  /** Default 100. */
  priority?: number;
  /** Virtual addresses; default 10.0.0.100, or fe80::100 for IPv6. */
  addresses?: readonly string[];
  /** Address count field when it shall differ from the addresses that follow. */
  count?: number;
  /** Advertisement interval in seconds, default 1; fractions only for version 3. */
  intervalS?: number;
  /** Version 3: the interval field itself, in centiseconds; wins over `intervalS`. */
  intervalCs?: number;
  /** Version 2: default 1 with a password, else 0. */
  authType?: number;
  /** Version 2: at most 8 bytes are sent, as keepalived does it. */
  password?: string;
  /** Version 2: false leaves the 8 bytes of authentication data out. */
  authData?: boolean;
  /**
   * `good` (default) is what keepalived sends: plain for version 2, with the pseudo header for version 3. `plain` and
   * `pseudo` force one definition, `pseudo-group` names the group in the pseudo header whatever the destination is.
   */
  checksum?: 'good' | 'bad' | 'plain' | 'pseudo' | 'pseudo-group' | number;
  /** Appends keepalived's 28-byte HMAC trailer. */
  hmac?: boolean;
  /** Bytes after the message (and after the trailer). */
  trailing?: Uint8Array;
  /** Of the pseudo header; also decide the family. Default 10.0.0.1 and the group. */
  src?: string;
  dst?: string;
}

/** A VRRP message, version 2 or 3. */
export function advert(options: AdvertOptions = {}): Uint8Array {
  const src = options.src ?? '10.0.0.1';
  const family = familyOf(src);
  const dst = options.dst ?? groupOf(family);
  const version = options.version ?? (family === 4 ? 2 : 3);
  const addresses = options.addresses ?? [family === 4 ? '10.0.0.100' : 'fe80::100'];
  const header = [(version << 4) | (options.type ?? 1), options.vrid ?? 51, options.priority ?? 100];
  header.push(options.count ?? addresses.length);
  if (version === 2) {
    header.push(options.authType ?? (options.password === undefined ? 0 : 1), options.intervalS ?? 1);
  } else {
    const centiseconds = options.intervalCs ?? Math.round((options.intervalS ?? 1) * 100);
    header.push(centiseconds >> 8, centiseconds & 0xff);
  }
  const authData = version === 2 && options.authData !== false ? [authenticationData(options.password ?? '')] : [];
  const message = concat(Uint8Array.from([...header, 0, 0]), ...addresses.map(addressBytes), ...authData);

  const wanted = options.checksum ?? 'good';
  const style = wanted === 'good' || wanted === 'bad' ? (version === 2 ? 'plain' : 'pseudo') : wanted;
  let checksum: number;
  if (typeof style === 'number') checksum = style;
  else if (style === 'plain') checksum = internetChecksum(message);
  else checksum = checksumWithPseudoHeader(src, style === 'pseudo' ? dst : groupOf(family), 112, message);
  put16(message, 6, wanted === 'bad' ? checksum ^ 0x1234 : checksum);
  return concat(message, options.hmac ? hmacTrailer() : new Uint8Array(0), options.trailing ?? new Uint8Array(0));
}

export interface CarpOptions {
  vhid?: number;
  /** 0 (best) to 254; 255 together with advbase 255 resigns. */
  advskew?: number;
  /** Seconds. */
  advbase?: number;
  demotion?: number;
  counter?: bigint;
  checksum?: 'good' | 'bad';
}

/** A CARP advertisement, 36 bytes. */
export function carp(options: CarpOptions = {}): Uint8Array {
  const message = new Uint8Array(36);
  message.set([0x21, options.vhid ?? 1, options.advskew ?? 1, 7, options.demotion ?? 0, options.advbase ?? 1]);
  new DataView(message.buffer).setBigUint64(8, options.counter ?? 0x4f3a_1122_3344_5566n);
  for (let i = 16; i < 36; i++) message[i] = i * 7;
  put16(message, 6, internetChecksum(message) ^ (options.checksum === 'bad' ? 0x1234 : 0));
  return message;
}

export interface AhOptions {
  payload: Uint8Array;
  spi?: number;
  sequence?: number;
  /** Default 12 bytes of 0xaa. */
  icv?: Uint8Array;
  /** Default 112. */
  nextHeader?: number;
}

/** An authentication header (protocol 51) and what follows it. */
export function ah(options: AhOptions): Uint8Array {
  const icv = options.icv ?? new Uint8Array(12).fill(0xaa);
  const header = new Uint8Array(12);
  header[0] = options.nextHeader ?? 112;
  header[1] = (12 + icv.length) / 4 - 2;
  put32(header, 4, options.spi ?? 0x0a000001);
  put32(header, 8, options.sequence ?? 1);
  return concat(header, icv, options.payload);
}

export interface Ipv4Options {
  src: string;
  dst: string;
  payload: Uint8Array;
  /** Default 255. */
  ttl?: number;
  /** Identification, default 1. */
  id?: number;
  /** Protocol, default 112. */
  proto?: number;
  tos?: number;
  /** Header options, padded to a multiple of 4 with zeros. */
  options?: Uint8Array;
  /** Position of the payload in bytes (a multiple of 8) and whether more fragments follow. */
  fragment?: { offset: number; more: boolean };
  dontFragment?: boolean;
  /** Total length field when it shall be wrong. */
  totalLength?: number;
}

export function ipv4(packet: Ipv4Options): Uint8Array {
  const options = packet.options ?? new Uint8Array(0);
  const headerLength = 20 + Math.ceil(options.length / 4) * 4;
  const header = new Uint8Array(headerLength);
  header[0] = 0x40 | (headerLength / 4);
  header[1] = packet.tos ?? 0xc0;
  put16(header, 2, packet.totalLength ?? headerLength + packet.payload.length);
  put16(header, 4, packet.id ?? 1);
  const fragment = packet.fragment ?? { offset: 0, more: false };
  put16(header, 6, (packet.dontFragment ? 0x4000 : 0) | (fragment.more ? 0x2000 : 0) | (fragment.offset >> 3));
  header[8] = packet.ttl ?? 255;
  header[9] = packet.proto ?? 112;
  header.set(addressBytes(packet.src), 12);
  header.set(addressBytes(packet.dst), 16);
  header.set(options, 20);
  put16(header, 10, internetChecksum(header));
  return concat(header, packet.payload);
}

/** IPv6 extension headers that a VRRP packet may be preceded by. */
export type Ipv6Extension =
  | 'hop-by-hop'
  | 'routing'
  | 'destination'
  | 'mobility'
  | { fragment: Ipv4Options['fragment'] };

const EXTENSION_NUMBER = { 'hop-by-hop': 0, routing: 43, destination: 60, mobility: 135 } as const;

export interface Ipv6Options {
  src: string;
  dst: string;
  payload: Uint8Array;
  /** Default 255. */
  hopLimit?: number;
  /** Of the payload, default 112; 51 for `ah(...)`. */
  nextHeader?: number;
  /** In wire order, 8 bytes each. */
  extensions?: readonly Ipv6Extension[];
  payloadLength?: number;
}

export function ipv6(packet: Ipv6Options): Uint8Array {
  const chain = (packet.extensions ?? []).map((extension) =>
    typeof extension === 'string'
      ? { number: EXTENSION_NUMBER[extension], bytes: Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0) }
      : { number: 44, bytes: fragmentHeader(extension.fragment ?? { offset: 0, more: false }) },
  );
  const numbers = [...chain.map((extension) => extension.number), packet.nextHeader ?? 112];
  chain.forEach((extension, i) => {
    extension.bytes[0] = numbers[i + 1] ?? 0;
  });
  const payload = concat(...chain.map((extension) => extension.bytes), packet.payload);
  const header = new Uint8Array(40);
  header.set([0x6c, 0x00, 0, 0]);
  put16(header, 4, packet.payloadLength ?? payload.length);
  header[6] = numbers[0] ?? 0;
  header[7] = packet.hopLimit ?? 255;
  header.set(addressBytes(packet.src), 8);
  header.set(addressBytes(packet.dst), 24);
  return concat(header, payload);
}

/** A tag by its VLAN id (TPID 0x8100), or in full. */
export type VlanTag = number | { tpid: number; vid: number; priority?: number };

export interface EthernetOptions {
  payload: Uint8Array;
  src?: string;
  dst?: string;
  /** Outermost first. */
  vlans?: readonly VlanTag[];
  /** Ethertype of the payload; default by its IP version. */
  type?: number;
  /** Pads with zeros to this many bytes, as real network cards do to 60. */
  padTo?: number;
}

export function ethernet(options: EthernetOptions): Uint8Array {
  const bytes = concat(
    macBytes(options.dst ?? '01:00:5e:00:00:12'),
    macBytes(options.src ?? '02:00:00:00:00:01'),
    ...(options.vlans ?? []).map(tagBytes),
    two(options.type ?? ipEtherType(options.payload)),
    options.payload,
  );
  return concat(bytes, new Uint8Array(Math.max(0, (options.padTo ?? 0) - bytes.length)));
}

export interface ArpOptions {
  /** Default `request`. */
  operation?: 'request' | 'reply' | number;
  senderMac?: string;
  sender: string;
  targetMac?: string;
  target: string;
}

/** An ARP packet without its Ethernet header. */
export function arp(options: ArpOptions): Uint8Array {
  const operation = options.operation ?? 'request';
  return concat(
    Uint8Array.of(0, 1, 8, 0, 6, 4),
    two(operation === 'request' ? 1 : operation === 'reply' ? 2 : operation),
    macBytes(options.senderMac ?? macOf(options.sender)),
    addressBytes(options.sender),
    macBytes(options.targetMac ?? '00:00:00:00:00:00'),
    addressBytes(options.target),
  );
}

export interface NeighbourAdvertisementOptions {
  /** The claimed address. */
  target: string;
  /** Of the target link-layer address option; null leaves the option out. Default by the address. */
  mac?: string | null;
  solicited?: boolean;
  /** Default: the target, and all nodes. */
  src?: string;
  dst?: string;
}

/** An IPv6 packet with a neighbour advertisement, without its Ethernet header. */
export function neighbourAdvertisement(options: NeighbourAdvertisementOptions): Uint8Array {
  const src = options.src ?? options.target;
  const dst = options.dst ?? 'ff02::1';
  const mac = options.mac === undefined ? macOf(options.target) : options.mac;
  const message = concat(
    Uint8Array.of(136, 0, 0, 0, options.solicited ? 0x60 : 0x20, 0, 0, 0),
    addressBytes(options.target),
    mac === null ? new Uint8Array(0) : concat(Uint8Array.of(2, 1), macBytes(mac)),
  );
  put16(message, 2, checksumWithPseudoHeader(src, dst, 58, message));
  return ipv6({ src, dst, nextHeader: 58, payload: message });
}

export interface FrameOptions extends Omit<AdvertOptions, 'src' | 'dst'> {
  /** Source address; decides the family. */
  from: string;
  /** Destination; default the group. */
  to?: string;
  /** Source hardware address; default 02:00:00:00:00:NN with the last byte of `from`. */
  mac?: string;
  vlans?: readonly VlanTag[];
  /** TTL or hop limit, default 255. */
  ttl?: number;
  /** IPv4 identification, default 1. */
  id?: number;
  /** Puts an authentication header before the message: version 2, auth type 2. */
  ah?: { spi?: number; sequence?: number; icv?: Uint8Array };
  padTo?: number;
}

/** A complete Ethernet frame with one advertisement, as keepalived sends it. */
export function frame(options: FrameOptions): Uint8Array {
  const { vlans, padTo } = options;
  return ethernet({
    src: options.mac ?? macOf(options.from),
    dst: groupMacOf(options.to ?? groupOf(familyOf(options.from))),
    payload: advertPacket(options),
    ...(vlans === undefined ? {} : { vlans }),
    ...(padTo === undefined ? {} : { padTo }),
  });
}

/** The IP packet of `frame(...)`, for other link layers. */
export function advertPacket(options: FrameOptions): Uint8Array {
  const src = options.from;
  const dst = options.to ?? groupOf(familyOf(src));
  let payload = advert({ ...(options.ah ? { authType: 2 } : {}), ...options, src, dst });
  if (options.ah) payload = ah({ ...options.ah, payload });
  const protocol = options.ah ? 51 : 112;
  if (familyOf(src) === 4) {
    return ipv4({ src, dst, payload, proto: protocol, ttl: options.ttl ?? 255, id: options.id ?? 1 });
  }
  return ipv6({ src, dst, payload, nextHeader: protocol, hopLimit: options.ttl ?? 255 });
}

/** A gratuitous ARP request, or an unsolicited neighbour advertisement for an IPv6 address. */
export function garp(options: { address: string; mac?: string; vlans?: readonly VlanTag[] }): Uint8Array {
  const { address, vlans } = options;
  const mac = options.mac ?? macOf(address);
  const tags = vlans === undefined ? {} : { vlans };
  if (familyOf(address) === 6) {
    const payload = neighbourAdvertisement({ target: address, mac });
    return ethernet({ src: mac, dst: '33:33:00:00:00:01', payload, ...tags });
  }
  const payload = arp({ sender: address, senderMac: mac, target: address, targetMac: 'ff:ff:ff:ff:ff:ff' });
  return ethernet({ src: mac, dst: 'ff:ff:ff:ff:ff:ff', type: 0x0806, payload, ...tags });
}

/** An ARP request to everybody. */
export function arpRequest({ sender, target }: { sender: string; target: string }): Uint8Array {
  return ethernet({ dst: 'ff:ff:ff:ff:ff:ff', type: 0x0806, payload: arp({ sender, target }) });
}

/** An ARP reply: `mac` tells `to` that it has `address`. */
export function arpReply(options: {
  address: string;
  mac?: string;
  to?: string;
  toMac?: string;
  vlans?: readonly VlanTag[];
}): Uint8Array {
  const mac = options.mac ?? macOf(options.address);
  const to = options.to ?? '10.0.0.254';
  const toMac = options.toMac ?? macOf(to);
  return ethernet({
    src: mac,
    dst: toMac,
    type: 0x0806,
    payload: arp({ operation: 'reply', sender: options.address, senderMac: mac, target: to, targetMac: toMac }),
    ...(options.vlans === undefined ? {} : { vlans: options.vlans }),
  });
}

function authenticationData(password: string): Uint8Array {
  const data = new Uint8Array(8);
  data.set(new TextEncoder().encode(password).subarray(0, 8));
  return data;
}

/** Type, key id, reserved, UTC seconds, subsecond, counter, and 16 bytes of HMAC. */
function hmacTrailer(): Uint8Array {
  const trailer = new Uint8Array(28).fill(0x5a, 12);
  trailer.set([1, 7, 0, 0, 0x6a, 0x21, 0x43, 0x65, 0x80, 0, 0, 1]);
  return trailer;
}

function fragmentHeader(fragment: { offset: number; more: boolean }): Uint8Array {
  const header = new Uint8Array(8);
  put16(header, 2, fragment.offset | (fragment.more ? 1 : 0));
  put32(header, 4, 0x12345678);
  return header;
}

export function tagBytes(tag: VlanTag): Uint8Array {
  const { tpid, vid, priority = 0 } = typeof tag === 'number' ? { tpid: 0x8100, vid: tag } : tag;
  return concat(two(tpid), two((priority << 13) | vid));
}

export function ipEtherType(packet: Uint8Array): number {
  return isIpv6(packet) ? 0x86dd : 0x0800;
}

export function isIpv6(packet: Uint8Array): boolean {
  return (packet[0] ?? 0) >> 4 === 6;
}

function groupMacOf(destination: string): string {
  if (destination === '224.0.0.18') return '01:00:5e:00:00:12';
  if (destination === 'ff02::12') return '33:33:00:00:00:12';
  return macOf(destination);
}
