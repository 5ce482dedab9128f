import type { Mail } from './mail-message.ts';
import { MailError, type MailTransport } from './mail-transport.ts';

/** Mails that wait; of more, the oldest are given up. */
const WAITING_MAX = 50;

/** Times between attempts; the last one holds from there on. */
const BACKOFF_MS = [5_000, 15_000, 60_000, 300_000, 900_000] as const;

/** Nobody wants to be woken by yesterday's alarm. */
const GIVE_UP_MS = 24 * 3_600_000;

/** Mails on their way when vrrpwatch ends have so long. */
const STOP_MS = 5_000;

interface Waiting {
  readonly compose: () => Mail;
  readonly atMs: number;
  readonly dueMs: number;
  /** Composed once, so that an attempt repeated is the same mail. */
  mail: Mail | null;
  attempts: number;
}

/** Delivers mails one after the other, and again when they are not taken. */
export class Outbox {
  readonly #transport: MailTransport;
  readonly #complain: (message: string) => void;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #isStopping = false;
  readonly #abort = new AbortController();

  constructor(transport: MailTransport, complain: (message: string) => void) {
    this.#transport = transport;
    this.#complain = complain;
  }

  /** @param compose is called when the mail is due, `delayMs` from now */
  put(compose: () => Mail, delayMs: number): void {
    const atMs = performance.now();
    this.#waiting.push({ compose, atMs, dueMs: atMs + delayMs, mail: null, attempts: 0 });
    if (this.#waiting.length > WAITING_MAX) {
      // The first one may be on its way.
      this.#waiting.splice(this.#sending === null ? 0 : 1, 1);
      this.#complain('--mail-to: too many mails wait, the oldest is given up');
    }
    if (this.#waiting.length === 1) this.#wait(delayMs);
  }

  /** Tries once more to deliver what waits. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([late, this.#flush()]);
    clearTimeout(timer);
    this.#abort.abort();
    const left = this.#waiting.length;
    if (left > 0) this.#complain(`--mail-to: ${left} ${left === 1 ? 'mail was' : 'mails were'} not delivered`);
  }

  async #flush(): Promise<void> {
    await this.#sending;
    for (const next of [...this.#waiting]) {
      const isDone = await this.#attempt(next);
      if (isDone) this.#remove(next);
      // A server that does not answer will not answer the next one either.
      else return;
    }
  }

  #wait(ms: number): void {
    if (this.#isStopping) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#sending = this.#send().finally(() => {
        this.#sending = null;
      });
    }, ms);
  }

  async #send(): Promise<void> {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const isDone = await this.#attempt(next);
    if (isDone) this.#remove(next);
    const [following] = this.#waiting;
    if (following === undefined) return;
    const dueMs = Math.max(0, following.dueMs - performance.now());
    this.#wait(isDone ? dueMs : (BACKOFF_MS[Math.min(next.attempts, BACKOFF_MS.length) - 1] ?? dueMs));
  }

  /** True when nothing is left to do for this mail. */
  async #attempt(waiting: Waiting): Promise<boolean> {
    waiting.mail ??= waiting.compose();
    waiting.attempts++;
    try {
      await this.#transport(waiting.mail, this.#abort.signal);
      if (waiting.attempts > 1) this.#complain(`--mail-to: delivered at attempt ${waiting.attempts}`);
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isPermanent = error instanceof MailError && error.isPermanent;
      const isGivenUp = isPermanent || performance.now() - waiting.atMs > GIVE_UP_MS;
      if (isGivenUp) this.#complain(`--mail-to: given up: ${message}`);
      else if (waiting.attempts === 1) this.#complain(`--mail-to: will be tried again: ${message}`);
      return isGivenUp;
    }
  }

  #remove(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index >= 0) this.#waiting.splice(index, 1);
  }
}
