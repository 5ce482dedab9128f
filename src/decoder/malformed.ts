import type { Advertisement } from './advertisement.ts';
import { DEFECT } from './advertisement.ts';

/**
 * Why a packet of VRRP's protocol number is no advertisement.
 *
 * `cut`: the snapshot length left less than the 8 bytes of the header, which says nothing about the sender.
 * `short`: the sender sent less than that. `version`: neither 2 nor 3. `type`: not an advertisement. `vrid`: 0.
 */
export type MalformedReason = 'cut' | 'short' | 'version' | 'type' | 'vrid';

/** A clause about what the sender did wrong in the header: `version 7 is neither 2 nor 3`. */
export function describeMalformed(advertisement: Advertisement, reason: Exclude<MalformedReason, 'cut'>): string {
  switch (reason) {
    case 'short':
      return `a VRRP header needs 8 bytes, ${advertisement.capturedPayload} left`;
    case 'version':
      return `version ${advertisement.version} is neither 2 nor 3`;
    case 'type':
      return `type ${advertisement.type} is not 1 (advertisement)`;
    case 'vrid':
      return 'VRID 0 is not allowed';
  }
}

/** A clause about an advertisement that is shorter than it has to be: `count 4 needs 16 bytes, 8 left`. */
export function describeShortness(advertisement: Advertisement): string {
  const { addressCount, capturedPayload, payloadLength } = advertisement;
  const left = Math.max(0, Math.min(payloadLength, capturedPayload) - 8);
  const addressBytes = addressCount * (advertisement.family === 4 ? 4 : 16);
  return advertisement.defects & DEFECT.length
    ? `count ${addressCount} needs ${addressBytes} bytes, ${left} left`
    : `authentication data needs 8 bytes, ${left - addressBytes} left`;
}
