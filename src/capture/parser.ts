import type { Skipper } from './skipper.ts';

/**
 * A push parser for one capture format: it walks records in place, in whatever portions the bytes arrive.
 *
 * Nothing is kept of a block between two calls; the caller puts what was not consumed in front of what comes next.
 */
export interface CaptureParser {
  readonly format: 'pcap' | 'pcapng';
  /** True once the file's own header was read: from there on damage leaves something to analyse. */
  readonly headerRead: boolean;
  /** Packets of any kind so far. */
  readonly packets: number;
  /** Time of the first and of the last packet in file order, of any kind, in microseconds since the epoch. */
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** Packets handed over without a time. */
  readonly untimed: number;
  /** Frames that the capture says it lost, null where it does not say. */
  readonly dropped: number | null;
  /** LINKTYPE_ numbers in order of appearance, each once. */
  readonly linkTypes: readonly number[];
  /** By the `interfaceIndex` that the sink gets; text from the file, not safe to print as it is. */
  readonly interfaceNames: readonly (string | null)[];
  /** What is wrong with the bytes at the offset that `parse` returned; nothing after them can be trusted. */
  readonly damage: string | null;
  /** What to do about bytes that are sound and cannot be read on all the same, null for damage. */
  readonly hint: string | null;
  /**
   * Hands over every whole record in `block` from `start` to `end`.
   *
   * @param skipper given when `block` is its memory
   * @returns offset of the first byte that was not consumed
   */
  parse(block: Uint8Array, start: number, end: number, skipper?: Skipper | null): number;
  /** What the file lacks when it ends with these unconsumed bytes. */
  describeCut(block: Uint8Array, start: number, end: number): string;
}

/** Sentence for a file that ends early, with the byte offset from which the bytes are missing their rest. */
export function cutShort(what: string, position: number, wanted: number, there: number): string {
  return `cut short in the middle of ${what} (offset ${position}: ${wanted} bytes wanted, ${there} there)`;
}
