import { describe } from '../../src/analyzer/describe.ts';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import type { Expectation } from '../../src/analyzer/expectation.ts';
import type { LaneHistory } from '../../src/analyzer/lane.ts';
import type { Report, SplitBrainReport, VirtualRouterReport } from '../../src/analyzer/report.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { Watch } from '../../src/watch/watch.ts';
import { arpReply, type FrameOptions, frame, garp } from './build.ts';
import { macOf } from './wire-bytes.ts';

/* Stories on the wire, told as lists of what was sent when, and what the analyzer makes of them. */

/** Settings of a node: what its advertisements say beside the priority. */
export type Settings = Partial<FrameOptions>;

/** Packet time in seconds since the start of the story. */
type Seconds = number;

/**
 * One thing that happens: an advertisement of a node with a priority (and settings of its own), its gratuitous ARP or
 * ARP reply for the virtual address, any other frame, time that passes without a packet, a capture that
 * is lost, and the time until which it heard nothing.
 */
export type Step =
  | readonly [Seconds, node: string, priority: number, settings?: Settings]
  | readonly [Seconds, node: string, claim: 'garp' | 'reply', mac?: string]
  | readonly [Seconds, frame: Uint8Array]
  | readonly [Seconds, happens: 'tick' | 'lost' | 'deaf'];

export interface Cast {
  /** Of all nodes. */
  readonly all?: Settings;
  /** By name of the node, over those of all. Nodes not named here are 10.0.0.1 for A to 10.0.0.26 for Z. */
  readonly nodes?: Readonly<Record<string, Settings>>;
  readonly expectations?: readonly Expectation[];
  /** Default Ethernet. */
  readonly linkType?: number;
  /** Bytes that the capture keeps of a frame; default all. */
  readonly snapLength?: number;
  /** Number of the interface within the capture, by the index of the step; default 0. */
  readonly interfaceOf?: (step: number) => number;
  /** Default `whole`. */
  readonly laneHistory?: LaneHistory;
  /** True leaves the capture running: nothing is judged by its end. */
  readonly live?: boolean;
  readonly showSecrets?: boolean;
  /** True has every frame taken apart, also one that repeats another. */
  readonly takenApart?: boolean;
}

export interface Played {
  readonly report: Report;
  /** The only virtual router of the story. */
  readonly router: VirtualRouterReport;
  readonly events: readonly WatchEvent[];
  /** What was announced, in order. */
  readonly eventNames: readonly string[];
  /** The only split brain of the story, its times in seconds since the start. */
  readonly split: Told;
  /** Codes of all findings, those of the capture included. */
  readonly findings: readonly string[];
}

/** A split brain with its times in seconds since the start of the story. */
export interface Told extends Omit<SplitBrainReport, 'startUs' | 'confirmedUs' | 'endUs'> {
  readonly startS: number;
  readonly confirmedS: number;
  readonly endS: number | null;
}

/** 2023-11-14T22:13:20Z, the start of every story. */
const START_US = 1_700_000_000_000_000;

export const A = '10.0.0.1';
export const B = '10.0.0.2';
export const C = '10.0.0.3';
export const VIP = '10.0.0.100';

/** Sends the frames of a story through decoder and analyzer. */
export function play(steps: readonly Step[], cast: Cast = {}): Played {
  const events: WatchEvent[] = [];
  const watch = new Watch(
    {
      capture: 'story.pcap',
      interfaceName: (index) => (cast.interfaceOf ? `if${index}` : null),
      laneHistory: cast.laneHistory ?? 'whole',
      expectations: cast.expectations ?? [],
      onEvent: (event) => events.push(event),
    },
    cast.takenApart ? () => undefined : null,
  );
  const ids = new Map<string, number>();
  const linkType = cast.linkType ?? LINK_TYPE.ethernet;
  let lastUs = START_US;
  for (const [i, step] of steps.entries()) {
    lastUs = toUs(step[0]);
    if (step[1] === 'tick') watch.analyzer.tick(lastUs);
    else if (step[1] === 'lost') watch.analyzer.lost();
    else if (step[1] === 'deaf') watch.analyzer.deaf(lastUs);
    else {
      const bytes = frameOf(step, cast, ids);
      const capturedLength = Math.min(bytes.length, cast.snapLength ?? bytes.length);
      watch.frame(bytes, 0, capturedLength, bytes.length, lastUs, cast.interfaceOf?.(i) ?? 0, linkType);
    }
  }
  if (!cast.live) watch.analyzer.finish(lastUs);
  const capture = {
    name: 'story.pcap',
    format: 'pcap',
    linkType: 'ETHERNET',
    packets: steps.length,
    adverts: watch.analyzer.adverts,
    firstUs: START_US,
    lastUs,
    truncated: false,
    dropped: null,
  };
  const report = describe([{ analyzer: watch.analyzer, capture, trouble: null }], {
    showSecrets: cast.showSecrets ?? false,
  });
  return {
    report,
    events,
    eventNames: events.map(({ event }) => event),
    findings: [...report.findings, ...report.virtualRouters.flatMap((router) => router.findings)].map(
      ({ code }) => code,
    ),
    get router() {
      return only(report.virtualRouters);
    },
    get split() {
      return told(only(report.virtualRouters.flatMap(({ splitBrains }) => splitBrains)));
    },
  };
}

/** Advertisements of a node at a steady pace, the last one not after `untilS`. */
export function every(
  [fromS, untilS]: readonly [number, number],
  node: string,
  priority: number,
  stepS = 1,
  settings: Settings = {},
): Step[] {
  const count = Math.floor((untilS - fromS) / stepS + 1e-6) + 1;
  return Array.from({ length: count }, (_, i) => [fromS + i * stepS, node, priority, settings] as const);
}

/** Several courses of events on one wire, by time. */
export function together(...courses: readonly (readonly Step[])[]): Step[] {
  return courses.flat().sort((a, b) => a[0] - b[0]);
}

/** Seconds since the start of the story. */
export function sinceStart(us: number): number {
  return Math.round(us - START_US) / 1e6;
}

export function told({ startUs, confirmedUs, endUs, ...rest }: SplitBrainReport): Told {
  return {
    ...rest,
    startS: sinceStart(startUs),
    confirmedS: sinceStart(confirmedUs),
    endS: endUs === null ? null : sinceStart(endUs),
  };
}

function toUs(seconds: number): number {
  return START_US + Math.round(seconds * 1e6);
}

function frameOf(step: Step, cast: Cast, ids: Map<string, number>): Uint8Array {
  const [, actor, what, more] = step;
  if (typeof actor !== 'string') return actor;
  const settings = { from: `10.0.0.${actor.charCodeAt(0) - 64}`, ...cast.all, ...cast.nodes?.[actor] };
  if (typeof what === 'string') {
    const [address = VIP] = settings.addresses ?? [];
    const mac = typeof more === 'string' ? more : (settings.mac ?? macOf(settings.from));
    const where = settings.vlans === undefined ? {} : { vlans: settings.vlans };
    return what === 'garp' ? garp({ address, mac, ...where }) : arpReply({ address, mac, ...where });
  }
  const id = (ids.get(actor) ?? 0) + 1;
  ids.set(actor, id);
  return frame({ id, ...settings, priority: what ?? 0, ...(typeof more === 'object' ? more : {}) });
}

function only<T>(all: readonly T[]): T {
  const [first] = all;
  if (first === undefined || all.length !== 1) throw new Error(`expected one, found ${all.length}`);
  return first;
}
