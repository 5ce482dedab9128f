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
  dueMs: number;
  /** Composed once, so that an attempt repeated is the same mail. */
  mail: Mail | null;
  attempts: number;
  /** The server takes others, but not this one for now. */
  isPutOff: boolean;
}

/** What became of an attempt: `done` also when nothing is left to try. */
type Outcome = 'done' | 'put-off' | 'no-server';

/** Delivers mails one after the other, and again when they are not taken; one that is put off does not hold up others. */
export class Outbox {
  readonly #transport: MailTransport;
  readonly #complain: (message: string) => void;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #current: Waiting | null = null;
  /** Before then the server is not tried again. */
  #serverDueMs = 0;
  #isStopping = false;
  /** True once every attempt is the last one. */
  #isFlushing = false;
  readonly #abort = new AbortController();

  constructor(transport: MailTransport, complain: (message: string) => void) {
    this.#transport = transport;
    this.#complain = complain;
  }

  /** @param compose is called when the mail is due, `delayMs` from now */
  put(compose: () => Mail, delayMs: number): void {
    const atMs = performance.now();
    this.#waiting.push({ compose, atMs, dueMs: atMs + delayMs, mail: null, attempts: 0, isPutOff: false });
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.splice(this.#waiting[0] === this.#current ? 1 : 0, 1);
      this.#complain('--mail-to: too many mails wait, the oldest is given up');
    }
    if (this.#current === null) this.#schedule();
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
    this.#isFlushing = true;
    for (const next of [...this.#waiting]) {
      // A server that does not answer will not answer the next one either.
      if ((await this.#deliver(next)) === 'no-server') return;
    }
  }

  /** Waits for the next one to be due. */
  #schedule(): void {
    const next = this.#next();
    if (this.#isStopping || next === undefined) return;
    clearTimeout(this.#timer);
    const waitMs = Math.max(0, next.dueMs - performance.now(), this.#serverDueMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#sending = this.#send(next).finally(() => {
        this.#sending = null;
      });
    }, waitMs);
  }

  /** The oldest, or one that was put off and is due before it. */
  #next(): Waiting | undefined {
    let next = this.#waiting.find(({ isPutOff }) => !isPutOff);
    for (const each of this.#waiting) {
      if (each.isPutOff && each.dueMs < (next?.dueMs ?? Number.POSITIVE_INFINITY)) next = each;
    }
    return next;
  }

  async #send(next: Waiting): Promise<void> {
    this.#current = next;
    const outcome = await this.#deliver(next);
    this.#current = null;
    const backoffMs = BACKOFF_MS[Math.min(next.attempts, BACKOFF_MS.length) - 1] ?? 0;
    const againMs = performance.now() + backoffMs;
    this.#serverDueMs = outcome === 'no-server' ? againMs : 0;
    if (outcome === 'put-off') {
      next.isPutOff = true;
      next.dueMs = againMs;
    }
    this.#schedule();
  }

  /** Tries it, and takes it out when nothing is left to do for it. */
  async #deliver(waiting: Waiting): Promise<Outcome> {
    waiting.attempts++;
    try {
      waiting.mail ??= composed(waiting);
      await this.#transport(waiting.mail, this.#abort.signal);
      if (waiting.attempts > 1) this.#complain(`--mail-to: delivered at attempt ${waiting.attempts}`);
    } catch (error) {
      // What is called off is counted among what was not delivered.
      if (this.#abort.signal.aborted) return 'no-server';
      const message = messageOf(error);
      const isPermanent = error instanceof MailError && error.isPermanent;
      if (!isPermanent && performance.now() - waiting.atMs <= GIVE_UP_MS) {
        const outlook = this.#isFlushing ? 'not delivered' : 'will be tried again';
        if (waiting.attempts === 1) this.#complain(`--mail-to: ${outlook}: ${message}`);
        return error instanceof MailError && error.isOfThisMail ? 'put-off' : 'no-server';
      }
      this.#complain(`--mail-to: given up: ${message}`);
    }
    this.#remove(waiting);
    return 'done';
  }

  #remove(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index >= 0) this.#waiting.splice(index, 1);
  }
}

/** @throws MailError for a mail that cannot be written, and will not be at another attempt */
function composed({ compose }: Waiting): Mail {
  try {
    return compose();
  } catch (error) {
    throw new MailError(messageOf(error), true);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
