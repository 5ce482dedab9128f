import { compareBytes, sameBytes, u32 } from '../bytes.ts';
import { formatAddress } from '../decoder/address.ts';
import { type Advertisement, CHECKSUM, DEFECT } from '../decoder/advertisement.ts';
import { AddressSet } from './address-set.ts';
import { AhNumbers } from './ah-numbers.ts';
import type { Conflict } from './conflict.ts';
import { type LaneHistory, LaneRecorder } from './lane.ts';
import { LANE } from './report.ts';
import { graceUs, isAbsent } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Adverts remembered for "was it on the air lately"; spaced by a quarter of the grace, so they reach far behind it. */
const RECENT = 64;

/** Priorities listed for one advertiser; a track script has few, a forger may use them all. */
const MAX_PRIORITIES = 16;

/** unicast_peer lists are short. */
const MAX_PEERS = 16;

/** Network cards of one node that answer for its address; a forger may invent any number. */
const MAX_OTHER_MACS = 8;

const AUTH_LENGTH = 8;

/** A gap may be long because an advertisement was lost; this many in a row are the interval. */
const LONG_GAPS = 3;

/** One lower-ranked advertisement in the face of a master on the air. */
export interface Violation {
  atUs: number;
  against: Advertiser;
  /** `against.adverts` at that time: more later means it spoke in between. */
  winnerAdverts: number;
  /** The winner's next advertisement was not yet due, so its silence from then on is no sign of death. */
  isEarly: boolean;
  /** How often in a row its sender seems to have yielded before it. */
  returns: number;
  /** The winner answered it at once. */
  isAnswered: boolean;
}

/** One sender of a virtual router, by source address and hardware address: what it said last, and when. */
export class Advertiser {
  // What each advertisement of it or of a rival looks at comes first, to lie together in memory.
  /** Last advertisement that was not a resignation. */
  lastClaimUs = Number.NEGATIVE_INFINITY;
  /** The one before it. */
  previousClaimUs = Number.NEGATIVE_INFINITY;
  /** Last one that was not 0; 0 only while nothing else was heard. */
  priority = 0;
  /** The conflict in which it is a claimant. */
  conflict: Conflict | null = null;
  lastUs = 0;
  adverts = 0;
  readonly router: VirtualRouter;
  /** Where `Repeats` keeps its last advertisement, -1 when it does not. */
  rememberedAt = -1;
  /** Holds the addresses as far as the wire tells. */
  claiming = false;
  /** Its latest one, until it resigns or turns out to have been silenced. */
  violation: Violation | null = null;
  /** How often in a row it came back from a pause as one does that rejects what it reads, see `noteReturn`. */
  rejections = 0;
  /** The last conflict in which its advertisements proved that it does not yield. */
  deafIn: Conflict | null = null;
  /** When it resigned, null while it has advertised since. */
  resignedUs: number | null = null;
  version = 0;
  /** As advertised, 0 if the field is 0. */
  intervalUs = 0;
  /** For an interval field of 0: the gaps between its last advertisements, and before them the interval that it had. */
  measuredIntervalUs = 1_000_000;
  /** Gaps in a row far longer than the measured one. */
  #longGaps = 0;
  ipId = -1;
  /** Advertisements between the last two that did not get here, by their IP ids; null where these do not tell. */
  unseenIds: number | null = null;
  /** Its IP id counts its advertisements, as keepalived's does. */
  countsIds = false;
  /** The claimant that silenced it by rejecting it has resigned: it may still be master although it says nothing. */
  isSilenced = false;
  readonly lane: LaneRecorder;
  readonly #recentUs = new Float64Array(RECENT).fill(Number.NEGATIVE_INFINITY);
  #newest = 0;
  /** When it spoke the other version of VRRP last, and when it began to speak this one. */
  #otherVersionUs = Number.NEGATIVE_INFINITY;
  #thisVersionSinceUs = Number.NEGATIVE_INFINITY;
  /** It came back to this version at once, as one does that sends both. */
  #alternates = false;

  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly source: string;
  readonly mac: number;
  readonly family: 4 | 6;
  readonly firstUs: number;

