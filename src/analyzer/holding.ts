import { formatMac, isVirtualMac } from '../decoder/address.ts';
import { CLAIM } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import { nameOf } from './compatibility.ts';
import { heldCause, muteCause, unheardCause } from './held-cause.ts';
import { Intruder } from './intruder.ts';
import { LoneAnnouncement } from './lone-announcement.ts';
import { announceRemedy } from './remedies.ts';
import type { Cause, Evidence } from './report.ts';
import { SplitBrain } from './split-brain.ts';
import { freshUs } from './timers.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Replies to one asker within this time answer the same request: it asks again after a second at the earliest. */
const SAME_REQUEST_US = 100_000;

/** A node that yields may answer on for some time: a starved one needed 120 ms to take its addresses off. */
const YIELDING_US = 1_000_000;

/** Claims are compared over this time; with `garp_master_refresh 60` it holds several of each node. */
const MEMORY_US = 300_000_000;

/** A node that held the address beside the master and has not claimed it for this long has let go. */
const RELEASED_US = 60_000_000;

/** Requests that it has left to others, one after the other, and did not hear of by chance. */
const LEFT_REQUESTS = 3;

/** keepalived repeats its gratuitous ARP five seconds after becoming master (`garp_master_delay`). */
const GARP_REPEAT_US = 6_000_000;

/** Claims remembered for one address: two holders and room for what comes in between. */
const CLAIMS = 6;

/** Intruders remembered for one address; of ever new forged ones the oldest go. */
const INTRUDERS = 4;

interface Claim {
  readonly mac: number;
  readonly atUs: number;
  /** One of `CLAIM`. */
  readonly kind: number;
  /** Who gets the reply, as a number; -1 where that is not known. */
  readonly asker: number;
}

/** Somebody asked everybody for an address that the one beside the master has held. */
interface Request {
  readonly atUs: number;
  /** Another one has answered it. */
  isAnswered: boolean;
}

/** What is known of the one beside the master. */
interface Standing {
  /** The advertiser that it is, null when it was never heard. */
  stranger: Advertiser | null;
  /** It is the rightful one. */
  isMute: boolean;
}

/** A split brain that goes on, and who holds the address beside the master. */
interface Open extends Standing {
  readonly splitBrain: SplitBrain;
  readonly intruder: Intruder;
  readonly master: Advertiser;
  /** When it was proven. */
  sinceUs: number;
  /** Its last claim. */
  lastUs: number;
  /** When another node answered a request that it did not answer since then. */
  outspokenUs: number | null;
  /** Which address it has told whom last, in answer to a request. */
  answered: { readonly address: string; readonly asker: number } | null;
  /** The last request for it by the same host. */
  request: Request | null;
  /** Requests that others alone have answered since it last answered one. */
  requestsLeft: number;
}

/**
 * Who answers for the addresses of a virtual router, by ARP and neighbour advertisements.
 *
 * A hardware address that goes on to claim an address beside a master which goes on to advertise, or that answers the same
 * request as that master, proves that two nodes hold it, even when only one of them is heard: a killed keepalived leaves the
 * address behind, and what a master sends may get lost where its ARP does not.
 */
export class Holding {
  readonly #router: VirtualRouter;
  readonly #claims = new Map<string, Claim[]>();
  readonly #intruders = new Map<string, Intruder[]>();
  #open: Open | null = null;
  #staleChecked = true;
  #announced: LoneAnnouncement | null = null;

  constructor(router: VirtualRouter) {
    this.#router = router;
  }

