import type { Advertisement } from './advertisement.ts';
import { DEFECT } from './advertisement.ts';

/**
 * Why a packet of VRRP's protocol number is no advertisement.
 *
 * `cut`: the snapshot length left less than the 8 bytes of the header, which says nothing about the sender.
 * `short`: the sender sent less than that. `version`: neither 2 nor 3. `type`: not an advertisement. `vrid`: 0.
 */
export type MalformedReason = 'cut' | 'short' | 'version' | 'type' | 'vrid';

/**
 * A clause about what is wrong with the lengths and header fields of an advertisement: `count 4 needs 16 bytes, 8 left`.
 *
 * @param reason the decoder's for `FRAME.malformed`, null for an advertisement with defects
 */
export function describeMalformed(advertisement: Advertisement, reason: MalformedReason | null): string {
  const { addressCount, capturedPayload, payloadLength } = advertisement;
  switch (reason) {
    case 'cut':
      return `the capture kept ${capturedPayload} of ${payloadLength} bytes`;
    case 'short':
      return `a VRRP header needs 8 bytes, ${capturedPayload} left`;
    case 'version':
      return `version ${advertisement.version} is neither 2 nor 3`;
    case 'type':
      return `type ${advertisement.type} is not 1 (advertisement)`;
    case 'vrid':
      return 'VRID 0 is not allowed';
    case null:
      break;
  }
  const left = Math.max(0, Math.min(payloadLength, capturedPayload) - 8);
  const addressBytes = addressCount * (advertisement.family === 4 ? 4 : 16);
  if (advertisement.defects & DEFECT.length) return `count ${addressCount} needs ${addressBytes} bytes, ${left} left`;
  if (advertisement.defects & DEFECT.noAuthData) {
    return `authentication data needs 8 bytes, ${left - addressBytes} left`;
  }
  if (advertisement.defects & DEFECT.noAddresses) return 'it names no address';
  if (advertisement.defects & DEFECT.noInterval) return 'its interval is 0';
  if (advertisement.defects & DEFECT.trailing) return 'bytes follow the message';
  return 'nothing is wrong';
}
