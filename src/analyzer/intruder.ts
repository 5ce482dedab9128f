import { CLAIM } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import { ANSWER_US } from './timers.ts';

/** Whoever claims an address for longer than this is no node that is just yielding: a starved one needed 120 ms. */
const STAY_US = 900_000;

/** Announcements in answer to one advertisement of the master after the other that are no chance. */
const ANSWERS = 2;

/** A hardware address that claims an address of the virtual router beside its master. */
export class Intruder {
  readonly mac: number;
  /** Its first claim beside this master. */
  sinceUs: number;
  lastUs: number;
  /** Its last gratuitous claim; −∞ when it has only answered. */
  #announcedUs = Number.NEGATIVE_INFINITY;
  #answers = 0;
  /** The advertisement that it has answered last. */
  #answeredUs = Number.NEGATIVE_INFINITY;
  /** True once it has answered the master's advertisements, as one does that outranks it. */
  outranksMaster = false;
  /** True once it has announced the address, as a node does that runs as master: what a killed one leaves behind only answers. */
  hasAnnounced = false;

  constructor(mac: number, atUs: number) {
    this.mac = mac;
    this.sinceUs = atUs;
    this.lastUs = atUs;
  }

  /** Takes a further claim of it. @param kind one of `CLAIM` */
  claim(kind: number, master: Advertiser, atUs: number): void {
    this.hasAnnounced ||= kind === CLAIM.gratuitous;
    if (kind !== CLAIM.reply) {
      // Several to each advertisement, the first of them tells.
      if (this.#announcedUs < master.lastClaimUs) this.#judgeAnnouncement(master, atUs);
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

  /** True while the master's next advertisement shows whether it is answered as the last one was. */
  isBeingJudged(master: Advertiser, atUs: number): boolean {
    if (this.outranksMaster || this.#answers === 0) return false;
    return master.lastClaimUs === this.#answeredUs || atUs - master.lastClaimUs <= ANSWER_US;
  }

  #judgeAnnouncement({ lastClaimUs, previousClaimUs }: Advertiser, atUs: number): void {
    const isAnswer = atUs - lastClaimUs <= ANSWER_US;
    // Announcements of its own accord, five seconds apart, may each come soon after one of many advertisements.
    const isInTurn = this.#answers === 0 || previousClaimUs === this.#answeredUs;
    this.#answers = isAnswer && isInTurn ? this.#answers + 1 : 0;
    this.#answeredUs = lastClaimUs;
    if (this.#answers >= ANSWERS) this.outranksMaster = true;
  }
}
