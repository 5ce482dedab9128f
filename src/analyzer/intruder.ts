import type { Advertiser } from './advertiser.ts';

/** Whoever claims an address for longer than this is no node that is just yielding: a starved one needed 120 ms. */
const STAY_US = 900_000;

/** A master that hears a lower-ranked advertisement announces its addresses at once (keepalived `vrrp_state_master_rx`). */
const ANSWER_US = 50_000;

/** Announcements in answer to the master, one after the other, that are no chance. */
const ANSWERS = 3;

/** A hardware address that claims an address of the virtual router beside its master. */
export class Intruder {
  readonly mac: number;
  /** Its first claim beside this master. */
  sinceUs: number;
  lastUs: number;
  /** Its last gratuitous claim; −∞ when it has only answered. */
  #announcedUs = Number.NEGATIVE_INFINITY;
  #answers = 0;

  constructor(mac: number, atUs: number) {
    this.mac = mac;
    this.sinceUs = atUs;
    this.lastUs = atUs;
  }

  /** Takes a further claim of it. `isReply`: to a request, not of its own accord. */
  claim(isReply: boolean, master: Advertiser, atUs: number): void {
    if (!isReply) {
      // Several to each advertisement, the first of them tells.
      if (this.#announcedUs < master.lastClaimUs)
        this.#answers = atUs - master.lastClaimUs <= ANSWER_US ? this.#answers + 1 : 0;
      this.#announcedUs = atUs;
    }
    this.lastUs = atUs;
  }

  /** True when it has stayed beside a master that went on to advertise. */
  hasStayed(master: Advertiser): boolean {
    const stayUs = Math.max(STAY_US, 0.9 * master.paceUs);
    return this.lastUs - this.sinceUs >= stayUs && master.lastClaimUs > this.sinceUs;
  }

  /** True when it may be a new master whose first advertisement was lost: the other one is about to yield to it. */
  isArriving(master: Advertiser): boolean {
    return this.#announcedUs >= this.sinceUs && !this.hasStayed(master);
  }

  /** True when it answers the advertisements of the master, as one does that outranks it. */
  get outranksMaster(): boolean {
    return this.#answers >= ANSWERS;
  }
}
