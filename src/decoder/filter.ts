import { u8, u16 } from '../bytes.ts';
import type { AddressMarks, FrameFilter } from '../frame.ts';
import { LINK_TYPE } from '../frame.ts';
import { ARP_LENGTH, ARP_SENDER_ADDRESS } from './claim.ts';
import { EXTENSION_HEADERS, isExtensionHeader, PROTOCOL } from './ip.ts';
import { ETHERTYPE, newLink, readLink } from './link.ts';

const ETHERNET_LENGTH = 14;
const NEIGHBOUR_ADVERTISEMENT = 136;

/** Numbers to which the filter says yes, for some frames at least. */
const IP_PROTOCOLS = [PROTOCOL.vrrp, PROTOCOL.icmp6, ...EXTENSION_HEADERS];

const link = newLink();

/**
 * A filter that says yes to every frame that `FrameDecoder` makes something of, from as few bytes as possible: of an
 * ordinary Ethernet frame it reads the ethertype and the protocol.
 *
 * @param arpSenders whose ARP packets matter, and who may become more: those of others get a no; null for everybody's
 */
export function vrrpFilter(arpSenders: AddressMarks | null): FrameFilter {
  const marks = arpSenders?.marks;
  const filter = (block: Uint8Array, offset: number, capturedLength: number, linkType: number): boolean => {
    if (linkType !== LINK_TYPE.ethernet) return mayConcernBehindLink(block, offset, capturedLength, linkType);
    // A frame too short for these bytes reads those of its successor: at worst a yes to a frame that is nothing.
    let network = offset + ETHERNET_LENGTH;
    let type = u16(block, offset + 12);
    if (type === ETHERTYPE.vlan) {
      network += 4;
      type = u16(block, offset + 16);
    } else if (type === ETHERTYPE.arp && marks !== undefined && capturedLength >= ETHERNET_LENGTH + ARP_LENGTH) {
      return marks[u16(block, network + ARP_SENDER_ADDRESS + 2)] !== 0;
    }
    if (type === ETHERTYPE.ipv4) {
      const protocol = u8(block, network + 9);
      return protocol === PROTOCOL.vrrp || protocol === PROTOCOL.ah;
    }
    if (type === ETHERTYPE.ipv6) return mayConcernIpv6(block, network);
    if (type === ETHERTYPE.arp) return true;
    // Below 0x0600 it is a length: spanning tree and its like.
    if (type < 0x0600) return false;
    return mayConcernBehindLink(block, offset, capturedLength, linkType);
  };
  return Object.assign(filter, { wanted: { ipProtocols: IP_PROTOCOLS, arpSenders } });
}

/** The filter for whoever cannot tell beforehand whose ARP packets will matter. */
export const mayConcernVrrp: FrameFilter = vrrpFilter(null);

function mayConcernBehindLink(block: Uint8Array, offset: number, capturedLength: number, linkType: number): boolean {
  readLink(link, block, offset, offset + capturedLength, linkType);
  switch (link.etherType) {
    case ETHERTYPE.ipv4: {
      const protocol = u8(block, link.networkOffset + 9);
      return protocol === PROTOCOL.vrrp || protocol === PROTOCOL.ah;
    }
    case ETHERTYPE.ipv6:
      return mayConcernIpv6(block, link.networkOffset);
    case ETHERTYPE.arp:
      return true;
    default:
      return false;
  }
}

function mayConcernIpv6(block: Uint8Array, offset: number): boolean {
  const next = u8(block, offset + 6);
  if (next === PROTOCOL.vrrp) return true;
  if (next === PROTOCOL.icmp6) return u8(block, offset + 40) === NEIGHBOUR_ADVERTISEMENT;
  return isExtensionHeader(next);
}
