/** Bytes of addresses and numbers, and the checksums over them, for the builders of packets. */

/** The 4 or 16 bytes of an address. */
export function addressBytes(text: string): Uint8Array {
  if (familyOf(text) === 4) return Uint8Array.from(text.split('.'), Number);
  const [head = '', tail] = text.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill('0');
  return concat(...[...before, ...zeros, ...after].map((group) => two(Number.parseInt(group, 16))));
}

export function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}

/** The hardware address that the builders give to the owner of an address: 02:00:00:00:00:NN, NN its last byte. */
export function macOf(address: string): string {
  return `02:00:00:00:00:${(addressBytes(address).at(-1) ?? 0).toString(16).padStart(2, '0')}`;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** RFC 1071. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  const bytes = concat(...parts);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

/** As upper layers of IPv6 have it; IPv4 with the same fields in its own sizes. */
export function checksumWithPseudoHeader(src: string, dst: string, protocol: number, message: Uint8Array): number {
  const tail = new Uint8Array(familyOf(src) === 4 ? 4 : 8);
  put16(tail, 2, message.length);
  tail[tail.length === 4 ? 1 : 7] = protocol;
  return internetChecksum(addressBytes(src), addressBytes(dst), tail, message);
}

export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

export function groupOf(family: 4 | 6): string {
  return family === 4 ? '224.0.0.18' : 'ff02::12';
}

export function two(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

export function put16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >> 8;
  bytes[offset + 1] = value;
}

export function put32(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value);
}
