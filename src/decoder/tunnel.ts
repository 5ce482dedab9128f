import { u8, u16, u32 } from '../bytes.ts';
import { LINK_TYPE } from '../frame.ts';
import { type Packet, PROTOCOL } from './ip.ts';
import { ETHERTYPE } from './link.ts';

/** What carries the frames of another segment: tunnels of mirror ports and overlays, and the services of 802.1ah. */
export const TUNNEL = { vxlan: 0, gre: 1, erspan: 2, service: 3 } as const;

/** A tunnel header that an IP packet carries, and where what it carries begins; reused from frame to frame. */
export interface Tunnel {
  /** One of `TUNNEL`. */
  kind: number;
  /** VXLAN network identifier, GRE key or ERSPAN session, -1 without. */
  id: number;
  /** Of the frame or packet inside. */
  offset: number;
  /** `ethernet` or `raw`. */
  linkType: number;
  /** VLAN that ERSPAN names for a frame, whose tag the switch may have taken off; 0 for none. */
  vlan: number;
  /** The mirror port left only the beginning of the frame. */
  isCut: boolean;
}

/** UDP ports of VXLAN: that of RFC 7348 §5, and the one before it, which `ip link` still takes unless told otherwise. */
export const VXLAN_PORTS = [4789, 8472] as const;
const UDP_LENGTH = 8;
const VXLAN_LENGTH = 8;
/** The network identifier is valid. */
const VXLAN_I = 0x08;

const GRE_LENGTH = 4;
const GRE_CHECKSUM = 0x8000;
const GRE_KEY = 0x2000;
const GRE_SEQUENCE = 0x1000;
/** Bits 1, 4 and 5, with which a packet is to be discarded (RFC 2784 §2.3), and the version. */
const GRE_REFUSED = 0x4c07;

const GRE_ETHERNET = 0x6558;
/** ERSPAN types I and II (draft-foschiano-erspan-03 §4.1 and §4.2), which the sequence number tells apart. */
const GRE_ERSPAN = 0x88be;
const GRE_ERSPAN_III = 0x22eb;

const ERSPAN_II_LENGTH = 8;
const ERSPAN_III_LENGTH = 12;
const ERSPAN_SUBHEADER_LENGTH = 8;
/** Of type III: the contents are an Ethernet frame or an IP packet. */
const ERSPAN_FRAME_TYPE = { ethernet: 0, ip: 2 } as const;

export function newTunnel(): Tunnel {
  return { kind: TUNNEL.gre, id: -1, offset: 0, linkType: LINK_TYPE.ethernet, vlan: 0, isCut: false };
}

/**
 * Fills `tunnel` when the packet is one.
 *
 * @param end of the packet or of what is captured of it, whichever comes first
 * @returns false for what is no tunnel, or not all there
 */
export function readTunnel(tunnel: Tunnel, packet: Packet, bytes: Uint8Array, end: number): boolean {
  // What a fragment has of a frame would look like the whole.
  if (packet.fragment) return false;
  tunnel.vlan = 0;
  tunnel.isCut = false;
  if (packet.protocol === PROTOCOL.gre) return readGre(tunnel, bytes, packet.payloadOffset, end);
  return packet.protocol === PROTOCOL.udp && readVxlan(tunnel, bytes, packet.payloadOffset, end);
}

export function isVxlanPort(port: number): boolean {
  return port === VXLAN_PORTS[0] || port === VXLAN_PORTS[1];
}

/** RFC 7348 §5: UDP header, flags, 3 reserved bytes, 3 bytes of network identifier, a reserved one. */
function readVxlan(tunnel: Tunnel, bytes: Uint8Array, offset: number, end: number): boolean {
  const header = offset + UDP_LENGTH;
  if (header + VXLAN_LENGTH > end || !isVxlanPort(u16(bytes, offset + 2))) return false;
  if ((u8(bytes, header) & VXLAN_I) === 0) return false;
  tunnel.kind = TUNNEL.vxlan;
  tunnel.id = u32(bytes, header + 4) >>> 8;
  tunnel.offset = header + VXLAN_LENGTH;
  tunnel.linkType = LINK_TYPE.ethernet;
  return true;
}

/** RFC 2784 §2 and RFC 2890 §2: flags, type of the contents, then checksum, key and sequence number as the flags say. */
function readGre(tunnel: Tunnel, bytes: Uint8Array, offset: number, end: number): boolean {
  if (offset + GRE_LENGTH > end) return false;
  const flags = u16(bytes, offset);
  if ((flags & GRE_REFUSED) !== 0) return false;
  const hasSequence = (flags & GRE_SEQUENCE) !== 0;
  const keyOffset = offset + GRE_LENGTH + ((flags & GRE_CHECKSUM) === 0 ? 0 : 4);
  const keyLength = (flags & GRE_KEY) === 0 ? 0 : 4;
  const contents = keyOffset + keyLength + (hasSequence ? 4 : 0);
  if (contents > end) return false;
  tunnel.kind = TUNNEL.gre;
  tunnel.id = keyLength === 0 ? -1 : u32(bytes, keyOffset);
  tunnel.offset = contents;
  tunnel.linkType = LINK_TYPE.ethernet;
  switch (u16(bytes, offset + 2)) {
    case GRE_ETHERNET:
      return true;
    case ETHERTYPE.ipv4:
    case ETHERTYPE.ipv6:
      tunnel.linkType = LINK_TYPE.raw;
      return true;
    case GRE_ERSPAN:
      tunnel.kind = TUNNEL.erspan;
      return !hasSequence || readErspan(tunnel, bytes, ERSPAN_II_LENGTH, end);
    case GRE_ERSPAN_III:
      tunnel.kind = TUNNEL.erspan;
      return readErspan(tunnel, bytes, ERSPAN_III_LENGTH, end) && readErspanIii(tunnel, bytes, end);
    default:
      return false;
  }
}

/** §4.2, the same in both types: version and VLAN; class of service, two bits, whether the frame was cut, and session. */
function readErspan(tunnel: Tunnel, bytes: Uint8Array, length: number, end: number): boolean {
  const header = tunnel.offset;
  if (header + length > end) return false;
  const session = u16(bytes, header + 2);
  tunnel.id = session & 0x3ff;
  tunnel.isCut = (session & 0x400) !== 0;
  tunnel.vlan = u16(bytes, header) & 0xfff;
  tunnel.offset = header + length;
  return true;
}

/** §4.3: the last two of the 12 bytes have the type of the contents and, in the last bit, whether a subheader follows. */
function readErspanIii(tunnel: Tunnel, bytes: Uint8Array, end: number): boolean {
  const last = u16(bytes, tunnel.offset - 2);
  const frameType = (last >> 10) & 0x1f;
  if (frameType === ERSPAN_FRAME_TYPE.ip) tunnel.linkType = LINK_TYPE.raw;
  else if (frameType !== ERSPAN_FRAME_TYPE.ethernet) return false;
  if ((last & 1) !== 0) tunnel.offset += ERSPAN_SUBHEADER_LENGTH;
  return tunnel.offset <= end;
}
