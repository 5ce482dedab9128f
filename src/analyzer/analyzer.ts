import { formatAddress, formatMac } from '../decoder/address.ts';
import type { AddressClaim, Advertisement } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import type { WatchEvent } from './event.ts';
import { concerns, type Expectation, isExpected, sourcesOf } from './expectation.ts';
import { FindingBook } from './finding-book.ts';
import { KnownAddresses } from './known-addresses.ts';
import type { LaneHistory } from './lane.ts';
import { Newcomers } from './newcomers.ts';
import { Segment, type SegmentHost } from './segment.ts';
import { VirtualRouter } from './virtual-router.ts';

/** Virtual routers kept at once: 255 VRIDs of both families on eight VLANs. Beyond it, the capture is a flood. */
export const MAX_VIRTUAL_ROUTERS = 4096;

/** Broadcast domains kept at once, one per interface and VLAN. */
const MAX_SEGMENTS = 1024;

/** Captures of several queues or interfaces are out of order by microseconds; beyond this the clock was set back. */
export const CLOCK_STEP_US = 1_000_000;

/** LINUX_SLL packet type of a frame that this host sends or forwards. */
const OUTGOING = 4;

export interface AnalyzerOptions {
  /** File or interface, as named by the user. */
  readonly capture: string;
  /** Name of an interface within the capture, null where it has none. */
  readonly interfaceName: (index: number) => string | null;
  readonly laneHistory: LaneHistory;
  readonly expectations: readonly Expectation[];
  /** Null where nobody listens: making events costs more than judging an advertisement. */
  readonly onEvent: ((event: WatchEvent) => void) | null;
}

/**
 * Follows all virtual routers of one capture and says who is master, and when two are.
 *
 * Pure: it has no clock and does no IO. Time is the time of the packets, or that of `tick`; the same input gives the
 * same events.
 */
export class Analyzer implements SegmentHost {
  readonly capture: string;
  readonly laneHistory: LaneHistory;
  readonly expectations: readonly Expectation[];
  readonly routers: VirtualRouter[] = [];
  /** About the capture as a whole. */
  readonly findings: FindingBook;
  /** What `claim` may make something of. */
  readonly knownAddresses = new KnownAddresses();
  /** Advertisements taken, copies included. */
  adverts = 0;
  /** Time of the latest input. */
  nowUs = Number.NEGATIVE_INFINITY;

  readonly interfaceName: (index: number) => string | null;
  readonly #onEvent: ((event: WatchEvent) => void) | null;
  /** There were too many virtual routers once: from then on, one is new when its sender comes back. */
  #isFlooded = false;
  #routersSeen = 0;
  readonly #newcomers = new Newcomers();
  #isLost = false;
  #heardFromUs = Number.NEGATIVE_INFINITY;
  readonly #segments = new Map<number, Segment[]>();
  #segmentCount = 0;
  /** Interfaces and VLANs that turned out to be a segment known before. */
  #twinCount = 0;
  #lastSegment: Segment | null = null;
  #lastInterface = -1;

  constructor(options: AnalyzerOptions) {
    this.capture = options.capture;
    this.laneHistory = options.laneHistory;
    this.expectations = options.expectations;
    this.interfaceName = options.interfaceName;
    this.#onEvent = options.onEvent;
    this.findings = new FindingBook((finding, atUs) =>
      this.announce(() => ({ event: 'finding', atUs, router: null, finding })),
    );
  }