  /** Who keeps the addresses by its rank while its ARP alone is heard; null when that is the master. */
  get rightful(): Advertiser | null {
    if (this.#open === null) return null;
    const { stranger, isMute } = this.#standingOf(this.#open);
    return isMute ? stranger : null;
  }

  /** Takes a claim of `address`, one of the virtual router's. */
  claim(address: string, mac: number, kind: number, asker: number, atUs: number): void {
    const router = this.#router;
    const claim = { mac, atUs, kind, asker };
    const claims = this.#claims.get(address) ?? [];
    this.#claims.set(address, claims);
    this.#staleChecked = false;
    if (!this.#areTwoHosts(mac, this.#router.master?.mac ?? -1)) this.#router.findings.remove('stale-arp');
    this.#noteHolder(address, claim);
    const rival = claims.findLast((earlier) => this.#areTwoHosts(earlier.mac, mac));
    const intruder = this.#intruder(address, claim, rival);
    if (rival !== undefined && router.conflict?.isProven) {
      const isInTurn = claims.some((earlier) => earlier.mac === mac && earlier.atUs < rival.atUs);
      if (isInTurn && atUs - rival.atUs <= MEMORY_US) router.conflict.evidence.add('arp');
    } else if (this.#open === null && router.history.openSplitBrain === null) {
      const isProven = intruder !== null && this.#proves(intruder, rival, claim);
      if (isProven) this.#prove(address, intruder, [...claims, claim], atUs);
      else if (intruder?.mac === mac && kind === CLAIM.gratuitous) this.#noteAnnouncement(address, intruder, atUs);
    }
    claims.push(claim);
    if (claims.length > CLAIMS) claims.shift();
    this.#correct(atUs);
  }

  /** Takes a request to everybody for `address`, one of the virtual router's. */
  ask(address: string, asker: number, atUs: number): void {
    const open = this.#open;
    // What it answers to others, this place may not get to see.
    if (open === null || open.answered?.address !== address || open.answered.asker !== asker) return;
    this.#judgeRequest(open, atUs);
    // Who is paused for a moment hears nothing of many requests.
    if (open.request === null || atUs - open.request.atUs >= YIELDING_US) open.request = { atUs, isAnswered: false };
  }

  /** Judges what needs a look some time later: a node that let go, a last word that was the wrong one's. */
  settle(atUs: number): void {
    if (this.#open === null && this.#staleChecked && this.#announced === null) return;
    if (this.#open !== null) {
      const { splitBrain, lastUs } = this.#open;
      this.#judgeRequest(this.#open, atUs);
      const endUs = this.#endOf(this.#open, atUs);
      if (endUs !== null) {
        this.#open = null;
        this.#router.alarm.end(splitBrain, endUs, atUs, endUs === lastUs);
      }
      this.#correct(atUs);
    }
    if (!this.#staleChecked) this.#checkStale(atUs, GARP_REPEAT_US);
    // Whose word was the last comes first: it tells of the same, and how to repair it.
    if (this.#staleChecked && this.#announced?.judge(this.#router)) this.#announced = null;
  }

  /** Judges what only the end of the capture decides: a new master would have announced the addresses once more. */
  finish(atUs: number): void {
    const { master } = this.#router;
    if (master !== null && atUs - master.turnStartUs >= GARP_REPEAT_US) this.#checkStale(atUs, YIELDING_US);
    this.#announced?.judge(this.#router);
  }

  /** Tells who has to yield once that is the other one, or whose hardware address it is. */
  #correct(atUs: number): void {
    const open = this.#open;
    if (open === null) return;
    const { splitBrain } = open;
    const { stranger, isMute } = this.#standingOf(open);
    if (isMute !== open.isMute || stranger !== open.stranger) {
      open.isMute = isMute;
      open.stranger = stranger;
      splitBrain.clarify();
    }
    this.#router.alarm.correct(splitBrain, atUs);
  }

  /** When the one beside the master let go, null while it may hold the address. */
  #endOf(open: Open, atUs: number): number | null {
    const { conflict, master } = this.#router;
    const { intruder, lastUs, sinceUs, outspokenUs } = open;
    const { mac } = intruder;
    if (master === null || conflict?.isProven === true) return lastUs;
    // It holds the address by right from then on. Whether it let go before, only somebody who asked could tell.
    if (master.mac === mac) return outspokenUs === null ? Math.max(lastUs, this.#settledSinceUs()) : lastUs;
    // Heard again, it would go on to advertise if it held the address still.
    const spokeUs = this.#advertiserOf(mac)?.lastUs ?? Number.NEGATIVE_INFINITY;
    if (spokeUs > sinceUs && atUs - spokeUs > freshUs(master.paceUs) && lastUs < spokeUs + master.paceUs)
      return spokeUs;
    return hasReleased(open, atUs) ? lastUs : null;
  }

  /** Reports `stale-arp` when the last claim of an address came from a node that is no longer master. */
  #checkStale(atUs: number, patienceUs: number): void {
    const router = this.#router;
    const { master, segment } = router;
    if (master === null || router.state !== 'ok' || atUs - this.#settledSinceUs() < patienceUs) return;
    this.#staleChecked = true;
    const held = new Set(master.addresses);
    for (const [address, claims] of this.#claims) {
      const last = claims.at(-1);
      if (!held.has(address) || last === undefined || !this.#areTwoHosts(last.mac, master.mac)) continue;
      // While both are master, whose word was the last is chance, and they are told of; it counts once one of them is gone.
      if (segment.isOfOtherVrid(router, last.mac)) {
        this.#staleChecked = false;
        continue;
      }
      const own = router.advertisers.find((advertiser) => advertiser.mac === last.mac);
      const holder = own ?? segment.advertiserOfOtherVrid(router, last.mac);
      if (holder === undefined ? isReply(last) : holder.source === master.source || last.atUs < holder.firstUs)
        continue;
      const mac = formatMac(last.mac);
      const who =
        holder === undefined
          ? `${mac}, which was never heard to advertise and may be master beyond a broken path`
          : `${holder.source} (${mac}), which is not master`;
      const { command } = announceRemedy(master.source, address, router.family);
      router.findings.add(
        'stale-arp',
        'warning',
        atUs,
        `the last to announce ${address} was ${who}: neighbours and switches may still send there; vrrp_garp_master_refresh 60 in keepalived.conf prevents it, and this repairs it on ${master.source}: \`${command}\``,
      );
    }
  }

  /** Call when nobody is heard: who announces the addresses then may not be heard either. */
  fallSilent(atUs: number): void {
    this.settle(atUs);
    this.#claims.clear();
    this.#intruders.clear();
    this.#staleChecked = true;
    this.#announced = null;
  }

  shift(byUs: number): void {
    for (const [address, claims] of this.#claims) {
      this.#claims.set(
        address,
        claims.map((claim) => ({ ...claim, atUs: claim.atUs + byUs })),
      );
    }
    this.#intruders.clear();
    this.#announced = this.#announced?.shift(byUs) ?? null;
    if (this.#open !== null) {
      this.#open.sinceUs += byUs;
      this.#open.lastUs += byUs;
      this.#open.outspokenUs = null;
      this.#open.request = null;
    }
  }

  /** When the present master's turn began; before that, claims of others are in order. */
  #settledSinceUs(): number {
    const router = this.#router;
    return Math.max(router.stateSinceUs, router.movedUs, router.master?.turnStartUs ?? 0);
  }

  /** Whom nobody asks has no reason to answer: only an answer of another that it leaves alone tells. */
  #noteHolder(address: string, claim: Claim): void {
    const { mac, atUs, asker } = claim;
    const open = this.#open;
    if (open === null) return;
    if (mac === open.intruder.mac) {
      // As master it claims by right.
      if (mac === this.#router.master?.mac) return;
      open.lastUs = atUs;
      open.outspokenUs = null;
      open.request = null;
      open.requestsLeft = 0;
      if (isReply(claim)) open.answered = { address, asker };
      return;
    }
    const { answered, request } = open;
    const isAnswer = isReply(claim) && asker === answered?.asker && address === answered.address;
    if (isAnswer && request !== null && atUs - request.atUs <= SAME_REQUEST_US) request.isAnswered = true;
    if (isReply(claim) && atUs - open.lastUs > SAME_REQUEST_US) open.outspokenUs ??= atUs;
  }

  /** Counts a request once it is clear that the one beside the master leaves it to others. */
  #judgeRequest(open: Open, atUs: number): void {
    if (open.request === null || atUs - open.request.atUs <= SAME_REQUEST_US) return;
    if (open.request.isAnswered) open.requestsLeft++;
    open.request.isAnswered = false;
  }

  /** Notes a claim beside the master. @returns who is beside it as far as this claim tells, null when nobody is */
  #intruder(address: string, { mac, atUs, kind }: Claim, rival: Claim | undefined): Intruder | null {
    const { master, segment } = this.#router;
    if (master === null) return null;
    const intruders = this.#intruders.get(address) ?? [];
    if (!this.#areTwoHosts(mac, master.mac)) {
      // Where the master advertises from the virtual hardware address, either of two may be its own.
      const isEither = rival !== undefined && !this.#areTwoHosts(rival.mac, master.mac);
      return isEither ? new Intruder(mac, rival.atUs) : (intruders.at(-1) ?? null);
    }
    // Of two virtual routers with one address, both masters claim it; that is told as what it is.
    if (segment.isOfOtherVrid(this.#router, mac)) return null;
    this.#intruders.set(address, intruders);
    const at = intruders.findIndex((each) => each.mac === mac);
    let intruder = intruders[at];
    if (at >= 0) intruders.splice(at, 1);
    if (intruder === undefined || this.#beginsAnew(intruder, atUs)) intruder = new Intruder(mac, atUs);
    intruder.claim(kind, master, atUs);
    intruders.push(intruder);
    if (intruders.length > INTRUDERS) intruders.shift();
    return intruder;
  }

  /** Keeps the first of several, until it is judged. */
  #noteAnnouncement(address: string, { mac, sinceUs }: Intruder, atUs: number): void {
    const { master } = this.#router;
    if (master === null || this.#announced !== null || sinceUs < this.#provingSinceUs(mac)) return;
    this.#announced = new LoneAnnouncement(address, mac, master, atUs);
  }

  /** True when what it claimed before is no proof: the master was another one, or it was heard to advertise since. */
  #beginsAnew({ mac, sinceUs, lastUs }: Intruder, atUs: number): boolean {
    if (this.#open?.intruder.mac === mac) return false;
    const spokeUs = this.#advertiserOf(mac)?.lastClaimUs ?? Number.NEGATIVE_INFINITY;
    return sinceUs < this.#provingSinceUs(mac) || spokeUs > sinceUs || atUs - lastUs > MEMORY_US;
  }

  #proves(intruder: Intruder, rival: Claim | undefined, claim: Claim): boolean {
    const { master } = this.#router;
    if (master === null || intruder.sinceUs < this.#provingSinceUs(intruder.mac)) return false;
    if (intruder.hasStayed(master)) return !this.#mayTurnOutRightful(intruder, claim.atUs);
    const isSameRequest = rival !== undefined && isReply(rival) && isReply(claim) && rival.asker === claim.asker;
    const areTheTwo = [rival?.mac, claim.mac].includes(intruder.mac);
    if (!isSameRequest || !areTheTwo || claim.atUs - rival.atUs > SAME_REQUEST_US) return false;
    return rival.atUs >= this.#provingSinceUs(intruder.mac) && !intruder.isArriving(master);
  }

  /** True while it is not known which of the two has to yield, and about to be. */
  #mayTurnOutRightful(intruder: Intruder, atUs: number): boolean {
    const { master } = this.#router;
    if (master === null || !intruder.isBeingJudged(master, atUs)) return false;
    const stranger = this.#advertiserOf(intruder.mac);
    return stranger === null || stranger.outranks(master);
  }

  /** Around a handover, and while a second claimant learns that it must yield, both may claim for a moment. */
  #provingSinceUs(mac: number): number {
    const { conflict, master } = this.#router;
    const settledUs = conflict?.runStartUs ?? this.#settledSinceUs();
    return settledUs + (this.#mustYield(mac) ? Math.max(master?.paceUs ?? 0, YIELDING_US) : 0);
  }

  /** A node of higher rank than the master has nothing to yield to: it is thought dead, or would be master. */
  #mustYield(mac: number): boolean {
    const { conflict, master } = this.#router;
    const other = this.#advertiserOf(mac);
    return conflict !== null || other === null || master === null || !other.outranks(master);
  }

  /** Who advertised with that hardware address beside the master. */
  #advertiserOf(mac: number, master: Advertiser | null = this.#router.master): Advertiser | null {
    return this.#router.advertisers.find((each) => each.mac === mac && each !== master) ?? null;
  }

  #areTwoHosts(a: number, b: number): boolean {
    if (a === b || a < 0 || b < 0) return false;
    const { master, advertisers } = this.#router;
    // The virtual router's own hardware address goes with whoever is master, and with it that of the other family.
    if (isVirtualMac(a) && isVirtualMac(b)) return false;
    if (isVirtualMac(a) || isVirtualMac(b)) {
      const real = isVirtualMac(a) ? b : a;
      return advertisers.some((advertiser) => advertiser.mac === real && advertiser.source !== master?.source);
    }
    return !advertisers.some((advertiser) => {
      const macs = [advertiser.mac, ...advertiser.otherMacs];
      return macs.includes(a) && macs.includes(b);
    });
  }

  #prove(address: string, intruder: Intruder, claims: readonly Claim[], atUs: number): void {
    const router = this.#router;
    const { master } = router;
    if (master === null) return;
    const { mac, sinceUs } = intruder;
    const former = this.#formerOf(mac, atUs);
    const before = former?.describe();
    const splitBrain = new SplitBrain(() => {
      const { stranger, isMute } = this.#standingOf({ intruder, master });
      const name = stranger === null ? (formatMac(mac) ?? '') : nameOf(stranger, master);
      const causeOf = isMute ? muteCause : intruder.hasAnnounced ? unheardCause : heldCause;
      const cause = causeOf(master, name, stranger, address);
      const [winner, deaf] = isMute ? [name, master.source] : [master.source, name];
      return {
        startUs: before?.startUs ?? sinceUs,
        confirmedUs: before?.confirmedUs ?? atUs,
        claimants: [winner, deaf],
        winner,
        deaf: [deaf],
        evidence: [...new Set<Evidence>([...(before?.evidence ?? []), 'arp'])],
        cause: before === undefined ? cause : causeSince(before.cause, cause),
      };
    });
    const standing = this.#standingOf({ intruder, master });
    const times = { sinceUs: atUs, lastUs: atUs, outspokenUs: null };
    const reply = claims.findLast((claim) => claim.mac === mac && isReply(claim));
    const answered = reply === undefined ? null : { address, asker: reply.asker };
    const requests = { answered, request: null, requestsLeft: 0 };
    this.#open = { splitBrain, intruder, master, ...standing, ...times, ...requests };
    for (const about of ['', formatMac(mac) ?? '']) router.findings.remove('stale-arp', about);
    this.#staleChecked = false;
    router.alarm.raise(splitBrain, atUs, former);
  }

