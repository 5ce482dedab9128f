import { u8, u16 } from '../bytes.ts';
import type { AddressMarks, FrameFilter } from '../frame.ts';
import { LINK_TYPE } from '../frame.ts';
import { ARP_LENGTH, ARP_SENDER_ADDRESS, ARP_TARGET_ADDRESS, NEIGHBOUR_ADVERTISEMENT } from './claim.ts';
import { EXTENSION_HEADERS, isExtensionHeader, PROTOCOL } from './ip.ts';
import { newLayers, readLayers } from './layers.ts';
import { ETHERTYPE, newLink, readLink } from './link.ts';
import { isVxlanPort, VXLAN_PORTS } from './tunnel.ts';

const ETHERNET_LENGTH = 14;

/** Numbers to which the filter says yes, for some frames at least; UDP is one more, to the ports of VXLAN. */
const IP_PROTOCOLS = [PROTOCOL.vrrp, PROTOCOL.icmp6, PROTOCOL.gre, ...EXTENSION_HEADERS];

const link = newLink();
const layers = newLayers();

/**
 * A filter that says yes to every frame that `FrameDecoder` makes something of, from as few bytes as possible: of an
 * ordinary Ethernet frame it reads the ethertype and the protocol. Into tunnels it looks.
 *
 * @param arpAddresses of whom ARP packets matter, and who may become more: those about others get a no; null for everybody
 */
export function vrrpFilter(arpAddresses: AddressMarks | null): FrameFilter {
  const marks = arpAddresses?.marks;
  const filter = (block: Uint8Array, offset: number, capturedLength: number, linkType: number): boolean => {
    if (linkType !== LINK_TYPE.ethernet) return mayConcernBehindLink(block, offset, capturedLength, linkType, marks);
    // A frame too short for these bytes reads those of its successor: at worst a yes to a frame that is nothing.
    let network = offset + ETHERNET_LENGTH;
    let type = u16(block, offset + 12);
    if (type === ETHERTYPE.vlan) {
      network += 4;
      type = u16(block, offset + 16);
    } else if (type === ETHERTYPE.arp && marks !== undefined && capturedLength >= ETHERNET_LENGTH + ARP_LENGTH) {
      return isMarkedArp(block, network, marks);
    }
    if (type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6) {
      if (mayConcernIp(block, network, type)) return true;
      return isTunnel(block, network, type) && mayConcernInside(block, offset, capturedLength, linkType, marks);
    }
    if (type === ETHERTYPE.arp) return true;
    // Below 0x0600 it is a length: spanning tree and its like.
    if (type < 0x0600) return false;
    return mayConcernBehindLink(block, offset, capturedLength, linkType, marks);
  };
  return Object.assign(filter, { wanted: { ipProtocols: IP_PROTOCOLS, udpPorts: VXLAN_PORTS, arpAddresses } });
}

/** The filter for whoever cannot tell beforehand whose ARP packets will matter. */
export const mayConcernVrrp: FrameFilter = vrrpFilter(null);

type Marks = Uint8Array | undefined;

function mayConcernBehindLink(
  block: Uint8Array,
  offset: number,
  capturedLength: number,
  linkType: number,
  marks: Marks,
): boolean {
  readLink(link, block, offset, offset + capturedLength, linkType);
  const { etherType, networkOffset } = link;
  if (etherType === ETHERTYPE.arp) return true;
  if (etherType !== ETHERTYPE.ipv4 && etherType !== ETHERTYPE.ipv6) return false;
  if (mayConcernIp(block, networkOffset, etherType)) return true;
  return isTunnel(block, networkOffset, etherType) && mayConcernInside(block, offset, capturedLength, linkType, marks);
}

/** True when its sender is marked, or the one whom it is about. */
function isMarkedArp(block: Uint8Array, offset: number, marks: Uint8Array): boolean {
  if (marks[u16(block, offset + ARP_SENDER_ADDRESS + 2)] !== 0) return true;
  return marks[u16(block, offset + ARP_TARGET_ADDRESS + 2)] !== 0;
}

function mayConcernIp(block: Uint8Array, offset: number, etherType: number): boolean {
  if (etherType === ETHERTYPE.ipv4) {
    const protocol = u8(block, offset + 9);
    return protocol === PROTOCOL.vrrp || protocol === PROTOCOL.ah;
  }
  const next = u8(block, offset + 6);
  if (next === PROTOCOL.vrrp) return true;
  if (next === PROTOCOL.icmp6) return u8(block, offset + 40) === NEIGHBOUR_ADVERTISEMENT;
  return isExtensionHeader(next);
}

function isTunnel(block: Uint8Array, offset: number, etherType: number): boolean {
  const isIpv4 = etherType === ETHERTYPE.ipv4;
  const protocol = u8(block, offset + (isIpv4 ? 9 : 6));
  if (protocol !== PROTOCOL.udp) return protocol === PROTOCOL.gre;
  const headerLength = isIpv4 ? (u8(block, offset) & 0x0f) * 4 : 40;
  return isVxlanPort(u16(block, offset + headerLength + 2));
}

/** Whole mirror ports come through tunnels: of what is in them as little is wanted as outside. */
function mayConcernInside(
  block: Uint8Array,
  offset: number,
  capturedLength: number,
  linkType: number,
  marks: Marks,
): boolean {
  const end = offset + capturedLength;
  if (!readLayers(layers, block, offset, end, end, linkType)) return false;
  const { link: inner, packet } = layers;
  if (inner.etherType === ETHERTYPE.arp) {
    return marks === undefined || isMarkedArp(block, inner.networkOffset, marks);
  }
  if (packet.protocol === PROTOCOL.icmp6) return u8(block, packet.payloadOffset) === NEIGHBOUR_ADVERTISEMENT;
  return packet.protocol === PROTOCOL.vrrp;
}
