import { u8, u16 } from '../bytes.ts';
import type { FrameFilter } from '../frame.ts';
import { LINK_TYPE } from '../frame.ts';
import { isExtensionHeader, PROTOCOL } from './ip.ts';
import { ETHERTYPE, newLink, readLink } from './link.ts';

const NEIGHBOUR_ADVERTISEMENT = 136;

const link = newLink();

/**
 * Says yes to every frame that `FrameDecoder` makes something of, from as few bytes as possible: of an ordinary
 * Ethernet frame it reads the ethertype and the protocol.
 */
export const mayConcernVrrp: FrameFilter = (block, offset, capturedLength, linkType) => {
  if (linkType !== LINK_TYPE.ethernet) return mayConcernBehindLink(block, offset, capturedLength, linkType);
  // A frame too short for these bytes reads those of its successor: at worst a yes to a frame that is nothing.
  let network = offset + 14;
  let type = u16(block, offset + 12);
  if (type === ETHERTYPE.vlan) {
    network += 4;
    type = u16(block, offset + 16);
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
