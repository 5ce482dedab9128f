import type { Random } from '../support/simulate/random.ts';

/** Changes made to one capture at most; more of them and nothing gets past the file header. */
const MAX_CHANGES = 12;

/** Kinds of change, those first that leave every byte where it is. */
const KINDS = 8;
const KINDS_IN_PLACE = 4;

/** Numbers at which lengths, counts and times go wrong. */
const ODD_NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x40000, 0x7fffffff, 0x80000000, 0xffffffff] as const;

/** A capture as it might come from a broken disk, a broken writer or somebody with bad intentions. */
export function mutate(random: Random, capture: Uint8Array, other: Uint8Array): Uint8Array {
  let bytes: Uint8Array = capture.slice();
  // Whatever moves bytes ends most records early; half of the captures keep their records and have odd frames.
  const kinds = random.chance(0.5) ? KINDS_IN_PLACE : KINDS;
  for (let changes = random.between(1, MAX_CHANGES); changes > 0 && bytes.length > 0; changes--) {
    bytes = change(random.between(1, kinds), random, bytes, other);
  }
  return bytes;
}

function change(kind: number, random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.between(0, bytes.length - 1);
  switch (kind) {
    case 1:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7));
      return bytes;
    case 2:
      bytes[at] = random.between(0, 255);
      return bytes;
    case 3:
      return withOddNumber(random, bytes, at);
    case 4:
      return withNoise(random, bytes, at);
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return spliced(bytes, at, at + random.between(1, 64), new Uint8Array(0));
    case 7:
      return spliced(bytes, at, at, part(random, bytes));
    default:
      return spliced(bytes, at, at + random.between(0, 200), part(random, other));
  }
}

function withOddNumber(random: Random, bytes: Uint8Array, at: number): Uint8Array {
  const width = random.pick([1, 2, 4]);
  if (at + width > bytes.length) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = random.pick(ODD_NUMBERS);
  if (width === 1) view.setUint8(at, value & 0xff);
  else if (width === 2) view.setUint16(at, value & 0xffff, random.chance(0.5));
  else view.setUint32(at, value, random.chance(0.5));
  return bytes;
}

function withNoise(random: Random, bytes: Uint8Array, at: number): Uint8Array {
  const end = Math.min(bytes.length, at + random.between(1, 40));
  for (let i = at; i < end; i++) bytes[i] = random.between(0, 255);
  return bytes;
}

function part(random: Random, bytes: Uint8Array): Uint8Array {
  const start = random.between(0, bytes.length);
  return bytes.subarray(start, start + random.between(0, 300));
}

function spliced(bytes: Uint8Array, start: number, end: number, inserted: Uint8Array): Uint8Array {
  const tail = bytes.subarray(end);
  const whole = new Uint8Array(start + inserted.length + tail.length);
  whole.set(bytes.subarray(0, start));
  whole.set(inserted, start);
  whole.set(tail, start + inserted.length);
  return whole;
}
