import { formatMac } from '../decoder/address.ts';
import type { Advertiser } from './advertiser.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** A master that goes on for longer than this has not yielded to whoever announced the address. */
const GOES_ON_INTERVALS = 1.5;

/**
 * An address announced beside its master by one of whom nothing more is seen. Only a master announces, so it was one for a
 * moment at least: too little for a proof, as it may have yielded since, and too much to call it healthy.
 */
export class LoneAnnouncement {
  readonly #address: string;
  readonly #mac: number;
  readonly #master: Advertiser;
  readonly #atUs: number;

  constructor(address: string, mac: number, master: Advertiser, atUs: number) {
    this.#address = address;
    this.#mac = mac;
    this.#master = master;
    this.#atUs = atUs;
  }

  /** @returns false while the next advertisements of the master are still to come, or another finding tells of it */
  judge(router: VirtualRouter): boolean {
    const master = this.#master;
    const isContested = router.conflict !== null || router.history.openSplitBrain !== null;
    if (router.master !== master || isContested) return true;
    if (master.lastClaimUs - this.#atUs <= GOES_ON_INTERVALS * master.paceUs) return false;
    const sender = router.advertisers.find(({ mac }) => mac === this.#mac);
    // What it said then is judged by itself.
    if (sender !== undefined && this.#atUs - sender.lastUs <= GOES_ON_INTERVALS * sender.paceUs) return true;
    if (router.findings.has('stale-arp')) return false;
    const mac = formatMac(this.#mac);
    const who = sender === undefined ? `${mac}, which was never heard to advertise,` : `${sender.source} (${mac})`;
    router.findings.add(
      'stale-arp',
      'warning',
      this.#atUs,
      `${who} announced ${this.#address} while ${master.source} was master, as only a master does: for a moment at least it was one, too, behind a path that lets ARP pass and loses VRRP (protocol ${master.ah ? 51 : 112}); look for it in the firewalls, security groups and switches between the two`,
      mac ?? '',
    );
    return true;
  }

  shift(byUs: number): LoneAnnouncement {
    return new LoneAnnouncement(this.#address, this.#mac, this.#master, this.#atUs + byUs);
  }
}
