import { u8, u16 } from '../bytes.ts';
import type { Advertisement } from './advertisement.ts';
import { CHECKSUM, DEFECT } from './advertisement.ts';
import { sumVerifies, wordSum } from './checksum.ts';
import { PROTOCOL } from './ip.ts';
import type { MalformedReason } from './malformed.ts';

/*
 * Version 2 (RFC 3768 §5)                       Version 3 (RFC 9568 §5)
 *
 *  0        1        2        3                  0        1        2        3
 * +---+----+--------+--------+--------+         +---+----+--------+--------+--------+
 * | 2 |type|  VRID  |priority| count  |         | 3 |type|  VRID  |priority| count  |
 * +---+----+--------+--------+--------+         +---+----+--------+--------+--------+
 * |auth tp |interval|    checksum     |         | 0 | interval, cs|    checksum     |
 * +--------+--------+-----------------+         +---+-------------+-----------------+
 * | IPv4 addresses, 4 bytes each      |         | addresses, 4 or 16 bytes each     |
 * +-----------------------------------+         +-----------------------------------+
 * | authentication data, 8 bytes      |
 * +-----------------------------------+
 */
const HEADER_LENGTH = 8;
const AUTH_DATA_LENGTH = 8;
const TYPE_ADVERTISEMENT = 1;

/** Cisco's MD5 authentication, which appends its digest. */
const AUTH_TYPE_CISCO_MD5 = 254;

/** keepalived 2.4.0 and later, vrrp_auth_hmac.h: extension type 1, key id, two zero bytes, time, counter, HMAC. */
const HMAC_TRAILER_LENGTH = 28;
const HMAC_EXTENSION_TYPE = 1;

/** Sums of the words of 224.0.0.18 and ff02::12. */
const IPV4_GROUP_SUM = 0xe000 + 0x0012;
const IPV6_GROUP_SUM = 0xff02 + 0x0012;

/**
 * Reads the message at `messageOffset` into the advertisement, whose IP fields are set already, `defects` included.
 *
 * @param available bytes of the payload that were on the wire; less than `payloadLength` when the frame was shorter
 *   than its IP header says
 * @returns why it is malformed, null for an advertisement
 */
export function readMessage(advertisement: Advertisement, available: number): MalformedReason | null {
  const { bytes, messageOffset, capturedPayload } = advertisement;
  const first = capturedPayload > 0 ? u8(bytes, messageOffset) : 0;
  const version = first >> 4;
  const type = first & 0x0f;
  const vrid = capturedPayload > 1 ? u8(bytes, messageOffset + 1) : 0;
  advertisement.version = version;
  advertisement.type = type;
  advertisement.vrid = vrid;
  advertisement.priority = capturedPayload > 2 ? u8(bytes, messageOffset + 2) : 0;
  advertisement.addressCount = capturedPayload > 3 ? u8(bytes, messageOffset + 3) : 0;
  advertisement.addressesPresent = 0;
  advertisement.addressesOffset = messageOffset + HEADER_LENGTH;
  advertisement.authType = -1;
  advertisement.authOffset = -1;
  advertisement.intervalUs = 0;
  advertisement.checksum = 0;
  advertisement.checksumStyle = CHECKSUM.unknown;
  advertisement.hmacOffset = -1;

  if (capturedPayload < HEADER_LENGTH) {
    if (capturedPayload === available) return 'short';
    advertisement.defects |= DEFECT.cut;
    return 'cut';
  }
  advertisement.checksum = u16(bytes, messageOffset + 6);
  if (version !== 2 && version !== 3) return 'version';
  if (vrid === 0) return 'vrid';
  if (type !== TYPE_ADVERTISEMENT) return 'type';
  readInterval(advertisement);
  readBody(advertisement, available);
  return null;
}

function readInterval(advertisement: Advertisement): void {
  const { bytes, messageOffset } = advertisement;
  if (advertisement.version === 2) {
    advertisement.authType = u8(bytes, messageOffset + 4);
    advertisement.intervalUs = u8(bytes, messageOffset + 5) * 1_000_000;
  } else {
    // The upper 4 bits are reserved and ignored on receipt (RFC 9568 §5.2.6).
    advertisement.intervalUs = (u16(bytes, messageOffset + 4) & 0xfff) * 10_000;
  }
  if (advertisement.intervalUs === 0) advertisement.defects |= DEFECT.noInterval;
}

