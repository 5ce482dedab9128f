import { viewOf } from '../bytes.ts';
import { type FrameFilter, type FrameSink, LINK_TYPE } from '../frame.ts';
import { type CaptureParser, cutShort } from './parser.ts';
import type { Skipper } from './skipper.ts';

/** Magic numbers of classic pcap, as read in the byte order of the writer (pcap-savefile(5)). */
const MAGIC = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d, kuznetzov: 0xa1b2cd34 } as const;

const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** Alexey Kuznetzov's patched libpcap adds interface index, protocol and packet type to each record. */
const KUZNETZOV_RECORD_HEADER_LENGTH = 24;

/** Largest record accepted: libpcap's MAXIMUM_SNAPLEN. A larger length is damage, not a packet. */
const MAX_CAPTURED_LENGTH = 262_144;

/** Version that DG/UX's tcpdump wrote; the layout is that of 2.x with swapped lengths. */
const DG_UX_MAJOR_VERSION = 543;

type LengthOrder = 'captured-first' | 'original-first' | 'smaller-is-captured';

/** True when the four bytes at `offset` start a classic pcap file of either byte order. */
export function isPcap(block: Uint8Array, offset: number): boolean {
  return byteOrder(viewOf(block), offset) !== null;
}

/** Classic pcap, every variant that libpcap reads. */
export class PcapParser implements CaptureParser {
  readonly format = 'pcap';
  readonly dropped = null;
  readonly untimed = 0;
  readonly hint = null;
  readonly interfaceNames = [null];
  readonly linkTypes: number[] = [];
  headerRead = false;
  packets = 0;
  firstUs: number | null = null;
  lastUs: number | null = null;
  damage: string | null = null;

  readonly #filter: FrameFilter;
  readonly #sink: FrameSink;
  #littleEndian = true;
  #recordHeaderLength = RECORD_HEADER_LENGTH;
  /** Fractions of a second that make a microsecond: 1 or 1000. */
  #fractionsPerUs = 1;
  #lengthOrder: LengthOrder = 'captured-first';
  #linkType = 0;
  /** Bytes of the file consumed so far. */
  #position = 0;

  constructor(filter: FrameFilter, sink: FrameSink) {
    this.#filter = filter;
    this.#sink = sink;
  }

  parse(block: Uint8Array, start: number, end: number, skipper: Skipper | null = null): number {
    const view = viewOf(block);
    let first = start;
    if (!this.headerRead) {
      if (end - start < FILE_HEADER_LENGTH) return start;
      this.#readHeader(view, start);
      if (!this.headerRead) return start;
      first += FILE_HEADER_LENGTH;
      this.#position = FILE_HEADER_LENGTH;
    }
    const at = this.#walk(block, view, first, end, this.#isPlain ? skipper : null);
    this.#position += at - first;
    return at;
  }

