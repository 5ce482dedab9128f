/** Something that may fail over and over, such as writing to a full disk: said once, and again after it worked. */
export class Problem {
  readonly #complain: (message: string) => void;
  #said: string | null = null;

  constructor(complain: (message: string) => void) {
    this.#complain = complain;
  }

  say(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== this.#said) this.#complain(message);
    this.#said = message;
  }

  over(): void {
    this.#said = null;
  }
}