/** Addresses, authentication data, trailer and checksum: all that depends on lengths. */
function readBody(advertisement: Advertisement, available: number): void {
  const { messageOffset, capturedPayload, addressCount } = advertisement;
  const addressLength = advertisement.family === 4 ? 4 : 16;
  const authStart = HEADER_LENGTH + addressCount * addressLength;
  const expected = advertisement.version === 2 ? authStart + AUTH_DATA_LENGTH : authStart;
  const isFragment = (advertisement.defects & DEFECT.fragment) !== 0;

  // In a message too short for its count the password comes before its end, and must not pass for addresses.
  const hasSecret = advertisement.version === 2 && advertisement.authType > 0 && available < expected;
  const addressesEnd = hasSecret ? Math.min(capturedPayload, available - AUTH_DATA_LENGTH) : capturedPayload;
  const room = Math.max(0, Math.floor((addressesEnd - HEADER_LENGTH) / addressLength));
  advertisement.addressesPresent = Math.min(addressCount, room);
  if (addressCount === 0) advertisement.defects |= DEFECT.noAddresses;
  if (advertisement.version === 2 && capturedPayload >= expected) advertisement.authOffset = messageOffset + authStart;
  // The rest of a fragmented message is in a packet that is not looked at, so nothing can be said of its length.
  if (available < expected && !isFragment) {
    advertisement.defects |= available < authStart ? DEFECT.length : DEFECT.noAuthData;
  }
  if (available > expected) readTrailer(advertisement, available, expected);

  const covered = Math.min(expected, available);
  if (capturedPayload < covered) advertisement.defects |= DEFECT.cut;
  else if ((advertisement.defects & (DEFECT.length | DEFECT.fragment)) === 0) {
    advertisement.checksumStyle = checksumStyle(advertisement, covered);
    // Whoever leaves the IPv6 checksum to the kernel (IPV6_CHECKSUM) has it made over the whole payload.
    if (advertisement.checksumStyle === CHECKSUM.bad && available > expected && capturedPayload >= available) {
      advertisement.checksumStyle = checksumStyle(advertisement, available);
    }
    if (advertisement.checksumStyle === CHECKSUM.bad) advertisement.defects |= DEFECT.checksum;
  }
}

function readTrailer(advertisement: Advertisement, available: number, expected: number): void {
  const { bytes, messageOffset, capturedPayload } = advertisement;
  const start = messageOffset + expected;
  // The trailer begins with 4 bytes that tell; cut before their end it could be either.
  if (capturedPayload < expected + 4 && capturedPayload < available) return;
  if (
    available === expected + HMAC_TRAILER_LENGTH &&
    u8(bytes, start) === HMAC_EXTENSION_TYPE &&
    u16(bytes, start + 2) === 0
  ) {
    advertisement.hmacOffset = start;
  } else if (advertisement.authType !== AUTH_TYPE_CISCO_MD5) {
    advertisement.defects |= DEFECT.trailing;
  }
}

/** The definition that the checksum agrees with, the likeliest first. `length` bytes are captured. */
function checksumStyle(advertisement: Advertisement, length: number): number {
  const { bytes, messageOffset, family } = advertisement;
  const sum = wordSum(bytes, messageOffset, length);
  if (advertisement.version === 2) return sumVerifies(sum) ? CHECKSUM.plain : CHECKSUM.bad;

  const addressLength = family === 4 ? 4 : 16;
  const withSource = sum + wordSum(bytes, advertisement.sourceOffset, addressLength) + PROTOCOL.vrrp + length;
  if (sumVerifies(withSource + wordSum(bytes, advertisement.destinationOffset, addressLength))) {
    return CHECKSUM.pseudoHeader;
  }
  if (family === 4 && sumVerifies(sum)) return CHECKSUM.plain;
  const groupSum = family === 4 ? IPV4_GROUP_SUM : IPV6_GROUP_SUM;
  return sumVerifies(withSource + groupSum) ? CHECKSUM.pseudoHeaderGroup : CHECKSUM.bad;
}