  describeCut(block: Uint8Array, start: number, end: number): string {
    const there = end - start;
    if (!this.headerRead) return cutShort('the file header', 0, FILE_HEADER_LENGTH, there);
    const wanted =
      there < this.#recordHeaderLength
        ? this.#recordHeaderLength
        : this.#recordHeaderLength + this.#capturedLength(viewOf(block), start);
    return cutShort(`packet ${this.packets + 1}`, this.#position, wanted, there);
  }

  #readHeader(view: DataView, at: number): void {
    const littleEndian = byteOrder(view, at) === 'little';
    const magic = view.getUint32(at, littleEndian);
    const major = view.getUint16(at + 4, littleEndian);
    const minor = view.getUint16(at + 6, littleEndian);
    if (major !== 2 && major !== DG_UX_MAJOR_VERSION) {
      this.damage = `pcap version ${major}.${minor} is not known`;
      return;
    }
    this.#littleEndian = littleEndian;
    if (magic === MAGIC.nanoseconds) this.#fractionsPerUs = 1000;
    if (magic === MAGIC.kuznetzov) this.#recordHeaderLength = KUZNETZOV_RECORD_HEADER_LENGTH;
    // Writers of versions before 2.3 stored the two lengths the other way round, those of 2.3 were not of one mind.
    if (major === DG_UX_MAJOR_VERSION || minor < 3) this.#lengthOrder = 'original-first';
    else if (minor === 3) this.#lengthOrder = 'smaller-is-captured';
    // The upper half tells of a trailing frame check sequence, which the length in the IP header cuts off anyway.
    this.#linkType = view.getUint32(at + 20, littleEndian) & 0xffff;
    this.linkTypes.push(this.#linkType);
    this.headerRead = true;
  }

  /** The hot loop: up to millions of records a second pass here, where the skipper does not spare it them. */
  #walk(block: Uint8Array, view: DataView, start: number, end: number, skipper: Skipper | null): number {
    const filter = this.#filter;
    const littleEndian = this.#littleEndian;
    const headerLength = this.#recordHeaderLength;
    const linkType = this.#linkType;
    const plainLengths = this.#lengthOrder === 'captured-first';
    let at = start;
    let last = -1;
    let packets = 0;
    let refused = 0;
    while (at + headerLength <= end) {
      const capturedLength = plainLengths ? view.getUint32(at + 8, littleEndian) : this.#capturedLength(view, at);
      if (capturedLength > MAX_CAPTURED_LENGTH) {
        refused = capturedLength;
        break;
      }
      const next = at + headerLength + capturedLength;
      if (next > end) break;
      packets++;
      const isWanted = filter(block, at + headerLength, capturedLength, linkType);
      if (isWanted) this.#handOver(block, view, at, capturedLength);
      last = at;
      at = next;
      if (skipper !== null && (!isWanted || skipper.isMixed)) {
        at = skipper.pcap(next, end);
      }
    }
    if (skipper !== null) {
      last = Math.max(last, skipper.last);
      packets += skipper.takeCount();
    }
    if (last >= 0) {
      this.firstUs ??= this.#timeUs(view, start);
      this.lastUs = this.#timeUs(view, last);
      this.packets += packets;
    }
    if (refused > 0) this.#refuse(refused, this.#position + at - start);
    return at;
  }

  /** True for the records that a `Skipper` knows. */
  get #isPlain(): boolean {
    return (
      this.#littleEndian &&
      this.#recordHeaderLength === RECORD_HEADER_LENGTH &&
      this.#lengthOrder === 'captured-first' &&
      this.#linkType === LINK_TYPE.ethernet
    );
  }

  #handOver(block: Uint8Array, view: DataView, at: number, capturedLength: number): void {
    this.#sink.frame(
      block,
      at + this.#recordHeaderLength,
      capturedLength,
      this.#originalLength(view, at),
      this.#timeUs(view, at),
      0,
      this.#linkType,
    );
  }

  /** Seconds are unsigned, so this is good until 2106. */
  #timeUs(view: DataView, at: number): number {
    const littleEndian = this.#littleEndian;
    const fraction = view.getUint32(at + 4, littleEndian);
    const us = this.#fractionsPerUs === 1 ? fraction : Math.floor(fraction / this.#fractionsPerUs);
    return view.getUint32(at, littleEndian) * 1_000_000 + us;
  }

  #capturedLength(view: DataView, at: number): number {
    const first = view.getUint32(at + 8, this.#littleEndian);
    const second = view.getUint32(at + 12, this.#littleEndian);
    if (this.#lengthOrder === 'captured-first') return first;
    return this.#lengthOrder === 'original-first' ? second : Math.min(first, second);
  }

  #originalLength(view: DataView, at: number): number {
    const first = view.getUint32(at + 8, this.#littleEndian);
    const second = view.getUint32(at + 12, this.#littleEndian);
    if (this.#lengthOrder === 'captured-first') return second;
    return this.#lengthOrder === 'original-first' ? first : Math.max(first, second);
  }

  #refuse(capturedLength: number, offset: number): void {
    this.damage = `damaged at packet ${this.packets + 1} (offset ${offset}: a length of ${capturedLength} bytes, at most ${MAX_CAPTURED_LENGTH} are possible)`;
  }
}

function byteOrder(view: DataView, offset: number): 'little' | 'big' | null {
  if (isMagic(view.getUint32(offset, true))) return 'little';
  return isMagic(view.getUint32(offset, false)) ? 'big' : null;
}

function isMagic(value: number): boolean {
  return value === MAGIC.microseconds || value === MAGIC.nanoseconds || value === MAGIC.kuznetzov;
}
