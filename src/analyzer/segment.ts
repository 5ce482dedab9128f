import { u32 } from '../bytes.ts';
import { formatAddress } from '../decoder/address.ts';
import type { AddressClaim, Advertisement } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import type { WatchEvent } from './event.ts';
import type { KnownAddresses } from './known-addresses.ts';
import type { LaneHistory } from './lane.ts';
import { SharedAddress } from './shared-address.ts';
import { freshUs } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Addresses of virtual routers kept for comparison with ARP and among each other; 255 × 2 routers have far fewer. */
const MAX_ADDRESSES = 16_384;

/** Other virtual routers with the same address that one is compared with; a mistyped VRID makes one. */
const MAX_SHARED = 8;

/** Clusters of one VRID and family that unicast peers or groups keep apart; each advertisement is compared with all. */
const MAX_CLUSTERS = 32;

/** What a segment asks of the analyzer that it is part of. */
export interface SegmentHost {
  readonly capture: string;
  readonly laneHistory: LaneHistory;
  readonly knownAddresses: KnownAddresses;
  /** A pcapng file may name an interface only after its first packets. */
  readonly interfaceName: (index: number) => string | null;
  /** Until then the capture heard nothing, so nobody may be called silent for it. */
  readonly deafUntilUs: number;
  /** `event` is made only when somebody listens. */
  announce(event: () => WatchEvent): void;
  limitReached(summary: string, atUs: number): void;
  /** How often the sender of an advertisement that there is no room for was seen, as far as is remembered. */
  sightings(advertisement: Advertisement): number;
  checkExpected(router: VirtualRouter, sender: Advertiser, atUs: number): void;
  isExpected(router: VirtualRouter): boolean;
}

/** One broadcast domain: an interface of a capture and a VLAN in it. VRIDs are unique within it. */
export class Segment {
  readonly vlan: number;
  readonly #interfaceIndex: number;
  /** By `family` and VRID; more than one where unicast peers or groups keep clusters apart. */
  readonly #routers: (VirtualRouter[] | undefined)[] = new Array(512);
  readonly #host: SegmentHost;
  readonly #byAddress = new Map<number | string, VirtualRouter[]>();
  readonly #bySource = new Map<number | string, Advertiser>();
  readonly #shared = new Map<VirtualRouter, SharedAddress[]>();

  constructor(host: SegmentHost, interfaceIndex: number, vlan: number) {
    this.#host = host;
    this.#interfaceIndex = interfaceIndex;
    this.vlan = vlan;
  }

  /** Null where the capture does not name its interfaces. */
  get interfaceName(): string | null {
    return this.#host.interfaceName(this.#interfaceIndex);
  }

  get capture(): string {
    return this.#host.capture;
  }

  get laneHistory(): LaneHistory {
    return this.#host.laneHistory;
  }

  get deafUntilUs(): number {
    return this.#host.deafUntilUs;
  }

  announce(event: () => WatchEvent): void {
    this.#host.announce(event);
  }

  limitReached(summary: string, atUs: number): void {
    this.#host.limitReached(summary, atUs);
  }

  sightings(advertisement: Advertisement): number {
    return this.#host.sightings(advertisement);
  }

  checkExpected(router: VirtualRouter, sender: Advertiser, atUs: number): void {
    this.#host.checkExpected(router, sender, atUs);
  }

  /** The virtual router that an advertisement belongs to, if it is known. */
  routerOf(advertisement: Advertisement): VirtualRouter | null {
    const candidates = this.#routers[slotOf(advertisement.family, advertisement.vrid)];
    if (candidates === undefined) return null;
    for (const router of candidates) if (router.senders.match(advertisement)) return router;
    return null;
  }

