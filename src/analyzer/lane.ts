import type { Lane } from './report.ts';

/**
 * What a lane does when its slots are used up: tell the whole story more coarsely, or forget its beginning. `none` where
 * nobody draws it: of hundreds of advertisers, lanes cost as much as what is judged.
 */
export type LaneHistory = 'whole' | 'recent' | 'none';

/** A saved capture is shown as a whole: twice the columns of a wide terminal, from half of VRRPv3's usual 0.1 s up. */
const WHOLE = { slots: 512, slotUs: 50_000 };

/** A live view shows the last hour, a second a slot. */
const RECENT = { slots: 3600, slotUs: 1_000_000 };

/** At first; most lanes of a flood need no more. */
const FIRST_SLOTS = 32;

const NO_SLOTS = new Uint8Array(0);

/** Activity of one advertiser over time in bounded memory. Slots begin at multiples of their width, so lanes line up. */
export class LaneRecorder implements Lane {
  startUs = 0;
  slotUs: number;
  slots: Uint8Array;
  readonly #maxSlots: number;
  readonly #history: LaneHistory;
  #used = false;

  constructor(history: LaneHistory) {
    const size = history === 'whole' ? WHOLE : RECENT;
    this.#history = history;
    this.slots = history === 'none' ? NO_SLOTS : new Uint8Array(FIRST_SLOTS);
    this.slotUs = size.slotUs;
    this.#maxSlots = size.slots;
  }

  /** Adds the bits of `LANE` to the slot of `atUs`; a time before the lane's start counts for its first slot. */
  mark(atUs: number, bits: number): void {
    if (this.#history === 'none') return;
    if (!this.#used) {
      this.#used = true;
      this.startUs = atUs - (atUs % this.slotUs);
    }
    let slot = Math.floor((atUs - this.startUs) / this.slotUs);
    while (slot >= this.slots.length) {
      if (this.slots.length < this.#maxSlots) this.#grow(slot);
      else if (this.#history === 'whole') this.#coarsen();
      else this.#forget(slot);
      slot = Math.floor((atUs - this.startUs) / this.slotUs);
    }
    if (slot < 0) slot = 0;
    this.slots[slot] = (this.slots[slot] ?? 0) | bits;
  }

  /** The lane as it is now, which does not change later. */
  copy(): Lane {
    return { startUs: this.startUs, slotUs: this.slotUs, slots: this.slots.slice() };
  }

  /** Moves the lane in time, after the clock of the capture stepped. */
  shift(byUs: number): void {
    this.startUs += byUs;
  }

  #grow(slot: number): void {
    let length = this.slots.length;
    while (length <= slot && length < this.#maxSlots) length *= 2;
    const slots = new Uint8Array(Math.min(length, this.#maxSlots));
    slots.set(this.slots);
    this.slots = slots;
  }

  #coarsen(): void {
    const { slots } = this;
    const slotUs = this.slotUs * 2;
    const startUs = this.startUs - (this.startUs % slotUs);
    const lead = Math.round((this.startUs - startUs) / this.slotUs);
    const used = (slots.length + lead) / 2;
    for (let i = 0; i < used; i++) {
      const first = 2 * i - lead;
      slots[i] = (slots[first] ?? 0) | (slots[first + 1] ?? 0);
    }
    slots.fill(0, Math.ceil(used));
    this.slotUs = slotUs;
    this.startUs = startUs;
  }

  #forget(slot: number): void {
    const half = this.slots.length / 2;
    const count = Math.max(half, slot - half);
    this.slots.copyWithin(0, count);
    this.slots.fill(0, Math.max(0, this.slots.length - count));
    this.startUs += count * this.slotUs;
  }
}
