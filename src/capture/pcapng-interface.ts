import { viewOf } from '../bytes.ts';

/** What an Interface Description Block says about the packets that refer to it. */
export interface PcapngInterface {
  readonly linkType: number;
  /** Bytes kept of each frame; 0 stands for no limit. */
  readonly snapLength: number;
  /** if_name, at most `MAX_NAME_LENGTH` bytes of it. */
  readonly name: string | null;
  readonly clock: PcapngClock;
}

/** How an interface counts time: `if_tsresol` and `if_tsoffset`. */
export interface PcapngClock {
  /** Ticks in a microsecond where that is a whole number from 1 to 10^6, which needs no big integers; else 0. */
  readonly ticksPerUs: number;
  readonly ticksPerSecond: bigint;
  readonly offsetUs: bigint;
}

const OPTION = { end: 0, interfaceName: 2, timestampResolution: 9, timestampOffset: 14 } as const;

/** Linux allows 15 bytes, Windows names devices by a path with a GUID; the rest of a longer name tells nothing. */
const MAX_NAME_LENGTH = 128;

/** Times past 2255 are of no use; kept within it, every sum and difference of two times stays an exact integer. */
const MAX_TIME_US = Number.MAX_SAFE_INTEGER;

const utf8 = new TextDecoder();

/** Reads the body of an Interface Description Block: 8 fixed bytes, then options. */
export function readInterface(block: Uint8Array, start: number, end: number, littleEndian: boolean): PcapngInterface {
  const view = viewOf(block);
  let name: string | null = null;
  let ticksPerSecond = 1_000_000n;
  let offsetUs = 0n;
  forEachOption(view, start + 8, end, littleEndian, (code, offset, length) => {
    if (code === OPTION.interfaceName) {
      name = utf8.decode(block.subarray(offset, offset + Math.min(length, MAX_NAME_LENGTH)));
    } else if (code === OPTION.timestampResolution && length >= 1) {
      ticksPerSecond = resolution(view.getUint8(offset));
    } else if (code === OPTION.timestampOffset && length >= 8) {
      offsetUs = view.getBigInt64(offset, littleEndian) * 1_000_000n;
    }
  });
  return {
    linkType: view.getUint16(start, littleEndian),
    snapLength: view.getUint32(start + 4, littleEndian),
    name,
    clock: { ticksPerUs: wholeTicksPerUs(ticksPerSecond, offsetUs), ticksPerSecond, offsetUs },
  };
}

/** Calls back for each option between `start` and `end`; an option that does not fit ends the list. */
export function forEachOption(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  use: (code: number, offset: number, length: number) => void,
): void {
  let at = start;
  while (at + 4 <= end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OPTION.end || at + 4 + length > end) return;
    use(code, at + 4, length);
    at += 4 + padded(length);
  }
}

/** Length with the padding to 32 bits that follows data and options. */
function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Microseconds since the epoch of a 64-bit tick count, floored and kept within 0 and `MAX_TIME_US`. */
export function ticksToUs(clock: PcapngClock, high: number, low: number): number {
  const divisor = clock.ticksPerUs;
  if (divisor === 0) return exactTicksToUs(clock, high, low);
  // (high * 2^32 + low) / divisor without leaving exact integers: the remainder of `high` is below 10^6, so the
  // second dividend is below 2^52.
  const quotient = Math.floor(high / divisor);
  const rest = (high - quotient * divisor) * 0x1_0000_0000 + low;
  return Math.min(quotient * 0x1_0000_0000 + Math.floor(rest / divisor), MAX_TIME_US);
}

function exactTicksToUs(clock: PcapngClock, high: number, low: number): number {
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  const timeUs = (ticks * 1_000_000n) / clock.ticksPerSecond + clock.offsetUs;
  return Math.max(0, Math.min(Number(timeUs), MAX_TIME_US));
}

/** if_tsresol: the high bit chooses between negative powers of 2 and of 10. */
function resolution(value: number): bigint {
  return (value & 0x80 ? 2n : 10n) ** BigInt(value & 0x7f);
}

function wholeTicksPerUs(ticksPerSecond: bigint, offsetUs: bigint): number {
  const ticksPerUs = ticksPerSecond / 1_000_000n;
  const exact = ticksPerUs * 1_000_000n === ticksPerSecond && ticksPerUs >= 1n && ticksPerUs <= 1_000_000n;
  return exact && offsetUs === 0n ? Number(ticksPerUs) : 0;
}
