import type { EventQueue } from './event-queue.ts';
import type { Message } from './message.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';

/**
 * A path that is interrupted for a time. `*` stands for every node; as `to` of a `network` cut it includes the
 * observer at the switch, as when a port is isolated.
 *
 * `network` drops everything between the two; `sender` and `receiver` are packet filters on a node, which drop VRRP
 * only: what a receiver drops was still on its wire.
 */
export interface Cut {
  readonly from: string;
  readonly to: string;
  readonly where: 'network' | 'sender' | 'receiver';
  readonly fromUs: number;
  readonly toUs: number;
}

/** How unreliable the network is; probabilities 0 to 1 for each frame and receiver. */
export interface Weather {
  readonly loss: number;
  /** Loss of single directions on top, such as 0.5 towards B. */
  readonly pairLoss: readonly { readonly from: string; readonly to: string; readonly probability: number }[];
  readonly duplication: number;
  /** Frames that take up to 3 ms longer than others, and so are overtaken. */
  readonly reordering: number;
  readonly maxDelayUs: number;
}

export const CALM: Weather = { loss: 0, pairLoss: [], duplication: 0, reordering: 0, maxDelayUs: 100 };

export interface Observer {
  /** The node whose interface is captured, or null for the switch, which sees every port. */
  readonly beside: string | null;
  readonly loss: number;
  readonly duplication: number;
  /** Frames that come up to 3 ms late in the capture while their time stamps are right, as in merged captures. */
  readonly disorder: number;
  /** Times in which nothing is captured. */
  readonly pauses: readonly { readonly fromUs: number; readonly toUs: number }[];
  /** Jumps of the clock that stamps the frames. */
  readonly clockSteps: readonly { readonly atUs: number; readonly stepUs: number }[];
}

export const AT_THE_SWITCH: Observer = {
  beside: null,
  loss: 0,
  duplication: 0,
  disorder: 0,
  pauses: [],
  clockSteps: [],
};

/** A message in the capture. */
export interface Seen {
  readonly message: Message;
  /** True time, since the start of the run. */
  readonly sentUs: number;
  /** Packet time by the observer's clock. */
  readonly timeUs: number;
}

/**
 * Whether the observer got a message: `out-of-sight` messages never passed its place, `lost` ones did, but it missed
 * them.
 */
export type Fate = 'seen' | 'lost' | 'out-of-sight';

/** A message that a node handed to its interface. */
export interface Sent extends Seen {
  readonly fate: Fate;
}

/** Carries messages between nodes and shows the observer what passes its place. */
export class Network {
  readonly observed: Seen[] = [];
  /** Every message that a node handed to its interface, in order. */
  readonly sent: Sent[] = [];
  readonly #nodes: readonly Node[];
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #observer: Observer;
  readonly #cuts: readonly Cut[];
  readonly #weather: Weather;
  readonly #observerTimeUs: (trueUs: number) => number;

  constructor(options: {
    nodes: readonly Node[];
    queue: EventQueue;
    random: Random;
    observer: Observer;
    cuts: readonly Cut[];
    weather: Weather;
    observerTimeUs: (trueUs: number) => number;
  }) {
    this.#nodes = options.nodes;
    this.#queue = options.queue;
    this.#random = options.random;
    this.#observer = options.observer;
    this.#cuts = options.cuts;
    this.#weather = options.weather;
    this.#observerTimeUs = options.observerTimeUs;
  }

  transmit(message: Message): void {
    const { nowUs } = this.#queue;
    const leaves = !this.#isCut(message, message.node, '*', 'sender');
    if (leaves) for (const node of this.#nodes) if (node.name !== message.node) this.#carry(message, node);
    const fate = leaves && this.#reachesObserver(message) ? this.#observe(message, nowUs) : 'out-of-sight';
    this.sent.push({ message, sentUs: nowUs, timeUs: this.#observerTimeUs(nowUs), fate });
  }

  #carry(message: Message, node: Node): void {
    for (const where of ['network', 'sender', 'receiver'] as const) {
      if (this.#isCut(message, message.node, node.name, where)) return;
    }
    if (this.#random.chance(this.#weather.loss)) return;
    for (const { from, to, probability } of this.#weather.pairLoss) {
      if (from === message.node && to === node.name && this.#random.chance(probability)) return;
    }
    const copies = this.#random.chance(this.#weather.duplication) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const late = this.#random.chance(this.#weather.reordering) ? this.#random.between(0, 3_000) : 0;
      const delayUs = this.#random.between(20, Math.max(20, this.#weather.maxDelayUs)) + late;
      this.#queue.schedule(this.#queue.nowUs + delayUs, () => node.receive(message));
    }
  }

  #isCut(message: Message, from: string, to: string, where: Cut['where']): boolean {
    if (where !== 'network' && message.kind !== 'advert') return false;
    const { nowUs } = this.#queue;
    return this.#cuts.some(
      (cut) =>
        cut.where === where &&
        (cut.from === '*' || cut.from === from) &&
        (cut.to === '*' || cut.to === to) &&
        nowUs >= cut.fromUs &&
        nowUs < cut.toUs,
    );
  }

  #reachesObserver(message: Message): boolean {
    const { beside } = this.#observer;
    if (beside === message.node) return true;
    if (this.#isCut(message, message.node, beside ?? '*', 'network')) return false;
    if (beside === null) return true;
    // A switch forwards unicast frames to the port of their receiver alone.
    if (message.kind === 'reply') return false;
    if (message.kind !== 'advert' || message.destination === null) return true;
    const node = this.#nodes.find((each) => each.name === beside);
    return node?.routers.some(({ settings }) => settings.address === message.destination) ?? false;
  }

  #observe(message: Message, sentUs: number): Fate {
    const observer = this.#observer;
    if (observer.pauses.some(({ fromUs, toUs }) => sentUs >= fromUs && sentUs < toUs)) return 'lost';
    if (this.#random.chance(observer.loss)) return 'lost';
    const copies = this.#random.chance(observer.duplication) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const timeUs = this.#observerTimeUs(sentUs + i * this.#random.between(5, 200));
      const late = this.#random.chance(observer.disorder) ? this.#random.between(0, 3_000) : 0;
      this.#queue.schedule(sentUs + late, () => this.observed.push({ message, sentUs, timeUs }));
    }
    return 'seen';
  }
}
