import type { WatchEvent } from '../../src/analyzer/event.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { Watch } from '../../src/watch/watch.ts';
import { type FrameOptions, frame } from '../support/build.ts';
import { Random } from '../support/simulate/random.ts';

/** What a flood consists of: the frame that is sent over and over, and the bytes that are drawn anew each time. */
export interface Flood {
  readonly frame: FrameOptions;
  /** Offsets in the frame whose bytes are random. */
  readonly random: readonly number[];
  /** Of the nodes; default 10.0.0.1 and 10.0.0.2 by multicast. */
  readonly nodes?: (from: 1 | 2) => FrameOptions;
  /** The nodes begin after so many seconds of flood; default 0. */
  readonly nodesFromS?: number;
}

export interface Flooded {
  readonly watch: Watch;
  readonly events: readonly WatchEvent[];
}

const SECOND = 1_000_000;
const START_US = 1_700_000_000 * SECOND;

/** Offsets in an untagged IPv4 frame of `frame`. */
export const AT = { mac: 6, source: 26, destination: 30, vrid: 35, priority: 36, address: 42 } as const;

/** The same for IPv6. */
export const AT6 = { source: 22, destination: 38, vrid: 55 } as const;

/**
 * `count` adverts of a flood spread over a minute, and among them a cluster of two, one of which turns deaf after 20 s.
 */
export function flooded(flood: Flood, count: number): Flooded {
  const events: WatchEvent[] = [];
  const watch = new Watch({
    capture: 'flood',
    interfaceName: () => null,
    laneHistory: 'recent',
    expectations: [],
    onEvent: (event) => events.push(event),
  });
  const random = new Random(1);
  const forged = frame(flood.frame);
  const show = (bytes: Uint8Array, timeUs: number): void =>
    watch.frame(bytes, 0, bytes.length, bytes.length, timeUs, 0, LINK_TYPE.ethernet);
  const nodes = flood.nodes ?? ((from) => ({ from: `10.0.0.${from}`, addresses: ['10.0.0.100'] }));
  const master = frame({ priority: 150, vrid: 51, ...nodes(1) });
  const deaf = frame({ priority: 100, vrid: 51, ...nodes(2) });

  const perSecond = count / 60;
  for (let second = 0; second < 60; second++) {
    const atUs = START_US + second * SECOND;
    if (second >= (flood.nodesFromS ?? 0)) show(master, atUs);
    for (let i = 0; i < perSecond; i++) {
      for (const offset of flood.random) forged[offset] = random.between(0, 255);
      show(forged, atUs + Math.floor(((i + 1) * SECOND) / (perSecond + 2)));
      if (second >= 20 && i === Math.floor(perSecond / 2)) show(deaf, atUs + SECOND / 2);
    }
  }
  return { watch, events };
}
