import type { Advertisement } from '../decoder/advertisement.ts';

/**
 * AH sequence numbers of one sender. A keepalived that accepts a master goes on from the numbers of that one (keepalived
 * `vrrp_in_chk_ipsecah`), so they tell whom it has accepted.
 */
export class AhNumbers {
  /** Of its last advertisement; 0 without AH. */
  last: number;
  /** When they went on from those of another last, −∞ if never. */
  followedUs = Number.NEGATIVE_INFINITY;
  readonly #first: number;

  /** @param first of the first advertisement */
  constructor(first: number) {
    this.last = first;
    this.#first = first;
  }

  /** False once they show that it has accepted what another sent. */
  get areItsOwn(): boolean {
    return this.#first === 1 && this.followedUs === Number.NEGATIVE_INFINITY;
  }

  /** @param sent how many advertisements it has sent since the last one, by their IP ids; 0 or less where these do not tell */
  take({ ah, ahSequence }: Advertisement, sent: number, atUs: number): void {
    if (ah && sent > 0 && ahSequence - this.last > sent) this.followedUs = atUs;
    this.last = ahSequence;
  }

  /** Moves the remembered time, after the clock of the capture stepped. */
  shift(byUs: number): void {
    this.followedUs += byUs;
  }
}
