import { viewOf } from '../bytes.ts';
import { LINK_TYPE } from '../frame.ts';
import { PROTOCOL } from './ip.ts';
import { ETHERTYPE } from './link.ts';

/** Places by VRID and the last bits of the source address: sixteen neighbours in each of 255 virtual routers. */
const SOURCE_BITS = 4;
const PLACES = 256 << SOURCE_BITS;

/** Words of a place: length of the frame, the interface that it came from, and the frame. */
const PLACE_WORDS = 32;
const HEAD_WORDS = 2;
/** Enough for fourteen addresses and a password. */
const LONGEST = (PLACE_WORDS - HEAD_WORDS) * 4;

/** Of an untagged Ethernet frame with an IPv4 header of 20 bytes. */
const IP = 14;
const MESSAGE = IP + 20;
const SHORTEST = MESSAGE + 8;

/** Ethertype and the first byte of an IPv4 header without options. */
const IPV4_WITHOUT_OPTIONS = (ETHERTYPE.ipv4 << 8) | 0x45;

/** The words that share their four bytes with the identification and with the header checksum. */
const IDENTIFICATION_WORD = 4;
const HEADER_CHECKSUM_WORD = 6;

/**
 * Remembers advertisements, to know one that says what an earlier one said without taking it apart: all bytes but the
 * IPv4 identification and the header checksum over it are the same.
 *
 * Only for what nearly all advertisements are: IPv4 in untagged Ethernet, not cut, and without AH, which numbers them.
 */
export class Repeats {
  readonly #words = new Int32Array(PLACES * PLACE_WORDS);
  #bytes: Uint8Array | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /**
   * Parameters as in `FrameSink.frame`.
   *
   * @returns where an advertisement like this one is remembered, if it is; -1 for a frame that never is
   */
  placeOf(bytes: Uint8Array, offset: number, capturedLength: number, originalLength: number, linkType: number): number {
    const hasSize = capturedLength === originalLength && capturedLength >= SHORTEST && capturedLength <= LONGEST;
    if (!hasSize || linkType !== LINK_TYPE.ethernet) return -1;
    const view = this.#viewOf(bytes);
    if (view.getUint32(offset + IP - 2) >>> 8 !== IPV4_WITHOUT_OPTIONS) return -1;
    if (view.getUint8(offset + IP + 9) !== PROTOCOL.vrrp) return -1;
    const source = view.getUint8(offset + IP + 15) & ((1 << SOURCE_BITS) - 1);
    return (view.getUint8(offset + MESSAGE + 1) << SOURCE_BITS) | source;
  }

  /** True when the frame repeats the one remembered in its place. */
  has(place: number, bytes: Uint8Array, offset: number, capturedLength: number, interfaceIndex: number): boolean {
    const view = this.#viewOf(bytes);
    const words = this.#words;
    const start = place * PLACE_WORDS;
    if (words[start] !== capturedLength || words[start + 1] !== interfaceIndex) return false;
    const frame = start + HEAD_WORDS;
    const last = lastWord(capturedLength);
    let difference =
      ((words[frame + IDENTIFICATION_WORD] ?? 0) ^ view.getInt32(offset + 4 * IDENTIFICATION_WORD)) & 0xffff0000;
    difference |=
      ((words[frame + HEADER_CHECKSUM_WORD] ?? 0) ^ view.getInt32(offset + 4 * HEADER_CHECKSUM_WORD)) & 0x0000ffff;
    for (let i = 0; i < IDENTIFICATION_WORD; i++) difference |= (words[frame + i] ?? 0) ^ view.getInt32(offset + 4 * i);
    for (let i = IDENTIFICATION_WORD + 1; i < last; i++) {
      if (i !== HEADER_CHECKSUM_WORD) difference |= (words[frame + i] ?? 0) ^ view.getInt32(offset + 4 * i);
    }
    return difference === 0 && words[frame + last] === view.getInt32(offset + capturedLength - 4);
  }

  /** Remembers the frame in its place, instead of the one that was there. */
  remember(place: number, bytes: Uint8Array, offset: number, capturedLength: number, interfaceIndex: number): void {
    const view = this.#viewOf(bytes);
    const words = this.#words;
    const start = place * PLACE_WORDS;
    words[start] = capturedLength;
    words[start + 1] = interfaceIndex;
    const frame = start + HEAD_WORDS;
    const last = lastWord(capturedLength);
    for (let i = 0; i < last; i++) words[frame + i] = view.getInt32(offset + 4 * i);
    words[frame + last] = view.getInt32(offset + capturedLength - 4);
  }

  /** IPv4 identification of a frame that has a place. */
  ipId(bytes: Uint8Array, offset: number): number {
    return this.#viewOf(bytes).getUint16(offset + IP + 4);
  }

  /** Frames come in blocks, thousands in each. */
  #viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    return this.#view;
  }
}

/** Index of the word that holds the last four bytes, some of them once more when the length is no multiple of four. */
function lastWord(length: number): number {
  return (length - 1) >> 2;
}
