import { viewOf } from '../bytes.ts';
import { type FrameFilter, type FrameSink, LINK_TYPE, NO_TIME } from '../frame.ts';
import { type CaptureParser, cutShort } from './parser.ts';
import { forEachOption, type PcapngInterface, readInterface, ticksToUs } from './pcapng-interface.ts';
import type { Skipper } from './skipper.ts';

/** Block types of draft-ietf-opsawg-pcapng. The section header's reads the same in both byte orders. */
const BLOCK = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  obsoletePacket: 2,
  simplePacket: 3,
  interfaceStatistics: 5,
  enhancedPacket: 6,
} as const;

/** Shortest length of the blocks that are read, with both length fields; any other block has at least 12 bytes. */
const MIN_LENGTH: Readonly<Record<number, number>> = {
  [BLOCK.sectionHeader]: 28,
  [BLOCK.interfaceDescription]: 20,
  [BLOCK.obsoletePacket]: 32,
  [BLOCK.simplePacket]: 16,
  [BLOCK.interfaceStatistics]: 24,
  [BLOCK.enhancedPacket]: 32,
};

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Type and both lengths: what every block has. */
const BLOCK_OVERHEAD = 12;
/** From the start of an enhanced (or obsolete) packet block to the frame. */
const PACKET_DATA_OFFSET = 28;

/** libpcap's limit, too; a block that claims more is damage. */
export const MAX_BLOCK_LENGTH = 16 * 1024 * 1024;

/** A capture on every port of a large switch has some hundred interfaces; the limit bounds memory on a forged file. */
const MAX_INTERFACES = 65_536;

/** A section may begin so much before the end of those before it, as where one capture takes over from another. */
const OVERLAP_MAX_US = 1_000_000;

/** For whoever joined captures that were made at the same time, or parts of one in another order. */
const OVERLAP_HINT =
  'captures of the same time: vrrpwatch --pcap FILE --pcap FILE; parts of one: cat them in the order of their times';

const STATISTICS_OPTION = { interfaceDropped: 5, systemDropped: 7 } as const;

/** Almost everywhere; false on IBM Z. */
const IS_LITTLE_ENDIAN_HERE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** An interface as the current section describes it. */
interface SectionInterface extends PcapngInterface {
  /** Its number in the capture. */
  readonly index: number;
}

/** True when the four bytes at `offset` start a pcapng file. */
export function isPcapng(block: Uint8Array, offset: number): boolean {
  return viewOf(block).getUint32(offset) === BLOCK.sectionHeader;
}

/** pcapng: sections of either byte order, interfaces of different link types, all three kinds of packet block. */
export class PcapngParser implements CaptureParser {
  readonly format = 'pcapng';
  readonly linkTypes: number[] = [];
  readonly interfaceNames: (string | null)[] = [];
  headerRead = false;
  packets = 0;
  untimed = 0;
  firstUs: number | null = null;
  lastUs: number | null = null;
  damage: string | null = null;
  hint: string | null = null;

  readonly #filter: FrameFilter;
  readonly #sink: FrameSink;
  #littleEndian = true;
  /** Of the current section, by the numbers that its packets use. */
  #interfaces: SectionInterface[] = [];
  /** How many interfaces of the current section share a name and a link type. */
  readonly #namesakes = new Map<string, number>();
  /** Of all sections: numbers in the capture by what an interface is known by. */
  readonly #indexes = new Map<string, number>();
  /** By interface of the current section: frames lost according to its latest statistics. */
  readonly #droppedBy = new Map<number, number>();
  /** Frames lost in earlier sections, whose totals start anew in each; null where none tells. */
  #droppedBefore: number | null = null;
  /** A packet of the current section had a time. */
  #hasBegun = false;
  /** Where the latest of the earlier sections ends. */
  #earlierEndUs = Number.NEGATIVE_INFINITY;
  /** Bytes of the file consumed before the block at hand. */
  #position = 0;
  /** Offset in the block at hand of the last packet block with a time, -1 for none. */
  #lastAt = -1;

  constructor(filter: FrameFilter, sink: FrameSink) {
    this.#filter = filter;
    this.#sink = sink;
  }

