import { u8 } from '../bytes.ts';

/**
 * Tells CARP from VRRP, which share protocol number, group and first byte: a CARP advertisement has 36 bytes, and where
 * VRRP counts addresses it says that 7 words of counter and HMAC follow (ip_carp.h, struct carp_header).
 *
 * A VRRPv2 advertisement with 7 addresses has 44 bytes; only one that lacks its authentication data is mistaken.
 */
export function isCarp(bytes: Uint8Array, offset: number, length: number, captured: number): boolean {
  return length === 36 && captured >= 4 && u8(bytes, offset) === 0x21 && u8(bytes, offset + 3) === 7;
}
