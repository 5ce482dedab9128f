import { u8, u16, u32 } from '../bytes.ts';
import { LINK_TYPE } from '../frame.ts';

/** What the link layer says about a frame; reused from frame to frame. */
export interface Link {
  /** Ethertype of the packet inside, 0 for what is neither IP nor ARP. */
  etherType: number;
  /** Of the packet inside. */
  networkOffset: number;
  /** Source hardware address as a 48-bit number, -1 where the link layer has none. */
  mac: number;
  /** VLAN stack as in `Advertisement.vlan`. */
  vlan: number;
  /** Service identifier of 802.1ah, that of the innermost frame; -1 without. */
  serviceId: number;
  /** The frame went to everybody. */
  isBroadcast: boolean;
  /** As in `Advertisement.packetType`. */
  packetType: number;
  /** Kernel's interface index of LINUX_SLL2, -1 elsewhere. */
  kernelInterface: number;
}

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const;

/** IEEE 802.1ah: a service tag of 4 bytes, of which 3 are the identifier, then a whole Ethernet frame. */
const ETHERTYPE_BACKBONE = 0x88e7;

/** More tags than any switch stacks; ends the walk over a frame made of tags alone. */
const MAX_TAGS = 8;

/** Four tags of 12 bits fit in a number exactly; those further in are skipped. */
const VLAN_LIMIT = 2 ** 36;

/** Address families of NULL and LOOP: 2 everywhere for IPv4, and what the BSDs chose for IPv6. */
const FAMILY_IPV4 = 2;
const FAMILY_IPV6_NETBSD = 24;
const FAMILY_IPV6_FREEBSD = 28;
const FAMILY_IPV6_DARWIN = 30;

const BROADCAST = 0xffff_ffff_ffff;
/** LINUX_SLL packet type of a frame to everybody. */
const TO_EVERYBODY = 1;

export function newLink(): Link {
  return {
    etherType: 0,
    networkOffset: 0,
    mac: -1,
    vlan: 0,
    serviceId: -1,
    isBroadcast: false,
    packetType: -1,
    kernelInterface: -1,
  };
}

/**
 * Fills `link` from the frame's bytes in `offset` to `end`.
 *
 * Of a frame too short for its link layer the fields are meaningless; behind `networkOffset` there is then no room for a
 * packet, which is checked where packets are read.
 */
export function readLink(link: Link, bytes: Uint8Array, offset: number, end: number, linkType: number): void {
  clear(link, end);
  link.packetType = -1;
  link.kernelInterface = -1;
  switch (linkType) {
    case LINK_TYPE.ethernet:
      readEthernet(link, bytes, offset, end);
      break;
    case LINK_TYPE.linuxSll:
      readSll(link, bytes, offset, end);
      break;
    case LINK_TYPE.linuxSll2:
      readSll2(link, bytes, offset, end);
      break;
    case LINK_TYPE.null:
    case LINK_TYPE.loop:
      readLoopback(link, bytes, offset);
      break;
    case LINK_TYPE.ppp:
      readPpp(link, bytes, offset);
      break;
    case LINK_TYPE.raw:
    case LINK_TYPE.rawBsd:
    case LINK_TYPE.rawOpenBsd:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      readRaw(link, bytes, offset);
      break;
  }
}

/** As `readLink`, for what a tunnel carries, `ethernet` or `raw`: how the frame around it came in stays. */
export function readInnerLink(link: Link, bytes: Uint8Array, offset: number, end: number, linkType: number): void {
  clear(link, end);
  if (linkType === LINK_TYPE.ethernet) readEthernet(link, bytes, offset, end);
  else readRaw(link, bytes, offset);
}

function clear(link: Link, end: number): void {
  link.etherType = 0;
  link.networkOffset = end;
  link.mac = -1;
  link.vlan = 0;
  link.serviceId = -1;
  link.isBroadcast = false;
}

export function readMac(bytes: Uint8Array, offset: number): number {
  return u16(bytes, offset) * 0x1_0000_0000 + u32(bytes, offset + 2);
}

function readEthernet(link: Link, bytes: Uint8Array, offset: number, end: number): void {
  link.isBroadcast = readMac(bytes, offset) === BROADCAST;
  link.mac = readMac(bytes, offset + 6);
  readTags(link, bytes, offset + 12, end);
}