  get dropped(): number | null {
    if (this.#droppedBy.size === 0) return this.#droppedBefore;
    let sum = this.#droppedBefore ?? 0;
    for (const count of this.#droppedBy.values()) sum += count;
    return sum;
  }

  parse(block: Uint8Array, start: number, end: number, skipper: Skipper | null = null): number {
    const view = viewOf(block);
    let at = start;
    while (this.damage === null) {
      at = this.#walkPackets(block, view, at, end, this.#littleEndian ? skipper : null);
      const length = this.damage === null ? this.#blockLength(view, at, end, this.#position + at - start) : 0;
      if (length === 0) break;
      this.#noteLastTime(view);
      this.#readBlock(block, view, at, length, this.#position + at - start);
      if (this.damage !== null) break;
      at += length;
    }
    this.#noteLastTime(view);
    this.#position += at - start;
    return at;
  }

  describeCut(block: Uint8Array, start: number, end: number): string {
    const there = end - start;
    const view = viewOf(block);
    const wanted =
      there < BLOCK_OVERHEAD ? BLOCK_OVERHEAD : view.getUint32(start + 4, this.#byteOrderAt(view, start) === 'little');
    const type = there < BLOCK_OVERHEAD ? 0 : view.getUint32(start, this.#littleEndian);
    const isPacket = type === BLOCK.enhancedPacket || type === BLOCK.obsoletePacket || type === BLOCK.simplePacket;
    const what = isPacket ? `packet ${this.packets + 1}` : `a block after packet ${this.packets}`;
    return cutShort(what, this.#position, wanted, there);
  }

  /**
   * The hot loop: enhanced packet blocks in a row, written in this machine's byte order. It stops, without a word, at the
   * first block that is anything else, incomplete or odd, and leaves the judgement to the slow path, as it does with the
   * first packet of a section.
   */
  #walkPackets(block: Uint8Array, view: DataView, start: number, end: number, skipper: Skipper | null): number {
    if (!this.#hasBegun) return start;
    const interfaces = this.#interfaces.length;
    const isAligned = ((block.byteOffset | start) & 3) === 0;
    if (this.#littleEndian !== IS_LITTLE_ENDIAN_HERE || !isAligned || interfaces === 0) return start;
    // Blocks are multiples of four bytes long, and reading their words takes less than asking a DataView for each.
    const words = new Int32Array(block.buffer, block.byteOffset, block.byteLength >> 2);
    const filter = this.#filter;
    let at = start;
    let packets = 0;
    let last = -1;
    let id = 0;
    let linkType = this.#interfaces[id]?.linkType ?? 0;
    while (at + PACKET_DATA_OFFSET <= end) {
      const word = at >> 2;
      if (words[word] !== BLOCK.enhancedPacket) break;
      // Read with a sign, so what is far too large is negative.
      const length = words[word + 1] ?? 0;
      const capturedLength = words[word + 5] ?? 0;
      if (length > MAX_BLOCK_LENGTH || (length & 3) !== 0) break;
      if (capturedLength < 0 || capturedLength > length - 32) break;
      const next = at + length;
      if (next > end || words[(next >> 2) - 1] !== length) break;
      const packetInterface = words[word + 2] ?? 0;
      if (packetInterface !== id) {
        if (packetInterface < 0 || packetInterface >= interfaces) break;
        id = packetInterface;
        linkType = this.#interfaces[id]?.linkType ?? 0;
      }
      packets++;
      const isWanted = filter(block, at + PACKET_DATA_OFFSET, capturedLength, linkType);
      if (isWanted) this.#handOver(block, view, at, id, capturedLength);
      last = at;
      at = next;
      if (skipper !== null && (!isWanted || skipper.isMixed) && linkType === LINK_TYPE.ethernet) {
        at = skipper.pcapng(next, end, id);
      }
    }
    if (skipper !== null) {
      last = Math.max(last, skipper.last);
      packets += skipper.takeCount();
    }
    this.packets += packets;
    if (last >= 0) this.#lastAt = last;
    return at;
  }

  /** Length of the block at `at` when it is all there and sound; else 0, and `damage` says whether more bytes would help. */
  #blockLength(view: DataView, at: number, end: number, position: number): number {
    if (end - at < BLOCK_OVERHEAD) return 0;
    const order = this.#byteOrderAt(view, at);
    if (order === null || (!this.headerRead && view.getUint32(at) !== BLOCK.sectionHeader)) {
      this.#refuse(position, 'a section header without its byte order');
      return 0;
    }
    const littleEndian = order === 'little';
    const type = view.getUint32(at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    if (length < (MIN_LENGTH[type] ?? BLOCK_OVERHEAD) || length > MAX_BLOCK_LENGTH || (length & 3) !== 0) {
      this.#refuse(position, `a block of type ${type} and ${length} bytes`);
      return 0;
    }
    if (at + length > end) return 0;
    const trailer = view.getUint32(at + length - 4, littleEndian);
    if (trailer !== length) {
      this.#refuse(position, `a block of ${length} bytes according to its start, ${trailer} according to its end`);
      return 0;
    }
    return length;
  }

  #readBlock(block: Uint8Array, view: DataView, at: number, length: number, position: number): void {
    const type = view.getUint32(at, this.#littleEndian);
    if (type === BLOCK.sectionHeader) this.#readSectionHeader(view, at, position);
    else if (type === BLOCK.interfaceDescription) this.#readInterface(block, at, length, position);
    else if (type === BLOCK.enhancedPacket || type === BLOCK.obsoletePacket) {
      this.#readPacket(block, view, at, length, position);
    } else if (type === BLOCK.simplePacket) this.#readSimplePacket(block, view, at, length, position);
    else if (type === BLOCK.interfaceStatistics) this.#readStatistics(view, at, length);
  }

  #readSectionHeader(view: DataView, at: number, position: number): void {
    const littleEndian = this.#byteOrderAt(view, at) === 'little';
    const major = view.getUint16(at + 12, littleEndian);
    if (major !== 1) {
      const minor = view.getUint16(at + 14, littleEndian);
      this.#refuse(position, `a section of pcapng version ${major}.${minor}, which is not known`);
      return;
    }
    this.#littleEndian = littleEndian;
    this.#hasBegun = false;
    this.#earlierEndUs = Math.max(this.#earlierEndUs, this.lastUs ?? Number.NEGATIVE_INFINITY);
    this.#droppedBefore = this.dropped;
    this.#droppedBy.clear();
    this.#interfaces = [];
    this.#namesakes.clear();
    this.headerRead = true;
  }

  #readInterface(block: Uint8Array, at: number, length: number, position: number): void {
    const described = readInterface(block, at + 8, at + length - 4, this.#littleEndian);
    const identity = this.#identityOf(described);
    const known = this.#indexes.get(identity);
    const index = known ?? this.interfaceNames.length;
    if (index >= MAX_INTERFACES) {
      this.#refuse(position, `more than ${MAX_INTERFACES} interfaces`);
      return;
    }
    this.#interfaces.push({ ...described, index });
    if (known !== undefined) return;
    this.#indexes.set(identity, index);
    this.interfaceNames.push(described.name);
    if (!this.linkTypes.includes(described.linkType)) this.linkTypes.push(described.linkType);
  }

  /** A capture that was started anew, or put behind another one, describes its interfaces once more. */
  #identityOf({ name, linkType }: PcapngInterface): string {
    if (name === null) return `${linkType}#${this.#interfaces.length}`;
    const likeIt = `${linkType} ${name}`;
    const before = this.#namesakes.get(likeIt) ?? 0;
    this.#namesakes.set(likeIt, before + 1);
    return `${before} ${likeIt}`;
  }

  /** A packet block that the hot loop left: an obsolete one, the first of a section, or one with something wrong. */
  #readPacket(block: Uint8Array, view: DataView, at: number, length: number, position: number): void {
    const id = this.#interfaceIdAt(view, at);
    const linkType = this.#interfaces[id]?.linkType;
    if (linkType === undefined) {
      this.#refuse(position, `a packet of interface ${id}, which is not described`);
      return;
    }
    const capturedLength = view.getUint32(at + 20, this.#littleEndian);
    if (capturedLength > length - 32) {
      this.#refuse(position, `a packet of ${capturedLength} bytes in a block of ${length}`);
      return;
    }
    if (!this.#hasBegun && !this.#begin(this.#timeUs(view, at, id), position)) return;
    this.packets++;
    this.#lastAt = at;
    if (this.#filter(block, at + PACKET_DATA_OFFSET, capturedLength, linkType)) {
      this.#handOver(block, view, at, id, capturedLength);
    }
  }

  #readSimplePacket(block: Uint8Array, view: DataView, at: number, length: number, position: number): void {
    const described = this.#interfaces[0];
    if (described === undefined) {
      this.#refuse(position, 'a packet before any interface is described');
      return;
    }
    const originalLength = view.getUint32(at + 8, this.#littleEndian);
    const limit = described.snapLength === 0 ? originalLength : described.snapLength;
    const capturedLength = Math.min(originalLength, limit, length - 16);
    this.packets++;
    if (!this.#filter(block, at + 12, capturedLength, described.linkType)) return;
    this.untimed++;
    this.#sink.frame(block, at + 12, capturedLength, originalLength, NO_TIME, described.index, described.linkType);
  }

  /** Statistics are running totals, so the latest of an interface count. */
  #readStatistics(view: DataView, at: number, length: number): void {
    const id = view.getUint32(at + 8, this.#littleEndian);
    if (this.#interfaces[id] === undefined) return;
    let dropped: number | null = null;
    forEachOption(view, at + 20, at + length - 4, this.#littleEndian, (code, offset, optionLength) => {
      if (code !== STATISTICS_OPTION.interfaceDropped && code !== STATISTICS_OPTION.systemDropped) return;
      if (optionLength < 8) return;
      dropped = (dropped ?? 0) + Number(view.getBigUint64(offset, this.#littleEndian));
    });
    if (dropped !== null) this.#droppedBy.set(id, dropped);
  }

  #handOver(block: Uint8Array, view: DataView, at: number, id: number, capturedLength: number): void {
    const described = this.#interfaces[id];
    this.#sink.frame(
      block,
      at + PACKET_DATA_OFFSET,
      capturedLength,
      view.getUint32(at + 24, this.#littleEndian),
      this.#timeUs(view, at, id),
      described?.index ?? 0,
      described?.linkType ?? 0,
    );
  }

  /**
   * Takes the time of the first packet of a section. Sections that follow one another are a capture that was rotated. Those
   * of the same time are several, and time that goes back would hide the second master that one of them heard.
   *
   * @returns false for a section that is not read
   */
  #begin(timeUs: number, position: number): boolean {
    const overlapUs = this.#earlierEndUs - timeUs;
    if (overlapUs > OVERLAP_MAX_US) {
      const where = `after packet ${this.packets} (offset ${position})`;
      const overlap = `${(overlapUs / 1_000_000).toFixed(3)} s before the end of what stands before it`;
      this.damage = `has sections that overlap in time: the one ${where} begins ${overlap}`;
      this.hint = OVERLAP_HINT;
      return false;
    }
    this.#hasBegun = true;
    this.firstUs ??= timeUs;
    return true;
  }

  /** Called before the section or the bytes change, on which the meaning of `#lastAt` depends. */
  #noteLastTime(view: DataView): void {
    if (this.#lastAt < 0) return;
    this.lastUs = this.#timeUs(view, this.#lastAt, this.#interfaceIdAt(view, this.#lastAt));
    this.#lastAt = -1;
  }

  #timeUs(view: DataView, at: number, id: number): number {
    const clock = this.#interfaces[id]?.clock;
    if (clock === undefined) return 0;
    return ticksToUs(clock, view.getUint32(at + 12, this.#littleEndian), view.getUint32(at + 16, this.#littleEndian));
  }

  /** The obsolete packet block has a drop count in the upper half of the field. */
  #interfaceIdAt(view: DataView, at: number): number {
    const isObsolete = view.getUint32(at, this.#littleEndian) === BLOCK.obsoletePacket;
    return isObsolete ? view.getUint16(at + 8, this.#littleEndian) : view.getUint32(at + 8, this.#littleEndian);
  }

  /** A section header brings its own byte order; null when it is none. */
  #byteOrderAt(view: DataView, at: number): 'little' | 'big' | null {
    if (view.getUint32(at) !== BLOCK.sectionHeader) return this.#littleEndian ? 'little' : 'big';
    if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) return 'little';
    return view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC ? 'big' : null;
  }

  #refuse(position: number, what: string): void {
    this.damage = `damaged after packet ${this.packets} (offset ${position}: ${what})`;
  }
}
