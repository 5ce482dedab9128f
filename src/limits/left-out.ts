/** How often at most it is said that something was left out. */
const COMPLAINT_MS = 60_000;

/** Counts events that a limit leaves out, and says so: at once, and as long as there are more, once a minute. */
export class LeftOut {
  readonly #complain: (message: string) => void;
  #count = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(complain: (message: string) => void) {
    this.#complain = complain;
  }

  add(): void {
    this.#count++;
    if (this.#timer === undefined) this.#tell();
  }

  #tell(): void {
    this.#told = this.#count;
    this.#complain(`too many events, ${this.#count} left out so far`);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#count > this.#told) this.#tell();
    }, COMPLAINT_MS);
    this.#timer.unref();
  }
}