/** Walks from the ethertype at `offset` over tags to the packet. */
function readTags(link: Link, bytes: Uint8Array, offset: number, end: number): void {
  let typeOffset = offset;
  for (let tags = 0; tags <= MAX_TAGS && typeOffset + 2 <= end; tags++) {
    const type = u16(bytes, typeOffset);
    if (isVlanTag(type)) {
      const vid = u16(bytes, typeOffset + 2) & 0xfff;
      // A priority tag (VID 0) belongs to the same segment as an untagged frame.
      if (vid !== 0 && link.vlan < VLAN_LIMIT) link.vlan = link.vlan * 0x1000 + vid;
      typeOffset += 4;
    } else if (type === ETHERTYPE_BACKBONE) {
      link.serviceId = u32(bytes, typeOffset + 2) & 0xffffff;
      link.isBroadcast = readMac(bytes, typeOffset + 6) === BROADCAST;
      link.mac = readMac(bytes, typeOffset + 12);
      typeOffset += 18;
    } else {
      link.etherType = type;
      link.networkOffset = typeOffset + 2;
      return;
    }
  }
}

/** 802.1Q, 802.1ad, and two numbers that switches used before the latter. */
function isVlanTag(type: number): boolean {
  return type === ETHERTYPE.vlan || type === 0x88a8 || type === 0x9100 || type === 0x9200;
}

function readSll(link: Link, bytes: Uint8Array, offset: number, end: number): void {
  link.packetType = u16(bytes, offset);
  link.isBroadcast = link.packetType === TO_EVERYBODY;
  if (u16(bytes, offset + 4) === 6) link.mac = readMac(bytes, offset + 6);
  readTags(link, bytes, offset + 14, end);
}

function readSll2(link: Link, bytes: Uint8Array, offset: number, end: number): void {
  link.kernelInterface = u32(bytes, offset + 4);
  link.packetType = u8(bytes, offset + 10);
  link.isBroadcast = link.packetType === TO_EVERYBODY;
  if (u8(bytes, offset + 11) === 6) link.mac = readMac(bytes, offset + 12);
  const protocol = u16(bytes, offset);
  if (!isVlanTag(protocol)) {
    link.etherType = protocol;
    link.networkOffset = offset + 20;
    return;
  }
  // The header holds the first tag's type; its VLAN id and the next type come after the header.
  link.vlan = u16(bytes, offset + 20) & 0xfff;
  readTags(link, bytes, offset + 22, end);
}

/** The family is in the byte order of the machine that captured; both occur in one file of several machines. */
function readLoopback(link: Link, bytes: Uint8Array, offset: number): void {
  const bigEndian = u32(bytes, offset);
  const family = bigEndian < 0x10000 ? bigEndian : u8(bytes, offset) + u8(bytes, offset + 1) * 0x100;
  link.networkOffset = offset + 4;
  if (family === FAMILY_IPV4) link.etherType = ETHERTYPE.ipv4;
  else if (family === FAMILY_IPV6_NETBSD || family === FAMILY_IPV6_FREEBSD || family === FAMILY_IPV6_DARWIN) {
    link.etherType = ETHERTYPE.ipv6;
  }
}

/** RFC 1662: address and control bytes may be left out, and the protocol's first byte when it is zero. */
function readPpp(link: Link, bytes: Uint8Array, offset: number): void {
  let at = offset;
  if (u16(bytes, at) === 0xff03) at += 2;
  const long = (u8(bytes, at) & 1) === 0;
  const protocol = long ? u16(bytes, at) : u8(bytes, at);
  link.networkOffset = at + (long ? 2 : 1);
  if (protocol === 0x21) link.etherType = ETHERTYPE.ipv4;
  else if (protocol === 0x57) link.etherType = ETHERTYPE.ipv6;
}

function readRaw(link: Link, bytes: Uint8Array, offset: number): void {
  const version = u8(bytes, offset) >> 4;
  link.networkOffset = offset;
  link.etherType = version === 4 ? ETHERTYPE.ipv4 : version === 6 ? ETHERTYPE.ipv6 : 0;
}
