import { formatAddress, formatMac, formatVlan } from '../../src/decoder/address.ts';
import type { Advertisement } from '../../src/decoder/advertisement.ts';
import { DEFECT } from '../../src/decoder/advertisement.ts';
import { FrameDecoder } from '../../src/decoder/decode.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { concat } from '../support/wire-bytes.ts';

/** Where the frame stands in its block: not at the beginning, as in a real one, and with foreign bytes behind it. */
const BEFORE = 5;

export interface Decoded {
  readonly kind: number;
  readonly decoder: FrameDecoder;
  readonly advertisement: Advertisement;
}

export interface DecodeOptions {
  linkType?: number;
  originalLength?: number;
  timeUs?: number;
  interfaceIndex?: number;
  /** What follows the frame in its block. */
  behind?: Uint8Array;
}

/** Decodes one frame that lies in the middle of other bytes. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded {
  const { linkType = LINK_TYPE.ethernet, originalLength = bytes.length, timeUs = 1_700_000_000_123_456 } = options;
  const { interfaceIndex = 0, behind = new Uint8Array(64).fill(0x45) } = options;
  const block = concat(new Uint8Array(BEFORE), bytes, behind);
  const decoder = new FrameDecoder();
  const kind = decoder.decode(block, BEFORE, bytes.length, originalLength, timeUs, interfaceIndex, linkType);
  return { kind, decoder, advertisement: decoder.advertisement };
}

/** An advertisement's meaning, with texts instead of offsets. */
export function readable(advertisement: Advertisement) {
  const { bytes, family, addressesOffset, addressesPresent, authOffset } = advertisement;
  const addressLength = family === 4 ? 4 : 16;
  return {
    version: advertisement.version,
    vrid: advertisement.vrid,
    priority: advertisement.priority,
    intervalUs: advertisement.intervalUs,
    authType: advertisement.authType,
    authData: authOffset < 0 ? null : Buffer.from(bytes.subarray(authOffset, authOffset + 8)).toString('latin1'),
    addressCount: advertisement.addressCount,
    addresses: Array.from({ length: addressesPresent }, (_, i) =>
      formatAddress(bytes, addressesOffset + i * addressLength, family),
    ),
    source: formatAddress(bytes, advertisement.sourceOffset, family),
    destination: formatAddress(bytes, advertisement.destinationOffset, family),
    multicast: advertisement.multicast,
    mac: formatMac(advertisement.mac),
    vlan: formatVlan(advertisement.vlan),
    ttl: advertisement.ttl,
    ipId: advertisement.ipId,
  };
}

/** Names of the defects that are set. */
export function defectNames(advertisement: Advertisement): string[] {
  return Object.entries(DEFECT).flatMap(([name, bit]) => (advertisement.defects & bit ? [name] : []));
}