  /** Who the intruder is, and whether it is the rightful one, whose ARP alone is heard. */
  #standingOf({ intruder, master }: Pick<Open, 'intruder' | 'master'>): Standing {
    const stranger = this.#advertiserOf(intruder.mac, master);
    return { stranger, isMute: intruder.outranksMaster && (stranger === null || stranger.outranks(master)) };
  }

  /** The last split brain, where its loser was only thought to have let go: it has said nothing since. */
  #formerOf(mac: number, atUs: number): SplitBrain | null {
    const { history, master } = this.#router;
    const last = history.splitBrains.at(-1);
    const stranger = this.#advertiserOf(mac);
    if (last === undefined || last.endUs === null || master === null || stranger === null) return null;
    if (stranger.resignedUs !== null || stranger.lastUs > last.endUs + master.paceUs) return null;
    const { winner, deaf } = last.describe();
    const areTheSame = winner === nameOf(master, stranger) && deaf.includes(nameOf(stranger, master));
    return areTheSame && atUs >= last.endUs && atUs - last.endUs <= MEMORY_US ? last : null;
  }
}

/** Why it goes on now, and what began it, which may go on as well. */
function causeSince(before: Cause, now: Cause): Cause {
  if (before.summary.startsWith(now.summary)) return before;
  return {
    ...now,
    differs: before.differs,
    summary: `${now.summary}; before that, ${before.summary}`,
    remedies: [...now.remedies, ...before.remedies],
  };
}

function isReply({ kind }: Claim): boolean {
  return kind === CLAIM.reply;
}

function hasReleased({ lastUs, outspokenUs, requestsLeft }: Open, atUs: number): boolean {
  if (requestsLeft >= LEFT_REQUESTS) return true;
  const silentUs = atUs - lastUs;
  if (silentUs > MEMORY_US) return true;
  return silentUs > RELEASED_US && outspokenUs !== null && atUs - outspokenUs > SAME_REQUEST_US;
}