  /** @returns the sender when the same advertisement of it may be handed to `repeat` from now on, else null */
  advertisement(advertisement: Advertisement): Advertiser | null {
    const atUs = this.#advance(advertisement.timeUs);
    this.adverts++;
    const segment = this.#segmentOf(advertisement, atUs);
    if (segment === null) return null;
    const isCrowded = segment.isCrowded(advertisement);
    if (isCrowded && !segment.knowsSender(advertisement)) {
      this.limitReached(
        `too many clusters of other peers share vrid ${advertisement.vrid}; who comes once is left out`,
        atUs,
      );
      // Before it is compared with all of them: of a flood, most senders never come back.
      if (this.sightings(advertisement) < 2) return null;
    }
    let router = segment.routerOf(advertisement);
    if (router === null) {
      this.#isFlooded ||= this.routers.length >= MAX_VIRTUAL_ROUTERS;
      if (this.#isFlooded && !this.#makeRoom(advertisement, atUs)) return null;
      if (isCrowded && !this.#makeRoomInCrowd(segment, advertisement, atUs)) return null;
      router = new VirtualRouter(segment, advertisement, atUs, `${this.capture}/${this.#routersSeen++}`);
      segment.add(router);
      this.routers.push(router);
    }
    return router.advertisement(advertisement, atUs);
  }

  /**
   * Takes an advertisement that says what the last one of `sender` said, all but its IPv4 identification.
   *
   * @returns false when nothing was done, because it is to be judged like any other
   */
  repeat(sender: Advertiser, ipId: number, timeUs: number): boolean {
    if (timeUs < this.nowUs || !sender.router.repeat(sender, ipId, timeUs)) return false;
    this.nowUs = timeUs;
    this.adverts++;
    return true;
  }

  /** Takes an advertisement too broken to say who claims what. `reason` is a safe sentence. */
  malformed(advertisement: Advertisement, reason: string): void {
    const atUs = this.#advance(advertisement.timeUs);
    this.findings.add('malformed-advert', 'warning', atUs, `${sourceOf(advertisement)}: ${reason}`);
  }

  /** Takes a CARP advertisement: same protocol number and group as VRRP, another protocol. */
  carp(advertisement: Advertisement): void {
    const atUs = this.#advance(advertisement.timeUs);
    this.findings.add(
      'not-vrrp',
      'info',
      atUs,
      `${sourceOf(advertisement)} speaks CARP (vhid ${advertisement.vrid}), which shares VRRP's protocol number and group; it is left out`,
    );
  }

  claim(claim: AddressClaim): void {
    const segment = this.#knownSegment(claim.interfaceIndex, claim.vlan);
    // Like any other packet, one about addresses of nobody here does not move the time.
    if (segment?.knows(claim)) segment.claim(claim, this.#advance(claim.timeUs));
    if (claim.askedOffset >= 0) segment?.ask(claim, Math.max(this.nowUs, claim.timeUs));
  }

  /** Lets time pass without a packet, so that silence is noticed while it lasts. */
  tick(atUs: number): void {
    this.nowUs = Math.max(this.nowUs, atUs);
    for (const router of this.routers) router.settle(this.nowUs);
  }

  /** The capture hears nothing until `deaf` tells when that was over: nobody may be called silent. */
  lost(): void {
    this.#isLost = true;
  }

  /** The capture heard nothing until `untilUs`: nobody may be called silent for that time. */
  deaf(untilUs: number): void {
    this.#heardFromUs = this.#isLost ? untilUs : Math.max(this.#heardFromUs, untilUs);
    this.#isLost = false;
  }

  get deafUntilUs(): number {
    return this.#isLost ? Number.POSITIVE_INFINITY : this.#heardFromUs;
  }

  /** Judges what only the end of the capture decides. `atUs` is the time of its last packet. */
  finish(atUs: number): void {
    this.tick(atUs);
    for (const router of this.routers) router.finish(this.nowUs);
  }

  announce(event: () => WatchEvent): void {
    this.#onEvent?.(event());
  }

  limitReached(summary: string, atUs: number): void {
    this.findings.add('tracking-limit', 'warning', atUs, summary);
  }

  sightings(advertisement: Advertisement): number {
    return this.#newcomers.sightings(advertisement);
  }

  checkExpected(router: VirtualRouter, sender: Advertiser, atUs: number): void {
    for (const expectation of this.expectations) {
      if (expectation.sources === null || !concerns(expectation, router)) continue;
      const sources = sourcesOf(expectation, router.family);
      if (sources.includes(sender.source)) continue;
      router.findings.add(
        'unexpected-advertiser',
        'critical',
        atUs,
        `${sender.source} (${formatMac(sender.mac) ?? 'no hardware address'}) advertises vrid ${router.vrid} with priority ${sender.priority} and is not among the expected ${sources.join(', ')}`,
        sender.source,
      );
    }
  }

  isExpected(router: VirtualRouter): boolean {
    return isExpected(this.expectations, router);
  }

  #advance(timeUs: number): number {
    if (timeUs >= this.nowUs) {
      this.nowUs = timeUs;
    } else if (this.nowUs - timeUs > CLOCK_STEP_US) {
      const byUs = timeUs - this.nowUs;
      for (const router of this.routers) router.shift(byUs);
      this.#heardFromUs = Math.min(this.#heardFromUs, timeUs);
      this.nowUs = timeUs;
      this.findings.add(
        'clock-went-back',
        'info',
        timeUs,
        `the time of the packets went back by ${(-byUs / 1_000_000).toFixed(3)} s; timers were carried over`,
      );
    }
    return this.nowUs;
  }

  #knownSegment(interfaceIndex: number, vlan: number): Segment | null {
    if (this.#lastSegment !== null && this.#lastInterface === interfaceIndex && this.#lastSegment.vlan === vlan) {
      return this.#lastSegment;
    }
    return this.#findSegment(interfaceIndex, vlan);
  }

  /** Apart from its caller, which would otherwise make room for a closure per packet. */
  #findSegment(interfaceIndex: number, vlan: number): Segment | null {
    const segment = this.#segments.get(interfaceIndex)?.find((each) => each.vlan === vlan);
    if (segment === undefined) return null;
    this.#lastSegment = segment;
    this.#lastInterface = interfaceIndex;
    return segment;
  }

