import type { FrameFilter, FrameSink } from '../frame.ts';
import { hintForForeignFile } from './not-a-capture.ts';
import { type CaptureParser, cutShort } from './parser.ts';
import { isPcap, PcapParser } from './pcap.ts';
import { isPcapng, MAX_BLOCK_LENGTH, PcapngParser } from './pcapng.ts';
import type { Skipper } from './skipper.ts';

/**
 * Bytes read at once. Small enough to stay in the processor's second-level cache from the copy out of the kernel to
 * the walk over the records, large enough for the calls between them not to count; measured by npm run bench.
 */
const BLOCK_LENGTH = 256 * 1024;

const MAGIC_LENGTH = 4;
/** Of classic pcap; a pcapng file starts with a few bytes more. */
const FILE_HEADER_LENGTH = 24;

/** Why a capture yields nothing at all. */
export interface Unreadable {
  readonly reason: string;
  readonly hint: string | null;
}

/**
 * Tells the format by its first bytes and feeds a parser from one block, reused for the whole capture.
 *
 * The block grows only when a record that began in it has really filled it, never because a length field says so.
 */
export class CaptureReader {
  parser: CaptureParser | null = null;
  unreadable: Unreadable | null = null;

  readonly filter: FrameFilter;
  readonly #sink: FrameSink;
  #block = new Uint8Array(BLOCK_LENGTH);
  /** Unconsumed bytes at the front of the block. */
  #held = 0;

  constructor(filter: FrameFilter, sink: FrameSink) {
    this.filter = filter;
    this.#sink = sink;
  }

  /** False when reading on is of no use: the bytes are no capture, or damaged. */
  get wantsMore(): boolean {
    return this.unreadable === null && (this.parser === null || this.parser.damage === null);
  }

  /**
   * Lets `read` write into the free part of the block and parses what came.
   *
   * @param read returns the number of bytes written, 0 at the end
   * @returns the same number
   */
  fill(read: (block: Uint8Array, offset: number, length: number) => number): number {
    this.#makeRoom(this.#held);
    const count = read(this.#block, this.#held, this.#block.length - this.#held);
    this.#parse(this.#held + count);
    return count;
  }

  /** Takes all of `bytes`, which may be overwritten afterwards. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.wantsMore) {
      this.#makeRoom(this.#held);
      const count = Math.min(bytes.length - at, this.#block.length - this.#held);
      this.#block.set(bytes.subarray(at, at + count), this.#held);
      at += count;
      this.#parse(this.#held + count);
    }
  }

  /**
   * Parses `block` from `start` to `end` where it is; the bytes before `start` may be overwritten.
   *
   * @param skipper given when `block` is its memory
   */
  pushInPlace(block: Uint8Array, start: number, end: number, skipper: Skipper | null = null): void {
    const parser = this.parser;
    if (parser === null || this.#held > start) {
      this.push(block.subarray(start, end));
      return;
    }
    if (!this.wantsMore) return;
    const from = start - this.#held;
    block.set(this.#block.subarray(0, this.#held), from);
    const consumed = parser.parse(block, from, end, skipper);
    this.#held = 0;
    // After damage the rest is of no use to anybody; before, it is the beginning of a record.
    if (!this.wantsMore) return;
    this.#makeRoom(end - consumed);
    this.#block.set(block.subarray(consumed, end));
    this.#held = end - consumed;
  }

  /** Call at the end of the data. @returns what is damaged or missing, null when the capture is whole */
  finish(): string | null {
    const parser = this.parser;
    if (parser === null) {
      if (this.unreadable === null && this.#held > 0) this.#refuseFormat(this.#held);
      else this.unreadable ??= { reason: 'is empty', hint: null };
      return null;
    }
    const error = parser.damage ?? (this.#held > 0 ? parser.describeCut(this.#block, 0, this.#held) : null);
    if (error !== null && !parser.headerRead) this.unreadable = { reason: `cannot be read: ${error}`, hint: null };
    return error;
  }

  #parse(end: number): void {
    this.#held = end;
    if (!this.wantsMore) return;
    if (this.parser === null) {
      if (end < MAGIC_LENGTH) return;
      this.parser = this.#parserFor(this.#block);
      if (this.parser === null) {
        this.#refuseFormat(end);
        return;
      }
    }
    const consumed = this.parser.parse(this.#block, 0, end);
    this.#block.copyWithin(0, consumed, end);
    this.#held = end - consumed;
  }

  #parserFor(block: Uint8Array): CaptureParser | null {
    if (isPcap(block, 0)) return new PcapParser(this.filter, this.#sink);
    return isPcapng(block, 0) ? new PcapngParser(this.filter, this.#sink) : null;
  }

  #refuseFormat(end: number): void {
    if (end < MAGIC_LENGTH) {
      this.unreadable = { reason: `is ${cutShort('the file header', 0, FILE_HEADER_LENGTH, end)}`, hint: null };
    } else {
      const hint = hintForForeignFile(this.#block, 0, end);
      this.unreadable = { reason: 'is not a capture file (pcap or pcapng)', hint };
    }
  }

  /** Makes the block longer than `length`. */
  #makeRoom(length: number): void {
    if (length < this.#block.length) return;
    let room = this.#block.length;
    while (room <= length) room *= 2;
    const larger = new Uint8Array(Math.min(room, MAX_BLOCK_LENGTH));
    larger.set(this.#block);
    this.#block = larger;
  }
}
