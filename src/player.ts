import type { FrameSink } from './frame.ts';
import type { ReplayControl } from './ui/source.ts';

const SPEED_STEP = 2;
const SPEED_LIMITS = { slowest: 1 / 16, fastest: 1024 };

interface RecordedFrame {
  readonly timeUs: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly interfaceIndex: number;
  readonly linkType: number;
}

/** What the player plays into: frames, and time passing between them. */
export interface Stage {
  readonly sink: FrameSink;
  tick(atUs: number): void;
  /** Events so far; `jumpToNextEvent` goes on until there is one more. */
  eventCount(): number;
}

/** Keeps the frames of a capture and plays them at any speed. */
export class Player implements ReplayControl, FrameSink {
  paused = false;
  speed: number;
  startUs = 0;
  positionUs = 0;
  endUs: number | null = null;
  readonly #frames: RecordedFrame[] = [];
  #next = 0;
  #stage: Stage | null = null;

  constructor(speed: number) {
    this.speed = speed;
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
    const bytes = block.slice(offset, offset + capturedLength);
    this.#frames.push({ timeUs, bytes, originalLength, interfaceIndex, linkType });
  }

  /** Starts to play what was recorded. */
  open(stage: Stage, startUs: number, endUs: number): void {
    this.#stage = stage;
    this.startUs = startUs;
    this.positionUs = startUs;
    this.endUs = endUs;
  }

  get ended(): boolean {
    return this.#next >= this.#frames.length && this.positionUs >= (this.endUs ?? 0);
  }

  /** Frames played so far. */
  get played(): number {
    return this.#next;
  }

  /** Lets `elapsedUs` of real time pass. */
  advance(elapsedUs: number): void {
    if (this.paused || this.ended) return;
    this.#playUntil(Math.min(this.positionUs + elapsedUs * this.speed, this.endUs ?? 0));
  }

  toggle(): void {
    this.paused = !this.paused;
  }

  step(): void {
    this.paused = true;
    this.#playNext();
  }

  faster(): void {
    this.speed = Math.min(this.speed * SPEED_STEP, SPEED_LIMITS.fastest);
  }

  slower(): void {
    this.speed = Math.max(this.speed / SPEED_STEP, SPEED_LIMITS.slowest);
  }

  jumpToNextEvent(): void {
    const before = this.#stage?.eventCount() ?? 0;
    while (this.#next < this.#frames.length && this.#stage?.eventCount() === before) this.#playNext();
    if (this.#next >= this.#frames.length) this.#playUntil(this.endUs ?? 0);
  }

  #playUntil(untilUs: number): void {
    while (this.#next < this.#frames.length && (this.#frames[this.#next]?.timeUs ?? 0) <= untilUs) this.#playNext();
    this.positionUs = Math.max(this.positionUs, untilUs);
    this.#stage?.tick(this.positionUs);
  }

  #playNext(): void {
    const frame = this.#frames[this.#next];
    if (frame === undefined) return;
    this.#next++;
    const { bytes, originalLength, timeUs, interfaceIndex, linkType } = frame;
    this.positionUs = Math.max(this.positionUs, timeUs);
    this.#stage?.sink.frame(bytes, 0, bytes.length, originalLength, timeUs, interfaceIndex, linkType);
  }
}