  readonly priorities: number[] = [];
  authType = -1;
  readonly auth = new Uint8Array(AUTH_LENGTH);
  /** False while no advertisement was long enough in the capture to show it. */
  isAuthKnown = false;
  ah = false;
  readonly ahNumbers: AhNumbers;
  hmac = false;
  ttl = 255;
  multicast = true;
  destination: Uint8Array;
  checksumStyle: number = CHECKSUM.unknown;
  defects = 0;
  /** Consecutive advertisements that any receiver would discard. */
  rejectedRun = 0;
  /** Address list as sent. */
  addressList = new Uint8Array(0);
  addressCount = 0;
  /** Advertisements that came before there was room for it. */
  turnedAway = 0;
  /** Start of its present turn as a sender: after a resignation or a silence it begins anew. */
  turnStartUs = 0;
  lastResignedUs = Number.NEGATIVE_INFINITY;
  /** When a higher-ranked advertiser ended its turn: it then falls silent without resigning, as it should. */
  yieldedUs = Number.NEGATIVE_INFINITY;
  /** When a setting was seen to change, so that an older word of another node is not held against it. */
  settingsChangedUs = Number.NEGATIVE_INFINITY;
  /** When it became a claimant of its conflict. */
  claimantSinceUs = Number.NEGATIVE_INFINITY;
  /** Late advertisements since `lateSinceAdverts`. */
  lateAdverts = 0;
  lateSinceAdverts = 0;
  /** Where its unicasts go, one for each of its peers. */
  readonly peers: AddressSet;
  /** Further hardware addresses that answered for its own address: other network cards of the same host. */
  readonly otherMacs: number[] = [];

  /** An IPv4 address as a number, which is faster to compare; 0 for IPv6. */
  readonly #ipv4: number;

  constructor(router: VirtualRouter, advertisement: Advertisement, atUs: number, history: LaneHistory) {
    const length = advertisement.family === 4 ? 4 : 16;
    const { bytes, sourceOffset, destinationOffset, family } = advertisement;
    this.router = router;
    this.address = bytes.slice(sourceOffset, sourceOffset + length);
    this.destination = bytes.slice(destinationOffset, destinationOffset + length);
    this.family = family;
    this.peers = new AddressSet(family, MAX_PEERS);
    this.#ipv4 = family === 4 ? u32(bytes, sourceOffset) : 0;
    this.source = formatAddress(bytes, sourceOffset, family);
    this.mac = advertisement.mac;
    this.firstUs = atUs;
    this.turnStartUs = atUs;
    this.ahNumbers = new AhNumbers(advertisement.ahSequence);
    this.lane = new LaneRecorder(history);
  }

  /** Who would be master over the other: priority, then source address as a number (RFC 9568 §6.4.3). */
  outranks(other: Advertiser): boolean {
    return this.compareRank(other) > 0;
  }

  compareRank(other: Advertiser): number {
    return this.priority - other.priority || compareBytes(this.address, 0, other.address, 0, this.address.length);
  }

  isSource(advertisement: Advertisement): boolean {
    return advertisement.mac === this.mac && this.hasAddressOf(advertisement);
  }

  /** True when the source address is its own, whatever the hardware address is. */
  hasAddressOf({ bytes, sourceOffset }: Advertisement): boolean {
    return this.family === 4
      ? u32(bytes, sourceOffset) === this.#ipv4
      : sameBytes(this.address, 0, bytes, sourceOffset, 16);
  }

  /** Remembers to whom it sends. */
  addPeer({ bytes, destinationOffset, multicast }: Advertisement): void {
    if (!multicast) this.peers.add(bytes, destinationOffset);
  }

  /** True as far as was heard: of unicast, this place may see some of its copies only. */
  sendsTo({ address }: Advertiser): boolean {
    return this.multicast || this.peers.has(address, 0);
  }