  #segmentOf(advertisement: Advertisement, atUs: number): Segment | null {
    const { interfaceIndex, vlan } = advertisement;
    const known = this.#knownSegment(interfaceIndex, vlan);
    if (known !== null) return known;
    const twin = this.#twinOf(advertisement, atUs);
    if (twin !== null && this.#twinCount >= MAX_SEGMENTS) return twin;
    if (twin === null && this.#segmentCount >= MAX_SEGMENTS) {
      this.limitReached(
        `more than ${MAX_SEGMENTS} VLANs and interfaces carry advertisements; further ones are not watched`,
        atUs,
      );
      return null;
    }
    const segment = twin ?? new Segment(this, interfaceIndex, vlan);
    const segments = this.#segments.get(interfaceIndex) ?? [];
    this.#segments.set(interfaceIndex, segments);
    segments.push(segment);
    if (twin === null) this.#segmentCount++;
    else this.#twinCount++;
    return segment;
  }

  /**
   * The segment on which a copy of this advertisement was heard just now: `-i any` sees a frame on every port of a
   * bridge and on the bridge itself. IPv6 advertisements of one router are the same bytes on all its VLANs, so there
   * only a forwarded copy counts.
   */
  #twinOf(advertisement: Advertisement, atUs: number): Segment | null {
    if (advertisement.packetType < 0 || (advertisement.family === 6 && advertisement.packetType !== OUTGOING))
      return null;
    for (const segments of this.#segments.values()) {
      for (const segment of segments) {
        if (segment.vlan !== advertisement.vlan) continue;
        if (segment.routerOf(advertisement)?.senders.haveJustSent(advertisement, atUs)) return segment;
      }
    }
    return null;
  }

  /** Forgets one of the clusters that share a VRID: a healthy one that was heard the least. */
  #makeRoomInCrowd(segment: Segment, advertisement: Advertisement, atUs: number): boolean {
    const least = segment.leastHeard(advertisement, atUs);
    if (least === null) return false;
    segment.remove(least);
    this.routers.splice(this.routers.indexOf(least), 1);
    return true;
  }

  /** Forgets the healthy virtual routers heard the least, many at a time, so that a flood costs little per packet. */
  #makeRoom(advertisement: Advertisement, atUs: number): boolean {
    this.limitReached(
      `more than ${MAX_VIRTUAL_ROUTERS} virtual routers are advertised; those heard the least are forgotten`,
      atUs,
    );
    if (this.sightings(advertisement) < 2) return false;
    if (this.routers.length < MAX_VIRTUAL_ROUTERS) return true;
    const idle = this.routers
      .filter((router) => router.history.openSplitBrain === null && router.conflict === null)
      .sort((a, b) => a.presence(atUs) - b.presence(atUs) || a.lastAdvertUs - b.lastAdvertUs)
      .slice(0, MAX_VIRTUAL_ROUTERS / 8);
    const gone = new Set(idle);
    for (const router of idle) router.segment.remove(router);
    const kept = this.routers.filter((router) => !gone.has(router));
    this.routers.length = 0;
    this.routers.push(...kept);
    return kept.length < MAX_VIRTUAL_ROUTERS;
  }
}

function sourceOf({ bytes, sourceOffset, family }: Advertisement): string {
  return formatAddress(bytes, sourceOffset, family);
}
