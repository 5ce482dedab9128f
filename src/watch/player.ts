import { CLOCK_STEP_US } from '../analyzer/analyzer.ts';
import type { FrameSink } from '../frame.ts';
import type { ReplayControl } from '../ui/source.ts';
import type { FrameTape } from './frame-tape.ts';

const SPEED_STEP = 2;
const SPEED_LIMITS = { slowest: 1 / 16, fastest: 1024 };

/** What the player plays into: frames, and time passing between them. */
export interface Stage {
  readonly sink: FrameSink;
  tick(atUs: number): void;
  /** Events so far; `jumpToNextEvent` goes on until there is one more. */
  eventCount(): number;
}

/** Plays recorded frames at any speed. */
export class Player implements ReplayControl {
  paused = false;
  speed: number;
  /** Of the clock that counts at the moment: where that was set back, the start lies earlier, too. */
  startUs = 0;
  positionUs = 0;
  endUs: number | null = null;
  readonly #tape: FrameTape;
  #stage: Stage | null = null;

  constructor(speed: number, tape: FrameTape) {
    this.speed = speed;
    this.#tape = tape;
  }

  /** Starts to play what was recorded. */
  open(stage: Stage, startUs: number, endUs: number): void {
    this.#stage = stage;
    this.startUs = startUs;
    this.positionUs = startUs;
    let atUs = startUs;
    let durationUs = 0;
    const pass = (timeUs: number): void => {
      const leapUs = leapTo(timeUs, atUs);
      durationUs += Math.max(0, leapUs);
      atUs += leapUs;
    };
    for (const timeUs of this.#tape.timesUs()) pass(timeUs);
    pass(endUs);
    this.endUs = startUs + durationUs;
  }

  get ended(): boolean {
    return this.#tape.nextUs === null && this.positionUs >= (this.endUs ?? 0);
  }

  /** Frames played so far. */
  get played(): number {
    return this.#tape.played;
  }

  /** Lets `elapsedUs` of real time pass. */
  advance(elapsedUs: number): void {
    if (this.paused || this.ended) return;
    this.#play(elapsedUs * this.speed);
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
    while (this.#tape.nextUs !== null && this.#stage?.eventCount() === before) this.#playNext();
    if (this.#tape.nextUs === null) this.#play(Number.POSITIVE_INFINITY);
  }

  /** Lets `forUs` of packet time pass. */
  #play(forUs: number): void {
    let leftUs = forUs;
    for (let nextUs = this.#tape.nextUs; nextUs !== null; nextUs = this.#tape.nextUs) {
      const leapUs = leapTo(nextUs, this.positionUs);
      if (leapUs > leftUs) break;
      leftUs -= Math.max(0, leapUs);
      this.#playNext();
    }
    const endUs = this.#tape.nextUs ?? this.endUs ?? 0;
    this.positionUs = Math.max(this.positionUs, Math.min(this.positionUs + leftUs, endUs));
    this.#stage?.tick(this.positionUs);
  }

  #playNext(): void {
    const timeUs = this.#tape.nextUs;
    if (timeUs === null || this.#stage === null) return;
    const leapUs = leapTo(timeUs, this.positionUs);
    this.positionUs += leapUs;
    if (leapUs < 0) {
      this.startUs += leapUs;
      this.endUs = (this.endUs ?? 0) + leapUs;
    }
    this.#tape.playNext(this.#stage.sink);
  }
}

/** How far the time moves for a frame: not at all for one that is out of order, back where the clock was set back. */
function leapTo(timeUs: number, positionUs: number): number {
  const leapUs = timeUs - positionUs;
  return leapUs < 0 && leapUs >= -CLOCK_STEP_US ? 0 : leapUs;
}
