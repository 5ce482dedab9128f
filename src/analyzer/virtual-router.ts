import { formatMac, formatVlan } from '../decoder/address.ts';
import type { AddressClaim, Advertisement } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import { Alarm } from './alarm.ts';
import { areOfTwoClusters, isOneNode } from './compatibility.ts';
import type { Conflict } from './conflict.ts';
import { conflictDescription } from './conflict-report.ts';
import { Contention } from './contention.ts';
import { reportDefects } from './defects.ts';
import type { RouterIdentity } from './event.ts';
import { FindingBook } from './finding-book.ts';
import { History } from './history.ts';
import { Holding } from './holding.ts';
import { isLate, judgeFlapping, judgeGap } from './regularity.ts';
import type { RouterState } from './report.ts';
import type { Segment } from './segment.ts';
import { Senders } from './senders.ts';
import { SplitBrain } from './split-brain.ts';
import { heirOf, resignedMate, withdrawTakeovers, withdrawTakeoversOfJoined } from './succession.ts';
import { describeTakeover } from './takeover.ts';
import { freshUs, graceUs, isAbsent, silenceUs } from './timers.ts';
import { standsIn } from './yielding.ts';

/** Advertisements that a silenced claimant might have sent. */
const CLAIMANT_PRESENCE = 1;

/** Sooner than this after the last advertisement, one that says the same may be a copy of it. */
const FIRST_REPEAT_INTERVALS = 0.91;

/** One virtual router: who advertises it, who is master, and what went wrong. Driven by packet time alone. */
export class VirtualRouter {
  // What each advertisement of an undisputed master looks at comes first, to lie together in memory.
  readonly segment: Segment;
  /** The legitimate master while several claim it. */
  master: Advertiser | null = null;
  state: RouterState = 'ok';
  /** Advertisements heard, copies not counted. */
  adverts = 0;
  lastAdvertUs = 0;
  readonly senders: Senders;
  readonly #contention: Contention;
  readonly holding: Holding;

  readonly key: string;
  readonly family: 4 | 6;
  readonly vrid: number;
  readonly history = new History();
  readonly findings: FindingBook;
  readonly alarm: Alarm;
  /** Who was master before it resigned or fell silent. */
  lastMaster: Advertiser | null = null;
  stateSinceUs: number;
  /** When the addresses moved last, −∞ if never. */
  movedUs = Number.NEGATIVE_INFINITY;

  #conflictRecord: SplitBrain | null = null;
  /** Nobody advertises it, and its addresses are held under other VRIDs: a mistyped one was repaired, which is no outage. */
  #isGivenUp = false;

