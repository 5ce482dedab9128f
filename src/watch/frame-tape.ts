import { viewOf } from '../bytes.ts';
import { type FrameSink, NO_TIME } from '../frame.ts';

/** Some three million advertisements. */
const CAPACITY_BYTES = 256 * 1024 * 1024;

const FIRST_BYTES = 1024 * 1024;

/** What stands in front of the bytes of each frame: where its fields are, and how long they are together. */
const FIELD = { timeUs: 0, capturedLength: 8, originalLength: 12, interfaceIndex: 16, linkType: 18 } as const;
const FIELDS_LENGTH = 20;

/** Frames one behind the other in one buffer, to be played once. */
export class FrameTape implements FrameSink {
  /** Time of the last frame kept, null without any. */
  lastUs: number | null = null;
  /** Frames played so far. */
  played = 0;
  /** True once a frame did not fit; neither does any after it. */
  isFull = false;
  readonly #capacity: number;
  #bytes: Uint8Array;
  #view: DataView;
  #end = 0;
  #next = 0;

  /** @param capacity bytes that it may take, with twenty for each frame */
  constructor(capacity = CAPACITY_BYTES) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, capacity));
    this.#view = viewOf(this.#bytes);
  }

  frame(
    block: Uint8Array,
    offset: number,
    capturedLength: number,
    originalLength: number,
    timeUs: number,
    interfaceIndex: number,
    linkType: number,
  ): void {
    if (timeUs === NO_TIME) return;
    const at = this.#end;
    const end = at + FIELDS_LENGTH + capturedLength;
    this.isFull ||= end > this.#capacity;
    if (this.isFull) return;
    if (end > this.#bytes.length) this.#grow(end);
    const view = this.#view;
    view.setFloat64(at + FIELD.timeUs, timeUs);
    view.setUint32(at + FIELD.capturedLength, capturedLength);
    view.setUint32(at + FIELD.originalLength, originalLength);
    view.setUint16(at + FIELD.interfaceIndex, interfaceIndex);
    view.setUint16(at + FIELD.linkType, linkType);
    this.#bytes.set(block.subarray(offset, offset + capturedLength), at + FIELDS_LENGTH);
    this.#end = end;
    this.lastUs = timeUs;
  }

  /** Times of all frames, played or not, in their order. */
  *timesUs(): Generator<number> {
    for (let at = 0; at < this.#end; at = this.#after(at)) yield this.#view.getFloat64(at + FIELD.timeUs);
  }

  /** Time of the frame that is played next, null after the last one. */
  get nextUs(): number | null {
    return this.#next < this.#end ? this.#view.getFloat64(this.#next + FIELD.timeUs) : null;
  }

  /** Hands the next frame over, if there is one. */
  playNext(sink: FrameSink): void {
    const at = this.#next;
    if (at >= this.#end) return;
    this.#next = this.#after(at);
    this.played++;
    const view = this.#view;
    sink.frame(
      this.#bytes,
      at + FIELDS_LENGTH,
      view.getUint32(at + FIELD.capturedLength),
      view.getUint32(at + FIELD.originalLength),
      view.getFloat64(at + FIELD.timeUs),
      view.getUint16(at + FIELD.interfaceIndex),
      view.getUint16(at + FIELD.linkType),
    );
  }

  #after(at: number): number {
    return at + FIELDS_LENGTH + this.#view.getUint32(at + FIELD.capturedLength);
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.min(this.#capacity, Math.max(needed, 2 * this.#bytes.length)));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}
