/** Unsigned reads in network byte order. The caller has checked the bounds; outside of them the result is 0. */

export function u8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

export function u16(bytes: Uint8Array, offset: number): number {
  return (u8(bytes, offset) << 8) | u8(bytes, offset + 1);
}

export function u32(bytes: Uint8Array, offset: number): number {
  return u16(bytes, offset) * 0x10000 + u16(bytes, offset + 2);
}

/** True when `length` bytes are the same in both places. */
export function sameBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aOffset + i] !== b[bOffset + i]) return false;
  return true;
}

/** Compares as unsigned big-endian integers: negative, zero or positive like a subtraction. */
export function compareBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = u8(a, aOffset + i) - u8(b, bOffset + i);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The same bytes for reads of other widths and orders; it checks bounds itself, and throws. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
