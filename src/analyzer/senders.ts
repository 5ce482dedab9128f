import type { Advertisement } from '../decoder/advertisement.ts';
import { Advertiser } from './advertiser.ts';
import { contains } from './compatibility.ts';
import { Membership } from './membership.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Senders kept of one virtual router: a cluster has two to five, the rest is room for forgeries beside them. */
export const MAX_ADVERTISERS = 64;

/** Who advertises one virtual router. */
export class Senders {
  /** Who spoke last. */
  last: Advertiser | null = null;
  readonly all: Advertiser[] = [];
  readonly #router: VirtualRouter;
  readonly #membership: Membership;

  constructor(router: VirtualRouter, first: Advertisement) {
    this.#router = router;
    this.#membership = new Membership(first.family);
    this.#membership.admit(first);
  }

  /** True when the advertisement belongs to this virtual router: same group, same peers, or one of the addresses. */
  match(advertisement: Advertisement): boolean {
    const { last } = this;
    if (last?.isSource(advertisement) && last.multicast === advertisement.multicast) return true;
    if (this.#membership.includes(advertisement)) return true;
    const { bytes, addressesOffset, addressesPresent, family } = advertisement;
    const size = family === 4 ? 4 : 16;
    for (let i = 0; i < addressesPresent; i++) {
      const offset = addressesOffset + i * size;
      for (const { addressList } of this.all) if (contains(addressList, bytes, offset, size)) return true;
    }
    return false;
  }

  /** True when the same advertisement has arrived a moment ago. */
  haveJustSent(advertisement: Advertisement, atUs: number): boolean {
    return this.all.some((each) => each.isSource(advertisement) && each.isCopy(advertisement, atUs));
  }

  /** Counts its group or its peers among those of the virtual router. */
  admit(advertisement: Advertisement): void {
    this.#membership.admit(advertisement);
  }

  /** True for a unicast heard a moment ago from another hardware address: of a router on its way, of a second card. */
  isForwarded(advertisement: Advertisement, atUs: number): boolean {
    if (advertisement.ipId <= 0) return false;
    for (const original of this.all) {
      if (original.mac === advertisement.mac || !original.hasAddressOf(advertisement)) continue;
      if (!original.isCopy(advertisement, atUs)) continue;
      original.addOtherMac(advertisement.mac);
      this.#membership.admit(advertisement);
      return true;
    }
    return false;
  }

  /** Who sent the advertisement, somebody new perhaps; null when there is no room for one more. */
  senderOf(advertisement: Advertisement, atUs: number): Advertiser | null {
    if (this.last?.isSource(advertisement)) return this.last;
    for (const advertiser of this.all) {
      if (advertiser.isSource(advertisement)) {
        this.last = advertiser;
        return advertiser;
      }
    }
    const isFull = this.all.length >= MAX_ADVERTISERS;
    const sightings = isFull ? this.#makeRoom(advertisement, atUs) : 1;
    if (sightings === 0) return null;
    const sender = new Advertiser(this.#router, advertisement, atUs, this.#router.segment.laneHistory);
    sender.turnedAway = sightings - 1;
    this.all.push(sender);
    this.last = sender;
    return sender;
  }

  /**
   * Makes room for a sender that has come more often than another: the one heard the least goes, never the master. Who
   * comes for the first time is turned away, or forged sources would drive out the nodes.
   *
   * @returns how often the newcomer was seen, 0 when there is no room for it
   */
  #makeRoom(advertisement: Advertisement, atUs: number): number {
    const { segment, vrid } = this.#router;
    const summary = `more than ${MAX_ADVERTISERS} senders advertise vrid ${vrid}; those heard the least are forgotten`;
    segment.limitReached(summary, atUs);
    const sightings = segment.sightings(advertisement);
    if (sightings < 2) return 0;
    let least: Advertiser | null = null;
    let leastPresence = sightings;
    for (const advertiser of this.all) {
      const presence = this.#router.presenceOf(advertiser, atUs);
      if (presence >= leastPresence) continue;
      least = advertiser;
      leastPresence = presence;
    }
    if (least === null) return 0;
    this.#router.forget(least);
    this.all.splice(this.all.indexOf(least), 1);
    return sightings;
  }
}
