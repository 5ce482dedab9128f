import type { Message } from './message.ts';
import type { Random } from './random.ts';

/** What a router needs from the machine that it runs on. */
export interface RouterHost {
  readonly nowUs: number;
  readonly random: Random;
  /** Later than asked for while the process is paused. */
  schedule(atUs: number, action: () => void): void;
  transmit(message: Message): void;
  /** A new number for each logical advertisement. */
  nextAdvertNumber(): number;
  /** The router took or gave up its addresses. */
  holdingChanged(): void;
}
