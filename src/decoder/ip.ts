import { u8, u16 } from '../bytes.ts';

/** An IP packet up to what it carries; reused from frame to frame. */
export interface Packet {
  family: 4 | 6;
  sourceOffset: number;
  destinationOffset: number;
  multicast: boolean;
  /** TTL or hop limit. */
  ttl: number;
  /** IPv4 identification, -1 for IPv6. */
  ipId: number;
  /** First fragment of several. */
  fragment: boolean;
  /** Of the authentication header, -1 without. */
  ahOffset: number;
  /** Number of the protocol that the payload belongs to, AH and IPv6 extension headers stepped over. */
  protocol: number;
  payloadOffset: number;
  /** As the IP header gives it, without what was stepped over. */
  payloadLength: number;
}

export const PROTOCOL = { udp: 17, gre: 47, ah: 51, icmp6: 58, vrrp: 112 } as const;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION = 60;
const MOBILITY = 135;

export const EXTENSION_HEADERS: readonly number[] = [HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION, MOBILITY, PROTOCOL.ah];

/** Extension headers that may follow one another; real packets have two or three. */
const MAX_EXTENSIONS = 16;

export function newPacket(): Packet {
  return {
    family: 4,
    sourceOffset: 0,
    destinationOffset: 0,
    multicast: false,
    ttl: 0,
    ipId: -1,
    fragment: false,
    ahOffset: -1,
    protocol: -1,
    payloadOffset: 0,
    payloadLength: 0,
  };
}

/** False when the header is not whole or not IPv4, or when the packet is a fragment without its beginning. */
export function readIpv4(packet: Packet, bytes: Uint8Array, offset: number, end: number): boolean {
  if (end - offset < 20) return false;
  const first = u8(bytes, offset);
  const headerLength = (first & 0x0f) * 4;
  if (first >> 4 !== 4 || headerLength < 20 || offset + headerLength > end) return false;
  const totalLength = u16(bytes, offset + 2);
  const fragmentation = u16(bytes, offset + 6);
  if (totalLength < headerLength || (fragmentation & 0x1fff) !== 0) return false;
  packet.family = 4;
  packet.sourceOffset = offset + 12;
  packet.destinationOffset = offset + 16;
  packet.multicast = u8(bytes, offset + 16) >> 4 === 0xe;
  packet.ttl = u8(bytes, offset + 8);
  packet.ipId = u16(bytes, offset + 4);
  packet.fragment = (fragmentation & 0x2000) !== 0;
  packet.ahOffset = -1;
  packet.protocol = u8(bytes, offset + 9);
  packet.payloadOffset = offset + headerLength;
  packet.payloadLength = totalLength - headerLength;
  return packet.protocol !== PROTOCOL.ah || stepOverAh(packet, bytes, end);
}

/** As `readIpv4`; steps over the extension headers that may stand before VRRP or ICMPv6. */
export function readIpv6(packet: Packet, bytes: Uint8Array, offset: number, end: number): boolean {
  if (end - offset < 40 || u8(bytes, offset) >> 4 !== 6) return false;
  packet.family = 6;
  packet.sourceOffset = offset + 8;
  packet.destinationOffset = offset + 24;
  packet.multicast = u8(bytes, offset + 24) === 0xff;
  packet.ttl = u8(bytes, offset + 7);
  packet.ipId = -1;
  packet.fragment = false;
  packet.ahOffset = -1;
  packet.protocol = u8(bytes, offset + 6);
  packet.payloadOffset = offset + 40;
  packet.payloadLength = u16(bytes, offset + 4);
  for (let extensions = 0; extensions < MAX_EXTENSIONS; extensions++) {
    switch (packet.protocol) {
      case HOP_BY_HOP:
      case ROUTING:
      case DESTINATION:
      case MOBILITY:
        if (!stepOver(packet, bytes, end, (u8(bytes, packet.payloadOffset + 1) + 1) * 8)) return false;
        break;
      case FRAGMENT: {
        const position = u16(bytes, packet.payloadOffset + 2);
        if (!stepOver(packet, bytes, end, 8) || position >> 3 !== 0) return false;
        packet.fragment = (position & 1) !== 0;
        break;
      }
      case PROTOCOL.ah:
        if (!stepOverAh(packet, bytes, end)) return false;
        break;
      default:
        return true;
    }
  }
  return false;
}

/** True for the next header numbers that `readIpv6` steps over. */
export function isExtensionHeader(number: number): boolean {
  return EXTENSION_HEADERS.includes(number);
}

/** RFC 4302 §2: the length field counts 4-byte words, less 2. The fixed part is 12 bytes. */
function stepOverAh(packet: Packet, bytes: Uint8Array, end: number): boolean {
  const length = (u8(bytes, packet.payloadOffset + 1) + 2) * 4;
  packet.ahOffset = packet.payloadOffset;
  return length >= 12 && stepOver(packet, bytes, end, length);
}

function stepOver(packet: Packet, bytes: Uint8Array, end: number, length: number): boolean {
  if (length > packet.payloadLength || packet.payloadOffset + length > end) return false;
  packet.protocol = u8(bytes, packet.payloadOffset);
  packet.payloadOffset += length;
  packet.payloadLength -= length;
  return true;
}