  /** True when a further cluster of that VRID would only slow down the others. */
  isCrowded({ family, vrid }: Advertisement): boolean {
    return (this.#routers[slotOf(family, vrid)]?.length ?? 0) >= MAX_CLUSTERS;
  }

  /** True when one of the clusters of that VRID has heard this sender. */
  knowsSender(advertisement: Advertisement): boolean {
    const candidates = this.#routers[slotOf(advertisement.family, advertisement.vrid)];
    return candidates?.some(({ advertisers }) => advertisers.some((each) => each.isSource(advertisement))) === true;
  }

  /** Of the clusters of that VRID the one heard the least, null when all of them are in trouble. */
  leastHeard({ family, vrid }: Advertisement, atUs: number): VirtualRouter | null {
    let least: VirtualRouter | null = null;
    for (const router of this.#routers[slotOf(family, vrid)] ?? []) {
      if (router.history.openSplitBrain !== null || router.conflict !== null) continue;
      if (least === null || router.presence(atUs) < least.presence(atUs)) least = router;
    }
    return least;
  }

  add(router: VirtualRouter): void {
    const slot = slotOf(router.family, router.vrid);
    const candidates = this.#routers[slot] ?? [];
    this.#routers[slot] = candidates;
    candidates.push(router);
  }

  /** True when no other cluster that shares its VRID is asked first whether an advertisement belongs to it. */
  isFirst(router: VirtualRouter): boolean {
    return this.#routers[slotOf(router.family, router.vrid)]?.[0] === router;
  }

  remove(router: VirtualRouter): void {
    const candidates = this.#routers[slotOf(router.family, router.vrid)];
    candidates?.splice(candidates.indexOf(router), 1);
    for (const advertiser of router.advertisers) this.forget(advertiser);
    this.#shared.delete(router);
    for (const [address, routers] of this.#byAddress) {
      const rest = routers.filter((each) => each !== router);
      if (rest.length === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, rest);
    }
  }

  /** Forgets the source address of a sender that is not kept. */
  forget(advertiser: Advertiser): void {
    advertiser.rememberedAt = -1;
    const key = keyOf(advertiser.address, 0, advertiser.family);
    if (this.#bySource.get(key) === advertiser) this.#bySource.delete(key);
  }

  /** VRIDs that nobody on this segment uses for either family, lowest first. */
  get freeVrids(): number[] {
    const free: number[] = [];
    for (let vrid = 1; vrid <= 255; vrid++) {
      if (!this.#routers[slotOf(4, vrid)]?.length && !this.#routers[slotOf(6, vrid)]?.length) free.push(vrid);
    }
    return free;
  }

  /** Enters the addresses of one of a router's advertisers, and finds other routers that announce one of them. */
  shareAddresses(router: VirtualRouter, advertiser: Advertiser): void {
    const { address: source, addressList } = advertiser;
    const size = router.family === 4 ? 4 : 16;
    const { knownAddresses } = this.#host;
    if (router.family === 4) knownAddresses.add(u32(source, 0));
    if (this.#bySource.size < MAX_ADDRESSES) this.#bySource.set(keyOf(source, 0, router.family), advertiser);
    for (let offset = 0; offset < addressList.length; offset += size) {
      const key = keyOf(addressList, offset, router.family);
      if (router.family === 4) knownAddresses.add(u32(addressList, offset));
      const routers = this.#byAddress.get(key);
      if (routers === undefined) {
        if (this.#byAddress.size < MAX_ADDRESSES) this.#byAddress.set(key, [router]);
      } else if (!routers.includes(router) && routers.length <= MAX_SHARED) {
        const address = formatAddress(addressList, offset, router.family);
        for (const other of routers) this.#share(router, other, address, advertiser);
        routers.push(router);
      }
    }
  }

  /** True when an advertiser or a virtual router has the address that is claimed. */
  knows(claim: AddressClaim): boolean {
    const key = keyOf(claim.bytes, claim.addressOffset, claim.family);
    return this.#byAddress.has(key) || this.#bySource.has(key);
  }

  /** Takes an ARP packet or neighbour advertisement: who answers for an address of a virtual router? */
  claim(claim: AddressClaim, atUs: number): void {
    const key = keyOf(claim.bytes, claim.addressOffset, claim.family);
    const routers = this.#byAddress.get(key);
    if (routers !== undefined) {
      const address = formatAddress(claim.bytes, claim.addressOffset, claim.family);
      for (const router of routers) router.claimAddress(address, claim, atUs);
      return;
    }
    this.#bySource.get(key)?.addOtherMac(claim.mac);
  }

  /** Takes an ARP request to everybody. */
  ask({ bytes, askedOffset, asker }: AddressClaim, atUs: number): void {
    const routers = this.#byAddress.get(keyOf(bytes, askedOffset, 4));
    if (routers === undefined) return;
    const address = formatAddress(bytes, askedOffset, 4);
    for (const router of routers) router.holding.ask(address, asker, atUs);
  }

  /** Compares the masters of routers that announce the same address. */
  checkShared(router: VirtualRouter, atUs: number): void {
    if (this.#shared.size === 0) return;
    for (const shared of this.#shared.get(router) ?? []) shared.check(atUs);
  }

  /** Moves what is remembered of the addresses that a router shares, after the clock of the capture stepped. */
  shiftShared(router: VirtualRouter, byUs: number): void {
    for (const shared of this.#shared.get(router) ?? []) shared.shift(router, byUs);
  }

  /** True when that hardware address is of the master of another virtual router with one of this one's addresses. */
  isOfOtherVrid(router: VirtualRouter, mac: number): boolean {
    return (this.#shared.get(router) ?? []).some((shared) => shared.otherThan(router).master?.mac === mac);
  }

  /** Who advertised from that hardware address for another virtual router with one of this one's addresses, if anybody. */
  advertiserOfOtherVrid(router: VirtualRouter, mac: number): Advertiser | undefined {
    const others = (this.#shared.get(router) ?? []).flatMap((shared) => shared.otherThan(router).advertisers);
    return others.find((advertiser) => advertiser.mac === mac);
  }

  /**
   * True when masters of other virtual routers, heard a moment ago, hold every address of this one. One that is expected has
   * to be heard itself.
   */
  isHeldUnderOtherVrids(router: VirtualRouter, atUs: number): boolean {
    if (this.#host.isExpected(router)) return false;
    const masters = (this.#shared.get(router) ?? []).map((shared) => shared.otherThan(router).master);
    const held = new Set(
      masters.flatMap((master) =>
        master !== null && atUs - master.lastClaimUs <= freshUs(master.paceUs) ? master.addresses : [],
      ),
    );
    return held.size > 0 && router.addresses.every((address) => held.has(address));
  }

  #share(a: VirtualRouter, b: VirtualRouter, address: string, sender: Advertiser): void {
    const [ofA, ofB] = [this.#shared.get(a) ?? [], this.#shared.get(b) ?? []];
    if (ofA.length >= MAX_SHARED || ofB.length >= MAX_SHARED || ofA.some((shared) => shared.joins(a, b))) return;
    const shared = new SharedAddress(a, b, address, sender);
    this.#shared.set(a, [...ofA, shared]);
    this.#shared.set(b, [...ofB, shared]);
  }
}

function slotOf(family: 4 | 6, vrid: number): number {
  return (family === 4 ? 0 : 256) + vrid;
}

function keyOf(bytes: Uint8Array, offset: number, family: 4 | 6): number | string {
  return family === 4 ? u32(bytes, offset) : String.fromCharCode(...bytes.subarray(offset, offset + 16));
}
