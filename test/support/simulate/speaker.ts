import type { AdvertMessage } from './message.ts';
import type { ReplayWindow } from './rejection.ts';
import type { RouterHost } from './router-host.ts';
import { isKeepalived, type RouterSettings } from './settings.ts';

/** keepalived `garp_master_repeat` and `garp_master_delay`. */
export const GARP_REPEAT = 5;
const GARP_DELAY_US = 5_000_000;

/** What a router says on the wire: its advertisements, with their counters, and its claims of addresses. */
export class Speaker {
  readonly #host: RouterHost;
  readonly #replay: ReplayWindow;
  #ipId = 0;
  #repetitionPending = false;

  /** @param replay the highest AH sequence number that the router has seen; keepalived goes on from there */
  constructor(host: RouterHost, replay: ReplayWindow) {
    this.#host = host;
    this.#replay = replay;
  }

  /** The next IP id is 1, as after the start of the process. */
  restartCount(): void {
    this.#ipId = 0;
  }

  fallSilent(): void {
    this.#repetitionPending = false;
  }

  /** One advertisement; a copy for each unicast peer, all with the same IP id. */
  advertise(settings: RouterSettings, priority: number): void {
    this.#ipId = (this.#ipId % 0xffff) + 1;
    const advert: AdvertMessage = {
      kind: 'advert',
      node: settings.node,
      copyOf: this.#host.nextAdvertNumber(),
      mac: sourceMac(settings),
      source: settings.source,
      destination: null,
      ttl: settings.ttl,
      ipId: this.#ipId,
      version: settings.version,
      vrid: settings.vrid,
      priority,
      intervalUs: settings.intervalUs,
      addresses: settings.addresses,
      auth: settings.version === 2 ? settings.auth : 'none',
      password: settings.password,
      ahSequence: settings.auth === 'ah' ? ++this.#replay.highestSequence : 0,
      hmacKey: settings.hmacKey,
      checksum: settings.checksum,
    };
    if (settings.unicastPeers === null) this.#host.transmit(advert);
    else for (const destination of settings.unicastPeers) this.#host.transmit({ ...advert, destination });
  }

  /** Gratuitous ARP, `count` for each address within 5 ms; keepalived repeats them once, 5 s later. */
  claimAddresses(settings: RouterSettings, count: number, stillMaster: () => boolean): void {
    if (count === 0) return;
    this.#burst(settings, count, stillMaster);
    if (!isKeepalived(settings.flavour) || this.#repetitionPending) return;
    this.#repetitionPending = true;
    this.#host.schedule(this.#host.nowUs + GARP_DELAY_US, () => {
      this.#repetitionPending = false;
      this.#burst(settings, count, stillMaster);
    });
  }

  #burst(settings: RouterSettings, count: number, stillMaster: () => boolean): void {
    for (const address of settings.addresses) {
      for (let i = 0; i < count; i++) {
        this.#host.schedule(this.#host.nowUs + 300 + i * 700, () => {
          if (!stillMaster()) return;
          this.#host.transmit({ kind: 'gratuitous', node: settings.node, address, mac: sourceMac(settings) });
        });
      }
    }
  }
}

function sourceMac({ useVmac, vrid, mac }: RouterSettings): string {
  return useVmac ? `00:00:5e:00:01:${vrid.toString(16).padStart(2, '0')}` : mac;
}
