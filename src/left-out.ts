/** How often at most it is said that something was left out. */
const COMPLAINT_MS = 60_000;

/** Counts events that a limit leaves out, and says so now and then. */
export class LeftOut {
  readonly #complain: (message: string) => void;
  #count = 0;
  #complainedMs = Number.NEGATIVE_INFINITY;

  constructor(complain: (message: string) => void) {
    this.#complain = complain;
  }

  add(nowMs: number): void {
    this.#count++;
    if (nowMs - this.#complainedMs < COMPLAINT_MS) return;
    this.#complainedMs = nowMs;
    this.#complain(`too many events, ${this.#count} left out so far`);
  }
}
