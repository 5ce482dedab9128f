import type { EventQueue } from './event-queue.ts';
import { type AdvertMessage, CLIENT, type Message } from './message.ts';
import type { Random } from './random.ts';
import { Router } from './router.ts';
import type { RouterHost } from './router-host.ts';
import type { RouterSettings } from './settings.ts';
import type { Holding, Truth } from './truth.ts';

/** What a node uses of the segment that it is plugged into. */
export interface Segment {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly truth: Truth;
  readonly nextAdvertNumber: () => number;
  readonly transmit: (message: Message) => void;
}

/** Advertisements that a socket holds for a paused process; keepalived's default receive buffer holds more. */
const SOCKET_QUEUE = 200;

interface Pause {
  readonly untilUs: number;
  readonly whole: boolean;
  queued: number;
  /** How many of these are for each virtual router. */
  readonly queuedFor: Map<number, number>;
}

/** A machine with the routers that run on it, one process for all of them. */
export class Node implements RouterHost {
  readonly name: string;
  readonly random: Random;
  readonly routers: readonly Router[];
  linkUp = true;
  readonly #segment: Segment;
  /** Configured addresses that a killed process left behind. */
  readonly #stale = new Set<Router>();
  #pause: Pause | null = null;

  constructor(name: string, settings: readonly RouterSettings[], segment: Segment) {
    this.name = name;
    this.random = segment.random;
    this.#segment = segment;
    this.routers = settings.map((each) => new Router(each, this));
  }

  get nowUs(): number {
    return this.#segment.queue.nowUs;
  }

  start(): void {
    // keepalived removes addresses that it finds configured from a former life.
    this.#stale.clear();
    for (const router of this.routers) router.start();
    this.holdingChanged();
  }

  stop(): void {
    for (const router of this.routers) router.stop();
  }

  kill(): void {
    for (const router of this.routers) {
      if (router.state === 'master' && router.settings.staleAddress) this.#stale.add(router);
      router.kill();
    }
    this.holdingChanged();
  }

  /** @param whole the machine stands still, not only the process: nothing is received and no ARP answered meanwhile */
  pause(durationUs: number, whole: boolean): void {
    const untilUs = this.nowUs + durationUs;
    const pause: Pause = { untilUs, whole, queued: 0, queuedFor: new Map() };
    this.#pause = pause;
    this.holdingChanged();
    this.#segment.queue.schedule(untilUs, () => {
      if (this.#pause !== pause) return;
      this.#pause = null;
      this.holdingChanged();
    });
  }

  setLink(up: boolean): void {
    if (this.linkUp === up) return;
    this.linkUp = up;
    for (const router of this.routers) {
      if (up) router.recover();
      else router.loseLink();
    }
    this.holdingChanged();
  }

  receive(message: Message): void {
    if (!this.linkUp) return;
    if (message.kind === 'request') this.#answerArp(message.address);
    else if (message.kind === 'advert' && this.#pause === null) this.#dispatch(message);
    else if (message.kind === 'advert') this.#enqueue(message);
  }

  schedule(atUs: number, action: () => void): void {
    this.#segment.queue.schedule(atUs, () => {
      const pause = this.#pause;
      if (pause === null) action();
      else this.schedule(pause.untilUs + 800, action);
    });
  }

  transmit(message: Message): void {
    if (this.linkUp) this.#segment.transmit(message);
  }

  nextAdvertNumber(): number {
    return this.#segment.nextAdvertNumber();
  }

  holdingChanged(): void {
    const holdings = new Map<number, Holding | null>();
    for (const router of this.routers) {
      const { vrid } = router.settings;
      holdings.set(vrid, holdings.get(vrid) ?? this.#holding(router));
    }
    for (const [vrid, holding] of holdings) this.#segment.truth.set(vrid, this.name, holding, this.nowUs);
  }

  /**
   * On resume the socket is read before the timers run, about 5 ms for each pass, which ends with the second advertisement
   * for one virtual router (vrrp_dispatcher_read).
   */
  #enqueue(advert: AdvertMessage): void {
    const pause = this.#pause;
    if (pause === null || pause.whole || pause.queued >= SOCKET_QUEUE || !this.#isAddressed(advert)) return;
    const pass = pause.queuedFor.get(advert.vrid) ?? 0;
    pause.queued++;
    pause.queuedFor.set(advert.vrid, pass + 1);
    const delayUs = 500 + 5_000 * pass;
    this.#segment.queue.schedule(pause.untilUs + delayUs, () => this.#dispatch(advert));
  }

  /** False for what the switch sends to another port alone. */
  #isAddressed({ destination }: AdvertMessage): boolean {
    return destination === null || this.routers.some(({ settings }) => settings.address === destination);
  }

  #dispatch(advert: AdvertMessage): void {
    for (const router of this.routers) router.receive(advert);
  }

  #holding(router: Router): Holding | null {
    if (!this.linkUp || this.#pause?.whole) return null;
    if (this.#stale.has(router)) return 'stale';
    if (router.state !== 'master') return null;
    return this.#pause === null ? 'held' : 'paused';
  }

  #answerArp(address: string): void {
    const router = this.routers.find(
      (each) => each.settings.addresses.includes(address) && this.#holding(each) !== null,
    );
    if (router === undefined) return;
    const { mac } = router.settings;
    this.#segment.queue.schedule(this.nowUs + this.random.between(30, 400), () => {
      if (this.#holding(router) !== null) this.transmit({ kind: 'reply', node: this.name, address, mac });
    });
  }
}

/** The client host asks for an address, as `arping` does. */
export function arpRequest(address: string): Message {
  return { kind: 'request', node: CLIENT.node, address, mac: CLIENT.mac };
}
