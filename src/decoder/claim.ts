import { u8, u16, u32 } from '../bytes.ts';
import type { AddressClaim } from './advertisement.ts';
import { CLAIM } from './advertisement.ts';
import { readMac } from './link.ts';

export const ARP_LENGTH = 28;
/** Where the sender's IPv4 address stands in the packet. */
export const ARP_SENDER_ADDRESS = 14;
/** And where the one that it asks for, or tells. */
export const ARP_TARGET_ADDRESS = 24;
const ARP_REQUEST = 1;
const ARP_REPLY = 2;

/** ICMPv6 type (RFC 4861 §4.4). */
export const NEIGHBOUR_ADVERTISEMENT = 136;
const NEIGHBOUR_ADVERTISEMENT_LENGTH = 24;
const SOLICITED = 0x40;
const OPTION_TARGET_LINK_LAYER_ADDRESS = 2;

/** ARP for IPv4 over Ethernet (RFC 826). False for other kinds and for probes, whose sender has no address yet. */
export function readArp(
  claim: AddressClaim,
  bytes: Uint8Array,
  offset: number,
  end: number,
  isBroadcast: boolean,
): boolean {
  if (end - offset < ARP_LENGTH) return false;
  // Hardware type 1, protocol type IPv4, address lengths 6 and 4.
  if (u32(bytes, offset) !== 0x0001_0800 || u16(bytes, offset + 4) !== 0x0604) return false;
  const operation = u16(bytes, offset + 6);
  if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return false;
  const sender = u32(bytes, offset + ARP_SENDER_ADDRESS);
  if (sender === 0) return false;
  const target = u32(bytes, offset + ARP_TARGET_ADDRESS);
  claim.asker = -1;
  claim.askedOffset = -1;
  if (sender === target) claim.kind = CLAIM.gratuitous;
  else if (operation === ARP_REPLY) {
    claim.kind = CLAIM.reply;
    claim.asker = target;
  } else {
    claim.kind = CLAIM.request;
    claim.asker = sender;
    // A host that renews what it knows asks the one whom it knows alone.
    if (isBroadcast) claim.askedOffset = offset + ARP_TARGET_ADDRESS;
  }
  claim.family = 4;
  claim.addressOffset = offset + ARP_SENDER_ADDRESS;
  claim.mac = readMac(bytes, offset + 8);
  return true;
}

/**
 * Neighbour advertisement (RFC 4861 §4.4), the ICMPv6 message at `offset` up to `end`.
 *
 * @param linkMac source of the frame, which stands in for a missing target link-layer address option; -1 for none
 */
export function readNeighbourAdvertisement(
  claim: AddressClaim,
  bytes: Uint8Array,
  offset: number,
  end: number,
  linkMac: number,
): boolean {
  if (end - offset < NEIGHBOUR_ADVERTISEMENT_LENGTH || u8(bytes, offset) !== NEIGHBOUR_ADVERTISEMENT) return false;
  claim.asker = -1;
  claim.askedOffset = -1;
  claim.family = 6;
  claim.kind = (u8(bytes, offset + 4) & SOLICITED) === 0 ? CLAIM.gratuitous : CLAIM.reply;
  claim.addressOffset = offset + 8;
  claim.mac = linkMac;
  for (let option = offset + NEIGHBOUR_ADVERTISEMENT_LENGTH; option + 8 <= end; ) {
    const length = u8(bytes, option + 1) * 8;
    if (length === 0) break;
    if (u8(bytes, option) === OPTION_TARGET_LINK_LAYER_ADDRESS) {
      claim.mac = readMac(bytes, option + 2);
      break;
    }
    option += length;
  }
  return claim.mac >= 0;
}
