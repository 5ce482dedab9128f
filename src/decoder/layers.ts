import { newPacket, type Packet, readIpv4, readIpv6 } from './ip.ts';
import { ETHERTYPE, type Link, newLink, readInnerLink, readLink } from './link.ts';
import { newTunnel, readTunnel, TUNNEL } from './tunnel.ts';

/** Tunnels around a frame that are opened; the mirror of a network that itself carries VXLAN has two. */
const MAX_DEPTH = 4;

/** A frame up to its innermost packet; reused from frame to frame. */
export interface Layers {
  /** Of the innermost frame, but packet type and kernel interface are those of the outermost. */
  readonly link: Link;
  /** The innermost packet, where `link.etherType` is that of IP. */
  readonly packet: Packet;
  /** End of what is captured of the innermost frame. */
  end: number;
  /** Where it ended on the wire. */
  wireEnd: number;
  /** Number of tunnels around it. */
  depth: number;
  /** Of the tunnels, the outermost first: one of `TUNNEL`, and the id as in `Tunnel`, or the service of 802.1ah. */
  readonly kinds: Uint8Array;
  readonly ids: Float64Array;
}

const tunnel = newTunnel();

export function newLayers(): Layers {
  return {
    link: newLink(),
    packet: newPacket(),
    end: 0,
    wireEnd: 0,
    depth: 0,
    kinds: new Uint8Array(MAX_DEPTH),
    ids: new Float64Array(MAX_DEPTH),
  };
}

/**
 * Fills `layers` from the frame's bytes in `offset` to `end`.
 *
 * @param wireEnd where the frame ended on the wire
 * @returns false for what is neither IP nor ARP, is not all there, or lies in too many tunnels
 */
export function readLayers(
  layers: Layers,
  bytes: Uint8Array,
  offset: number,
  end: number,
  wireEnd: number,
  linkType: number,
): boolean {
  const { link, packet } = layers;
  layers.end = end;
  layers.wireEnd = wireEnd;
  layers.depth = 0;
  readLink(link, bytes, offset, end, linkType);
  for (;;) {
    if (link.serviceId >= 0 && !enter(layers, TUNNEL.service, link.serviceId)) return false;
    if (link.etherType === ETHERTYPE.ipv4) {
      if (!readIpv4(packet, bytes, link.networkOffset, layers.end)) return false;
    } else if (link.etherType === ETHERTYPE.ipv6) {
      if (!readIpv6(packet, bytes, link.networkOffset, layers.end)) return false;
    } else {
      return link.etherType === ETHERTYPE.arp;
    }
    const packetEnd = packet.payloadOffset + packet.payloadLength;
    if (!readTunnel(tunnel, packet, bytes, Math.min(layers.end, packetEnd))) return true;
    if (!enter(layers, tunnel.kind, tunnel.id)) return false;
    layers.end = Math.min(layers.end, packetEnd);
    layers.wireEnd = tunnel.isCut ? Number.POSITIVE_INFINITY : Math.min(layers.wireEnd, packetEnd);
    readInnerLink(link, bytes, tunnel.offset, layers.end, tunnel.linkType);
    if (link.vlan === 0) link.vlan = tunnel.vlan;
  }
}

function enter(layers: Layers, kind: number, id: number): boolean {
  if (layers.depth >= MAX_DEPTH) return false;
  layers.kinds[layers.depth] = kind;
  layers.ids[layers.depth] = id;
  layers.depth++;
  return true;
}
