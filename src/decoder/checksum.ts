import { u8, u16 } from '../bytes.ts';

/** Sum of 16-bit words, not folded yet (RFC 1071); an odd last byte counts as the upper half of a word. */
export function wordSum(bytes: Uint8Array, offset: number, length: number): number {
  const even = offset + (length & ~1);
  let sum = 0;
  for (let i = offset; i < even; i += 2) sum += u16(bytes, i);
  return (length & 1) === 0 ? sum : sum + u8(bytes, even) * 0x100;
}

/** True when a sum over data and its checksum field says that they agree. */
export function sumVerifies(sum: number): boolean {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded === 0xffff;
}