  constructor(segment: Segment, advertisement: Advertisement, atUs: number, key: string) {
    this.segment = segment;
    this.key = key;
    this.family = advertisement.family;
    this.vrid = advertisement.vrid;
    this.stateSinceUs = atUs;
    this.findings = new FindingBook((finding, findingUs) =>
      segment.announce(() => ({ event: 'finding', atUs: findingUs, router: this.identity, finding })),
    );
    this.alarm = new Alarm(this);
    this.holding = new Holding(this);
    this.#contention = new Contention({
      contested: (conflict, contestedUs) => this.#onContested(conflict, contestedUs),
      confirmed: (conflict, confirmedUs) => this.#onConfirmed(conflict, confirmedUs),
      // Describing it finds the cause, while the settings are still those that made it.
      clarified: (clarifiedUs) => {
        withdrawTakeoversOfJoined(this.history, this.conflict, clarifiedUs);
        this.#conflictRecord?.clarify();
        this.alarm.correct(this.#conflictRecord, clarifiedUs);
      },
      ended: (conflict, endUs, endedUs) => this.#onEnded(conflict, endUs, endedUs),
    });
    this.senders = new Senders(this, advertisement);
  }

  get identity(): RouterIdentity {
    const { key, segment, family, vrid } = this;
    return {
      key,
      capture: segment.capture,
      interface: segment.interfaceName,
      vlan: formatVlan(segment.vlan),
      family,
      vrid,
      addresses: this.addresses,
    };
  }

  /** Addresses of all who claim it, those of the master first. */
  get addresses(): string[] {
    const speaking = this.advertisers.filter((advertiser) => advertiser.claiming);
    const sources = this.master ? [this.master, ...speaking] : speaking.length > 0 ? speaking : this.advertisers;
    return [...new Set(sources.flatMap((advertiser) => advertiser.addresses))];
  }

  /** All who are known to advertise it. */
  get advertisers(): readonly Advertiser[] {
    return this.senders.all;
  }

  get conflict(): Conflict | null {
    return this.#contention.conflict;
  }

  /** How much it was heard, to decide which one is forgotten first. */
  presence(atUs: number): number {
    return isAbsent(this.lastAdvertUs, atUs) ? 0 : this.adverts;
  }

  /** @returns the sender when the same advertisement of it may be handed to `repeat` from now on, else null */
  advertisement(advertisement: Advertisement, atUs: number): Advertiser | null {
    this.settle(atUs);
    if (!advertisement.multicast && this.senders.isForwarded(advertisement, atUs)) return null;
    const sender = this.senders.senderOf(advertisement, atUs);
    if (sender === null) return null;
    sender.addPeer(advertisement);
    if (sender.adverts > 0 && sender.isCopy(advertisement, atUs)) {
      if (!advertisement.multicast) this.senders.admit(advertisement);
      return null;
    }
    this.adverts++;
    const { priority: lastPriority } = sender;
    const isNew = sender.adverts === 0;
    const settingsChanged = sender.update(advertisement, atUs);
    if (lastPriority !== sender.priority) this.conflict?.rankChanged();
    if (settingsChanged) {
      this.conflict?.paceChanged();
      // Who rejected it may accept it now.
      for (const advertiser of this.advertisers) advertiser.rejections = 0;
    }
    if (isNew) this.#introduce(sender, atUs);
    if (isNew || settingsChanged) {
      this.segment.shareAddresses(this, sender);
      this.senders.admit(advertisement);
    }
    reportDefects(this.findings, sender, advertisement, atUs);
    if (advertisement.priority === 0) {
      this.#resign(sender, atUs);
    } else {
      const hasChanged = !isNew && lastPriority !== 0 && lastPriority !== sender.priority;
      if (hasChanged) this.#changePriority(sender, lastPriority, atUs);
      this.#claim(sender, atUs);
    }
    this.lastAdvertUs = atUs;
    this.segment.checkShared(this, atUs);
    const isPlain = advertisement.defects === 0 && advertisement.priority > 0;
    return isPlain && this.segment.isFirst(this) ? sender : null;
  }

  /**
   * Takes an advertisement that says what its sender's last one said. False when nothing was done, because it has to be
   * taken apart.
   */
  repeat(sender: Advertiser, ipId: number, atUs: number): boolean {
    if (this.#goesOnAlone(sender, atUs)) {
      this.holding.settle(atUs);
      sender.repeat(ipId, atUs);
    } else {
      this.settle(atUs);
      // One copy per unicast peer: it may name a further one.
      if (sender.isSentTwice(ipId, atUs)) return sender.multicast;
      sender.repeat(ipId, atUs);
      this.#claim(sender, atUs);
    }
    this.adverts++;
    this.senders.last = sender;
    this.lastAdvertUs = atUs;
    this.segment.checkShared(this, atUs);
    return true;
  }

  /** True when the undisputed master advertises in its rhythm: that leaves nothing to judge. */
  #goesOnAlone(sender: Advertiser, atUs: number): boolean {
    const gapUs = atUs - sender.lastUs;
    if (sender !== this.master || !this.#contention.isUnrivalled(sender)) return false;
    return gapUs >= FIRST_REPEAT_INTERVALS * sender.intervalUs && !isLate(gapUs, sender.intervalUs);
  }

  /** Lets time pass: silence, ends of conflicts, and what is to be judged some time after it happened. */
  settle(atUs: number): void {
    // First: of a silence of all, who spoke last has not made the others yield.
    this.#settleSilence(atUs);
    if (this.#contention.isDue(atUs)) this.#contention.settle(atUs, this.segment.deafUntilUs);
    this.holding.settle(atUs);
    this.alarm.correct(this.#conflictRecord, atUs);
  }

  #settleSilence(atUs: number): void {
    const speaker = this.master ?? this.lastMaster ?? this.senders.last;
    if (this.state === 'silent' || this.#isGivenUp || speaker === null) return;
    const heardUs = Math.max(this.lastAdvertUs, this.segment.deafUntilUs);
    const deadlineUs = heardUs + silenceUs(speaker.version, speaker.paceUs);
    if (atUs > deadlineUs) this.#fallSilent(deadlineUs);
  }

  /** Takes an ARP packet or neighbour advertisement about one of its addresses. */
  claimAddress(address: string, { mac, kind, asker }: AddressClaim, atUs: number): void {
    this.settle(atUs);
    this.holding.claim(address, mac, kind, asker, atUs);
  }

  /** Judges what only the end of the capture decides. */
  finish(atUs: number): void {
    this.#contention.finish();
    this.holding.finish(atUs);
  }

  /** Moves all remembered times, after the clock of the capture stepped back. */
  shift(byUs: number): void {
    for (const advertiser of this.advertisers) advertiser.shift(byUs);
    this.lastAdvertUs += byUs;
    this.stateSinceUs += byUs;
    this.movedUs += byUs;
    this.holding.shift(byUs);
    this.segment.shiftShared(this, byUs);
    this.history.shiftOpen(byUs, this.conflict?.startUs ?? null, this.#conflictRecord);
    this.#contention.shift(byUs);
  }

  /** Draws the present state from the facts; called whenever one of them changed. */
  refreshState(atUs: number): void {
    // Whatever ends meanwhile, nobody is heard.
    if (this.state === 'silent' && this.master === null) return;
    const { conflict } = this;
    let state: RouterState = 'ok';
    if (this.history.openSplitBrain !== null) state = 'split-brain';
    else if (conflict !== null) state = 'contested';
    else if (this.master === null) state = 'handover';
    this.#setState(state, atUs);
  }

  #setState(state: RouterState, atUs: number): void {
    if (state === this.state) return;
    this.state = state;
    this.stateSinceUs = atUs;
  }

  /**
   * How much one of its senders was heard, to decide who is forgotten first: never the master. Whoever has a part in a
   * split brain may have been silenced by it, and counts as heard more often.
   */
  presenceOf(advertiser: Advertiser, atUs: number): number {
    if (advertiser === this.master || advertiser === this.lastMaster) return Number.POSITIVE_INFINITY;
    const isClaimant = this.#contention.isSplit && this.conflict?.has(advertiser) === true;
    return advertiser.presence(atUs) + (isClaimant ? CLAIMANT_PRESENCE : 0);
  }

  /** Forgets one of its senders, to make room for another. */
  forget(advertiser: Advertiser): void {
    this.#contention.remove(advertiser);
    this.segment.forget(advertiser);
  }

  #introduce(sender: Advertiser, atUs: number): void {
    if (this.advertisers.length === 1)
      this.segment.announce(() => ({ event: 'router-seen', atUs, router: this.identity }));
    this.segment.announce(() => ({
      event: 'advertiser-seen',
      atUs,
      router: this.identity,
      source: sender.source,
      mac: formatMac(sender.mac),
      priority: sender.priority,
    }));
    this.segment.checkExpected(this, sender, atUs);
  }

  #changePriority({ source, priority }: Advertiser, from: number, atUs: number): void {
    this.segment.announce(() => ({
      event: 'priority-changed',
      atUs,
      router: this.identity,
      source,
      from,
      to: priority,
    }));
  }

  #resign(sender: Advertiser, atUs: number): void {
    this.#contention.resign(sender, atUs);
    if (sender === this.master) {
      this.lastMaster = sender;
      this.master = null;
    }
    if (this.master === null) this.refreshState(atUs);
  }

  #claim(sender: Advertiser, atUs: number): void {
    const { master } = this;
    const forbidden = this.#contention.claim(sender, atUs);
    this.#isGivenUp = false;
    const wasSilent = this.state === 'silent';
    judgeGap(this, sender);
    sender.claiming = !standsIn(sender, this.conflict);
    if (this.#contention.isSplit) this.#followMate(sender, atUs);
    if (sender === master) return;
    if (master !== null && isOneNode(sender, master)) {
      if (sender.outranks(master)) this.master = sender;
      return;
    }
    if (master === null) {
      this.#succeed(sender, atUs);
    } else if (this.#contention.isSplit && this.conflict?.has(sender)) {
      const { winner } = this.conflict;
      // Whoever outranks them all and is on the air has taken over, and is no claimant yet.
      const isOnAir = atUs - master.lastClaimUs <= freshUs(master.paceUs);
      if (!isOnAir || this.conflict.has(master) || winner.outranks(master)) this.master = winner;
    } else if (sender.outranks(master)) {
      this.#takeOver(master, sender, atUs);
    } else if (!forbidden && atUs - master.lastClaimUs > graceUs(master.paceUs)) {
      this.#takeOver(master, sender, atUs);
    } else if (this.conflict === null) {
      // Crossed on the wire: it will yield to what it reads next. Until then both may have announced the addresses.
      sender.claiming = false;
      sender.yieldedUs = atUs;
      this.movedUs = Math.max(this.movedUs, atUs);
    }
    if (wasSilent || this.master !== master) this.refreshState(atUs);
    // Its old master came back, or another cluster: no takeover tells that the silence is over.
    if (wasSilent && !this.history.takeovers.some((each) => each.atUs === atUs)) {
      this.segment.announce(() => ({ event: 'router-seen', atUs, router: this.identity }));
    }
  }

  /** Enters a takeover within one of two clusters that share the VRID, of which the master of the other knows nothing. */
  #followMate(sender: Advertiser, atUs: number): void {
    const mate = resignedMate(sender, this.advertisers);
    if (mate === null || (this.master === null && this.lastMaster === mate)) return;
    if (!this.history.hasTakeover(mate.source, sender.source, mate.lastResignedUs)) this.#record(mate, sender, atUs);
  }

  #succeed(sender: Advertiser, atUs: number): void {
    const { lastMaster } = this;
    this.master = sender;
    if (lastMaster !== null && lastMaster !== sender) this.#record(lastMaster, sender, atUs);
  }

  #takeOver(from: Advertiser, to: Advertiser, atUs: number): void {
    this.master = to;
    this.lastMaster = from;
    if (!this.conflict?.has(from)) from.claiming = false;
    if (to.outranks(from) || to.source === from.source) from.yieldedUs = atUs;
    // A network card that failed over: the node is the same.
    if (to.source === from.source) return;
    // What looked like a contradiction at first was the start of a takeover.
    const wasContested = this.conflict?.has(from) === true && this.conflict.has(to);
    if (wasContested && this.conflict !== null && to.turnStartUs > from.turnStartUs) {
      this.history.withdrawContention(this.conflict.startUs);
    }
    const sinceUs = wasContested ? Math.max(to.turnStartUs, from.lastClaimUs) : atUs;
    this.#record(from, to, sinceUs);
    this.#contention.yield(from, atUs);
  }

  #record(from: Advertiser, to: Advertiser, atUs: number, isRival = false): void {
    if (areOfTwoClusters(from, to)) return;
    const takeover = describeTakeover(from, to, from.lastClaimUs, atUs, this.segment.deafUntilUs, isRival);
    this.history.addTakeover(takeover);
    this.movedUs = Math.max(this.movedUs, takeover.atUs);
    if (this.state === 'ok') this.stateSinceUs = takeover.atUs;
    this.segment.announce(() => ({ event: 'takeover', atUs, router: this.identity, takeover, priority: to.priority }));
    judgeFlapping(this, from, to, atUs);
  }

  #fallSilent(atUs: number): void {
    this.#contention.silence(this.lastAdvertUs, atUs);
    if (this.master !== null) this.lastMaster = this.master;
    this.master = null;
    for (const advertiser of this.advertisers) advertiser.claiming = false;
    this.holding.fallSilent(atUs);
    this.#isGivenUp = this.segment.isHeldUnderOtherVrids(this, atUs);
    this.#setState(this.#isGivenUp ? 'handover' : 'silent', atUs);
    this.segment.checkShared(this, atUs);
    if (this.#isGivenUp) return;
    this.segment.announce(() => ({
      event: 'silent',
      atUs,
      router: this.identity,
      lastMaster: this.lastMaster?.source ?? null,
      lastAdvertUs: this.lastAdvertUs,
    }));
  }

  /** Call when a master under another VRID has advertised one of its addresses. */
  giveUp(atUs: number): void {
    if (this.state !== 'silent' || !this.segment.isHeldUnderOtherVrids(this, atUs)) return;
    this.#isGivenUp = true;
    this.#setState('handover', atUs);
  }

  #onContested(conflict: Conflict, atUs: number): void {
    const claimants = conflict.claimants.map(({ source }) => source);
    const winner = conflict.winner.source;
    this.segment.announce(() => ({ event: 'contested', atUs, router: this.identity, claimants, winner }));
    this.history.addContention({ atUs, claimants, winner });
    this.refreshState(atUs);
  }

  #onConfirmed(conflict: Conflict, atUs: number): void {
    // What began as a contention is told as the split brain that it was, and so is what looked like a takeover.
    this.history.withdrawContention(conflict.startUs);
    withdrawTakeovers(this.history, conflict, conflict.claimants, atUs);
    this.master = conflict.winner;
    const [first, ...others] = conflict.claimants;
    if (first !== undefined && others.some(({ source }) => source === first.source)) {
      this.findings.add(
        'duplicate-source',
        'warning',
        atUs,
        `${first.source} is used by two hardware addresses at once: ${conflict.claimants.map(({ mac }) => formatMac(mac)).join(' and ')}`,
      );
    }
    this.#conflictRecord = new SplitBrain(conflictDescription(conflict, this.segment));
    this.alarm.raise(this.#conflictRecord, atUs);
  }

  #onEnded(conflict: Conflict, endUs: number, atUs: number): void {
    const { master } = this;
    const heir = heirOf(conflict, master);
    for (const advertiser of this.advertisers) advertiser.claiming = advertiser === heir;
    if (heir !== null) {
      // Whoever won by a rank that it has lost since hands over like any other.
      const isByRank = heir === master && conflict.claimants.includes(heir);
      const from = isByRank ? (conflict.proven?.winner ?? heir) : master;
      this.master = heir;
      if (from !== null && from !== heir) {
        this.lastMaster = from;
        const heardUs = Math.max(heir.claimAfter(endUs) ?? endUs, heir.turnStartUs);
        const sinceUs = conflict.isProven ? heardUs : conflict.startUs;
        this.#record(from, heir, sinceUs, conflict.isProven && conflict.claimants.includes(heir));
      }
    }
    if (!conflict.isProven) {
      this.refreshState(atUs);
      return;
    }
    if (this.#conflictRecord !== null) this.alarm.end(this.#conflictRecord, endUs, atUs);
    this.#conflictRecord = null;
  }
}