  /** Remembers a further network card, or a router that forwards what it says. */
  addOtherMac(mac: number): void {
    if (mac === this.mac || this.otherMacs.length >= MAX_OTHER_MACS || this.otherMacs.includes(mac)) return;
    this.otherMacs.push(mac);
  }

  /** Interval to judge it by: what it advertises, or what it keeps when the field is 0. */
  get paceUs(): number {
    return this.intervalUs || this.measuredIntervalUs;
  }

  /** How much it was heard, to decide who is forgotten first: who has been away for long counts as never heard. */
  presence(atUs: number): number {
    return isAbsent(this.lastUs, atUs) ? 0 : this.turnedAway + this.adverts;
  }

  /** A router may send VRRPv2 and VRRPv3 for one VRID (RFC 9568 §8.4.2); what it stopped to send does not count. */
  sharesVersion(other: Advertiser): boolean {
    return this.version === other.version || this.#speaksBoth || other.#speaksBoth;
  }

  /** A reload changes the version once: after it, the second advertisement in a row tells. */
  get #speaksBoth(): boolean {
    const hasJustChanged = this.lastUs === this.#thisVersionSinceUs;
    return (hasJustChanged || this.#alternates) && this.#hasJustSpokenOther(this.lastUs);
  }

  #hasJustSpokenOther(atUs: number): boolean {
    return atUs - this.#otherVersionUs <= 1.5 * this.paceUs;
  }

  #changeVersion(atUs: number): void {
    this.#alternates = this.#hasJustSpokenOther(atUs);
    this.#otherVersionUs = this.lastUs;
    this.#thisVersionSinceUs = atUs;
  }

  /** True for a further copy of its last advertisement: mirror port, `-i any`, one copy per unicast peer. */
  isCopy(advertisement: Advertisement, atUs: number): boolean {
    const { ipId, version, priority } = advertisement;
    return (
      this.isSentTwice(ipId, atUs) &&
      version === this.version &&
      (priority === 0) === (this.resignedUs !== null) &&
      (priority === 0 || priority === this.priority) &&
      this.#sameList(advertisement)
    );
  }

  /** `isCopy` for one that says what the last one said. */
  isSentTwice(ipId: number, atUs: number): boolean {
    if (ipId !== this.ipId) return false;
    // An id that counts is used once: in joined captures of two hosts the copy comes as late as their clocks differ.
    const mayCount = this.countsIds || (this.adverts === 1 && this.ipId > 0);
    const withinUs = mayCount ? 0.9 * this.paceUs : Math.min(5_000, this.paceUs / 4);
    return atUs - this.lastUs <= withinUs;
  }

  /** Takes over what the advertisement says. True when a setting other than the priority changed. */
  update(advertisement: Advertisement, atUs: number): boolean {
    const { priority } = advertisement;
    const first = this.adverts === 0;
    if (!first && this.version !== advertisement.version) this.#changeVersion(atUs);
    this.ahNumbers.take(advertisement, advertisement.ipId - this.ipId, atUs);
    this.#hear(advertisement.ipId, atUs);
    const changed = !first && this.#differs(advertisement);
    if (changed) this.settingsChangedUs = atUs;
    if (first || changed) this.#takeSettings(advertisement);
    this.rememberedAt = -1;
    this.version = advertisement.version;
    this.defects = advertisement.defects;
    if (advertisement.checksumStyle !== CHECKSUM.unknown) this.checksumStyle = advertisement.checksumStyle;
    this.rejectedRun = isUnacceptable(advertisement) ? this.rejectedRun + 1 : 0;
    if (priority === 0) {
      this.resignedUs ??= atUs;
      this.lastResignedUs = atUs;
      this.rejections = 0;
      this.claiming = false;
      this.lane.mark(atUs, LANE.resigned);
    } else {
      if (
        this.priority !== priority &&
        !this.priorities.includes(priority) &&
        this.priorities.length < MAX_PRIORITIES
      ) {
        this.priorities.push(priority);
      }
      this.priority = priority;
      this.resignedUs = null;
      this.#noteClaim(atUs);
    }
    return changed;
  }

  /** Takes an advertisement that claims what the last one claimed, in the same words. */
  repeat(ipId: number, atUs: number): void {
    this.#hear(ipId, atUs);
    this.#noteClaim(atUs);
  }

  /** Remembers a lower-ranked advertisement in the face of `against`. */
  violate(against: Advertiser, atUs: number, isEarly: boolean, returns: number): void {
    const { violation } = this;
    if (violation === null) {
      this.violation = { atUs, against, winnerAdverts: against.adverts, isEarly, returns, isAnswered: false };
      return;
    }
    violation.atUs = atUs;
    violation.against = against;
    violation.winnerAdverts = against.adverts;
    violation.isEarly = isEarly;
    violation.returns = returns;
    violation.isAnswered = false;
  }

  /**
   * Latest claim not later than `untilUs`, or −∞. Any claim in a window counts, not only the last one: two masters with
   * free-running timers may trail each other by less than the grace for ever.
   */
  claimBefore(untilUs: number): number {
    for (let i = 0; i < RECENT; i++) {
      const atUs = this.#recentUs[(this.#newest - i + RECENT) % RECENT] ?? Number.NEGATIVE_INFINITY;
      if (atUs <= untilUs) return atUs;
    }
    return Number.NEGATIVE_INFINITY;
  }

  /** Earliest remembered claim later than `sinceUs`, null when there is none. */
  claimAfter(sinceUs: number): number | null {
    let earliestUs: number | null = null;
    for (const atUs of this.#recentUs)
      if (atUs > sinceUs && atUs < (earliestUs ?? Number.POSITIVE_INFINITY)) earliestUs = atUs;
    return earliestUs;
  }

  /** Moves every remembered time, after the clock of the capture stepped. */
  shift(byUs: number): void {
    this.lastUs += byUs;
    this.lastClaimUs += byUs;
    this.previousClaimUs += byUs;
    this.claimantSinceUs += byUs;
    this.turnStartUs += byUs;
    this.settingsChangedUs += byUs;
    this.ahNumbers.shift(byUs);
    this.#otherVersionUs += byUs;
    this.#thisVersionSinceUs += byUs;
    this.lastResignedUs += byUs;
    this.yieldedUs += byUs;
    if (this.resignedUs !== null) this.resignedUs += byUs;
    this.violation = null;
    for (let i = 0; i < RECENT; i++) this.#recentUs[i] = (this.#recentUs[i] ?? 0) + byUs;
    this.lane.shift(byUs);
  }

  /** Address list as text. */
  get addresses(): string[] {
    const size = this.family === 4 ? 4 : 16;
    const texts: string[] = [];
    for (let offset = 0; offset < this.addressList.length; offset += size) {
      texts.push(formatAddress(this.addressList, offset, this.family));
    }
    return texts;
  }

  /** Takes over what differs from one advertisement to the next. */
  #hear(ipId: number, atUs: number): void {
    if (this.intervalUs === 0 && this.adverts > 0) this.#measure(atUs - this.lastUs);
    if (ipId > 0 && ipId === this.ipId + 1) this.countsIds = true;
    this.unseenIds = this.countsIds && ipId > this.ipId ? ipId - this.ipId - 1 : null;
    this.ipId = ipId;
    this.adverts++;
    this.isSilenced = false;
    this.lastUs = atUs;
  }

  #measure(gapUs: number): void {
    this.#longGaps = gapUs < 2 * this.measuredIntervalUs ? 0 : this.#longGaps + 1;
    const isUsual = this.#longGaps === 0 && gapUs > graceUs(this.paceUs);
    if (this.adverts === 1) this.measuredIntervalUs = Math.max(gapUs, 10_000);
    else if (isUsual || this.#longGaps >= LONG_GAPS) this.measuredIntervalUs = gapUs;
  }

  #noteClaim(atUs: number): void {
    this.previousClaimUs = this.lastClaimUs;
    this.lastClaimUs = atUs;
    this.#remember(atUs);
    this.lane.mark(atUs, LANE.advert);
  }

  #remember(atUs: number): void {
    // A burst must not push what was said an interval ago out of memory.
    if (atUs - (this.#recentUs[this.#newest] ?? 0) < graceUs(this.paceUs) / 4) return;
    this.#newest = (this.#newest + 1) % RECENT;
    this.#recentUs[this.#newest] = atUs;
  }

  #differs(advertisement: Advertisement): boolean {
    const { bytes } = advertisement;
    return (
      advertisement.intervalUs !== this.intervalUs ||
      advertisement.authType !== this.authType ||
      advertisement.ah !== this.ah ||
      advertisement.ttl !== this.ttl ||
      advertisement.multicast !== this.multicast ||
      !this.#sameGroup(advertisement) ||
      !this.#sameStyle(advertisement) ||
      advertisement.hmacOffset >= 0 !== this.hmac ||
      !this.#sameList(advertisement) ||
      (advertisement.authOffset >= 0 && !sameBytes(this.auth, 0, bytes, advertisement.authOffset, AUTH_LENGTH))
    );
  }

  /** Of unicast, each peer gets a copy of its own. */
  #sameGroup({ bytes, destinationOffset, multicast }: Advertisement): boolean {
    return !multicast || sameBytes(this.destination, 0, bytes, destinationOffset, this.destination.length);
  }

  /** A wrong checksum may be a transmission error, and one that the capture cut off says nothing. */
  #sameStyle({ checksumStyle }: Advertisement): boolean {
    const areKnown = checksumStyle > CHECKSUM.bad && this.checksumStyle > CHECKSUM.bad;
    return !areKnown || checksumStyle === this.checksumStyle;
  }

  #sameList({ bytes, addressesOffset, addressesPresent, addressCount, family, defects }: Advertisement): boolean {
    // A list cut by the capture says nothing new.
    if (defects & DEFECT.cut) return true;
    const length = addressesPresent * (family === 4 ? 4 : 16);
    return (
      addressCount === this.addressCount &&
      length === this.addressList.length &&
      sameBytes(this.addressList, 0, bytes, addressesOffset, length)
    );
  }

  #takeSettings(advertisement: Advertisement): void {
    const { bytes, authOffset, addressesOffset, addressesPresent, destinationOffset } = advertisement;
    this.measuredIntervalUs = this.paceUs;
    this.intervalUs = advertisement.intervalUs;
    this.authType = advertisement.authType;
    this.ah = advertisement.ah;
    this.ttl = advertisement.ttl;
    this.multicast = advertisement.multicast;
    this.hmac = advertisement.hmacOffset >= 0;
    this.destination = bytes.slice(destinationOffset, destinationOffset + this.address.length);
    this.isAuthKnown ||= authOffset >= 0;
    if (authOffset >= 0) this.auth.set(bytes.subarray(authOffset, authOffset + AUTH_LENGTH));
    if (!(advertisement.defects & DEFECT.cut) || this.addressList.length === 0) {
      this.addressCount = advertisement.addressCount;
      this.addressList = bytes.slice(addressesOffset, addressesOffset + addressesPresent * this.address.length);
    }
  }
}

/** Every receiver discards it, whatever its own settings (RFC 9568 §7.1, keepalived `vrrp_check_packet`). */
function isUnacceptable(advertisement: Advertisement): boolean {
  return (
    advertisement.checksumStyle === CHECKSUM.bad ||
    (advertisement.multicast && (advertisement.defects & DEFECT.ttl) !== 0) ||
    (advertisement.defects & (DEFECT.length | DEFECT.noAuthData)) !== 0
  );
}
