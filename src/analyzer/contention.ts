import type { Advertiser } from './advertiser.ts';
import { accepts, differTolerably, excludeEachOther, isOneNode, isSeenToReject, mustDiscard } from './compatibility.ts';
import { Conflict, type Reactions } from './conflict.ts';
import { ReactionWatch } from './reaction.ts';
import { hasNeverAccepted, neverAccepted, noteReturn } from './rejection.ts';
import { LANE } from './report.ts';
import { hasReturned } from './returning.ts';
import { masterBeside } from './silenced.ts';
import { freshUs, graceUs } from './timers.ts';
import {
  hasYielded,
  isFarewell,
  isOutOfTheRace,
  isSilentFor,
  markYielding,
  OVERDUE_INTERVALS,
  obeyedUs,
  putOffYielding,
  standsIn,
  YIELDED_INTERVALS,
} from './yielding.ts';

/** Violations farther apart than this many intervals are separate incidents, each of them healed in between. */
const SUSTAINED_INTERVALS = 3;

/** Later than this after the master's last advertisement, even the hastiest backup (`down_timer_adverts 1`) may speak. */
const DUE_INTERVALS = 1.005;

/** Two incidents of a silenced master within this time are no coincidence. */
const SILENCED_WINDOW_US = 300_000_000;

/** Who yields and comes back early more often than this in a row, loses no advertisements: it hears none. */
const MAX_RETURNS = 10;

/** More claimants than any cluster has members, and how often they are judged then. */
const CROWD = 8;
const CROWD_US = 20_000;

export interface ContentionListener {
  contested(conflict: Conflict, atUs: number): void;
  confirmed(conflict: Conflict, atUs: number): void;
  /** More is known of the cause of a proven one. */
  clarified(atUs: number): void;
  /** Over: proven ones with the time at which the last loser yielded, unproven ones without a trace. */
  ended(conflict: Conflict, endUs: number, atUs: number): void;
}

/**
 * Decides whether two advertisers of one virtual router are master at the same time.
 *
 * A node that accepted an advertisement of higher rank is silent from then on, so an advertisement of lower rank while
 * a higher-ranked master is on the air is a violation. Two of them by the same sender, with the winner heard in
 * between, prove split brain; a single one only contests. Settings that make one side discard what the other sends
 * prove it at once, since keepalived silences whom it rejects: nothing more may ever be seen on the wire.
 */
export class Contention {
  conflict: Conflict | null = null;
  /** Whom a rule may look at: of a healthy cluster the master alone, however many members it has. */
  readonly #racing: Advertiser[] = [];
  /** Longest interval of anybody who raced. */
  #slowestUs = 0;
  readonly #listener: ContentionListener;
  readonly #reactions = new ReactionWatch();
  #silencedUs = Number.NEGATIVE_INFINITY;
  #crowdSettledUs = Number.NEGATIVE_INFINITY;
  /** Who claimed last, if nobody else races and nothing is open that its next claim could decide. */
  #unrivalled: Advertiser | null = null;
  #suspect: { readonly sender: Advertiser; readonly other: Advertiser; readonly atUs: number } | null = null;

  constructor(listener: ContentionListener) {
    this.#listener = listener;
  }

  /** True when time may have decided something. */
  isDue(atUs: number): boolean {
    return this.#suspect !== null || (this.conflict !== null && atUs >= this.conflict.yieldDueUs);
  }

  get isSplit(): boolean {
    return this.conflict?.isProven === true;
  }

  /** True when a claim of the sender that says nothing new would change nothing. */
  isUnrivalled(sender: Advertiser): boolean {
    return this.#unrivalled === sender;
  }

  /**
   * Takes an advertisement with a priority above 0, which its sender remembers as its last claim.
   *
   * @returns true when a master on the air forbids it, so that it is no takeover
   */
  claim(sender: Advertiser, atUs: number): boolean {
    this.#noteReaction(sender, atUs);
    const { conflict } = this;
    if (sender.paceUs > this.#slowestUs) this.#slowestUs = sender.paceUs;
    if (sender.intervalUs === 0) conflict?.paceChanged();
    const top = this.#winnerOver(sender, atUs) ?? this.#race(sender, atUs);
    if (conflict?.winnerSpokeUs === null && conflict.winner === sender) conflict.winnerSpokeUs = atUs;
    const rival = top === sender || isOnAir(top, sender, atUs) ? top : this.#highestOnAir(sender, atUs);
    if (rival === sender) {
      this.#noteSilenced(sender, atUs);
      const isOpen = this.conflict !== null || this.#suspect !== null;
      const isAlone = !isOpen && this.#racing.length === 1 && sender.violation === null;
      this.#unrivalled = isAlone ? sender : null;
      return (
        this.isSplit &&
        (this.conflict?.has(sender) || this.#suspect?.sender === sender || standsIn(sender, this.conflict))
      );
    }
    this.#unrivalled = null;
    return this.#violation(sender, rival, atUs);
  }

  /** The winner, when all who race are claimants of a proven split brain: then there is nothing to compare. */
  #winnerOver(sender: Advertiser, atUs: number): Advertiser | null {
    const { conflict } = this;
    if (conflict === null || sender.conflict !== conflict || !conflict.isWholeRace) return null;
    const { winner } = conflict;
    return winner === sender || isOutOfTheRace(winner, sender, atUs) ? null : winner;
  }

  /** Compares the sender with all who race. @returns the one of highest rank, another one before the sender */
  #race(sender: Advertiser, atUs: number): Advertiser {
    let top = sender;
    let isRacing = false;
    let hasLeavers = false;
    let areProven = true;
    // Every rival is looked at for every advertisement: what is plain from one comparison is not asked for again.
    const lateUs = atUs - YIELDED_INTERVALS * sender.paceUs;
    const isStandIn = standsIn(sender, this.conflict);
    for (const other of this.#racing) {
      const isProven = other.conflict !== null && other.conflict === sender.conflict && this.isSplit;
      areProven &&= isProven;
      if (other === sender) {
        isRacing = true;
      } else if (other.lastClaimUs < lateUs && isOutOfTheRace(other, sender, atUs)) {
        hasLeavers ||= isSilentFor(other, this.#slowestUs, atUs);
      } else {
        const isMismatch = !isProven && !isStandIn && this.#mismatch(sender, other, atUs);
        if (isMismatch) this.#prove(sender, other, atUs, atUs, 'mismatch');
        const rank = other.compareRank(top);
        if (rank > 0 || (rank === 0 && top === sender)) top = other;
      }
    }
    if (!isRacing) this.#racing.push(sender);
    if (hasLeavers) this.#leave(atUs);
    const { conflict } = this;
    if (conflict !== null) {
      const areAll = areProven && isRacing && conflict.claimants.length === this.#racing.length;
      conflict.isWholeRace = areAll && !conflict.hasNamesakes;
    }
    return top;
  }

  /** The one that outranks all others on the air, the sender itself when nobody outranks it. */
  #highestOnAir(sender: Advertiser, atUs: number): Advertiser {
    let highest = sender;
    for (const other of this.#racing) {
      if (other === sender || isOutOfTheRace(other, sender, atUs) || !isOnAir(other, sender, atUs)) continue;
      if (highest === sender || other.outranks(highest)) highest = other;
    }
    return highest;
  }

  /** Leaves out whom no rule would look at, however long somebody's interval is. */
  #leave(atUs: number): void {
    for (let i = this.#racing.length - 1; i >= 0; i--) {
      const other = this.#racing[i];
      if (other !== undefined && isSilentFor(other, this.#slowestUs, atUs)) this.#racing.splice(i, 1);
    }
  }

  /** Leaves out somebody who is not kept. */
  remove(advertiser: Advertiser): void {
    this.conflict?.remove(advertiser);
    const at = this.#racing.indexOf(advertiser);
    if (at >= 0) this.#racing.splice(at, 1);
  }

  /** Drops a claimant that resigned, and closes what was open because of it. */
  resign(sender: Advertiser, atUs: number): void {
    sender.violation = null;
    const beside = this.isSplit ? null : masterBeside(sender, this.#racing, atUs, sender.router.segment.deafUntilUs);
    if (beside !== null) this.#prove(sender, beside.master, beside.sinceUs, atUs, 'mismatch');
    const { conflict } = this;
    if (!conflict?.has(sender)) return;
    if (conflict.winner === sender) this.#dropYielded(sender, conflict, atUs);
    if (conflict.claimants.length < 2) {
      this.#endHealed(conflict, sender, atUs);
      return;
    }
    conflict.remove(sender);
    const [left] = conflict.claimants;
    if (conflict.claimants.length > 1 || left === undefined) return;
    left.isSilenced = this.isSplit && atUs - left.lastClaimUs > YIELDED_INTERVALS * left.paceUs;
    if (left.isSilenced && !this.#racing.includes(left)) this.#racing.push(left);
    this.#end(atUs, atUs);
  }

  /** Takes a claimant out of an unproven conflict: it is silent, and another has taken over from it. */
  yield(claimant: Advertiser, atUs: number): void {
    if (this.isSplit || !this.conflict?.has(claimant)) return;
    this.conflict.remove(claimant);
    if (this.conflict.claimants.length < 2) this.#end(atUs, atUs);
  }

  /** Lets time pass: who has been silent for long enough has yielded, unless it rejects those whom it should obey. */
  settle(atUs: number, deafUntilUs: number): void {
    this.#judgeSuspect(atUs);
    const { conflict } = this;
    if (conflict === null || atUs < conflict.yieldDueUs) return;
    const { claimants, winner } = conflict;
    // All are compared with all: of a flood of claimants, not for every packet.
    const sinceUs = atUs - this.#crowdSettledUs;
    if (claimants.length > CROWD && sinceUs >= 0 && sinceUs < CROWD_US) return;
    this.#crowdSettledUs = atUs;
    for (let i = 0; i < claimants.length && claimants.length >= 2; ) {
      const claimant = claimants[i];
      if (claimant !== undefined && hasYielded(claimant, conflict, this.#racing, atUs, deafUntilUs)) {
        // A single word, when those whom it rejects had silenced its master: it obeys that master at once.
        const yieldedUs = obeyedUs(claimant, conflict, this.#racing);
        if (yieldedUs !== null && claimants.length > 2) markYielding(claimant, yieldedUs, atUs);
        const heldUs = (yieldedUs ?? atUs) - claimant.claimantSinceUs;
        if (claimants.length > 2 && heldUs < claimant.paceUs / 2) conflict.dismiss(claimant);
        else conflict.remove(claimant);
        claimant.claiming = false;
      } else i++;
    }
    putOffYielding(conflict);
    if (conflict.claimants.length < 2) this.#endHealed(conflict, winner, atUs);
  }

  /** Ends what the yielding of all but one has healed. */
  #endHealed(conflict: Conflict, winner: Advertiser, atUs: number): void {
    const lastUs = Math.max(...conflict.claimants.map((claimant) => claimant.lastClaimUs));
    // Settings that exclude each other keep both master until one of them is changed, however silent one is.
    const repairedUs = Math.max(...conflict.everyone.map(({ settingsChangedUs }) => settingsChangedUs));
    const healedUs = Math.min(Math.max(conflict.winnerSpokeUs ?? lastUs, repairedUs), lastUs);
    this.#end(conflict.has(winner) ? healedUs : Math.min(winner.lastClaimUs, healedUs), atUs);
  }

  /** Takes out whoever fell silent on the last words of the winner that resigns now: it had yielded to these. */
  #dropYielded(winner: Advertiser, conflict: Conflict, atUs: number): void {
    if (conflict.winnerSpokeUs === null || conflict.areKeysHidden) return;
    for (const claimant of conflict.claimants.filter((each) => each !== winner && accepts(each, winner))) {
      const isOverdue = atUs - claimant.lastClaimUs > OVERDUE_INTERVALS * claimant.paceUs;
      if (!isOverdue || winner.lastClaimUs < claimant.lastClaimUs) continue;
      conflict.remove(claimant);
      claimant.claiming = false;
    }
  }

  /** Nothing will follow that could put off what is suspected. */
  finish(): void {
    this.#judgeSuspect(Number.POSITIVE_INFINITY);
  }

  /** Ends whatever is open: nobody is heard any more. */
  silence(lastUs: number, atUs: number): void {
    if (this.conflict !== null) this.#end(lastUs, atUs);
  }

  /** Moves all remembered times, after the clock of the capture stepped; what cannot be moved is forgotten. */
  shift(byUs: number): void {
    this.#reactions.forget();
    this.#suspect = null;
    this.#silencedUs += byUs;
    this.#crowdSettledUs += byUs;
    this.conflict?.shift(byUs);
  }

  #violation(loser: Advertiser, winner: Advertiser, atUs: number): boolean {
    const last = loser.violation;
    const paceUs = Math.max(loser.paceUs, winner.paceUs);
    this.#reactions.expect(loser, winner, atUs);
    loser.lane.mark(atUs, LANE.violation);
    // One that yields may send two within a moment: a late one of its own, and the farewell of higher_prio_send_advert.
    const isEcho = last?.against === winner && atUs - last.atUs < graceUs(paceUs);
    // Who spoke before the winner was due had not heard it; who spoke later may have taken over from it.
    const mayHaveTakenOver = last?.against === winner && !last.isEarly;
    const isLastWord = isEcho || (mayHaveTakenOver && isFarewell(loser, winner, this.#racing));
    const isEarly = atUs - winner.lastClaimUs <= DUE_INTERVALS * winner.paceUs;
    const isRejecting = this.#judgeReturn(loser, winner, atUs);
    const isInARow =
      last !== null && (isRejecting || atUs - last.atUs <= SUSTAINED_INTERVALS * paceUs + graceUs(paceUs));
    const isReturn = isInARow && !isRejecting && hasReturned(loser, last);
    const returns = isReturn ? last.returns + 1 : 0;
    this.conflict?.violated(atUs, paceUs, isReturn);
    const isSustained =
      isInARow &&
      !isLastWord &&
      last.against === winner &&
      winner.adverts > last.winnerAdverts &&
      (!isReturn || returns > MAX_RETURNS);
    if (isSustained && !this.conflict?.isProvenBy(loser, winner)) {
      this.#prove(loser, winner, last.atUs, atUs, 'adverts');
    }
    if (!isLastWord) loser.violate(winner, atUs, isEarly, returns);
    if (isSustained) return true;
    if (!isLastWord && hasNeverAccepted(loser, winner)) {
      this.#proveHidden(loser, winner, atUs, atUs);
      return true;
    }
    if (this.conflict?.has(loser) && this.conflict.has(winner)) return true;
    // A moved network card shows as one switch of hardware address; only their alternation is a contradiction.
    if (loser.source === winner.source) return false;
    if (atUs - winner.lastClaimUs > OVERDUE_INTERVALS * winner.paceUs) return false;
    this.#contest([loser, winner], atUs);
    return true;
  }

  /** @returns true when the loser is seen to reject the winner: a pause of it is no sign of its yielding */
  #judgeReturn(loser: Advertiser, winner: Advertiser, atUs: number): boolean {
    const wasSeen = isSeenToReject(loser, winner);
    noteReturn(loser, winner);
    const isSeen = isSeenToReject(loser, winner);
    if (isSeen !== wasSeen && this.conflict?.has(loser)) {
      this.conflict.revision++;
      if (this.isSplit) this.#listener.clarified(atUs);
    }
    return isSeen;
  }

  #contest(claimants: readonly Advertiser[], atUs: number): void {
    // Nobody joins a proven split brain unproven: one forged advertisement would name its sender the winner.
    if (this.isSplit) return;
    const isNew = this.conflict === null;
    this.conflict ??= new Conflict(atUs);
    for (const claimant of claimants) this.conflict.add(claimant);
    if (isNew) this.#listener.contested(this.conflict, atUs);
  }

  /** Of a proof by advertisements, `a` is the one that should have yielded. */
  #prove(a: Advertiser, b: Advertiser, startUs: number, atUs: number, evidence: 'adverts' | 'mismatch'): void {
    this.conflict ??= new Conflict(startUs);
    const { conflict } = this;
    const { revision } = conflict;
    const isFirst = !conflict.isProven;
    conflict.prove(a, b, startUs, atUs);
    a.claiming = true;
    b.claiming = true;
    if (!conflict.evidence.has(evidence)) conflict.evidence.add(evidence);
    if (evidence === 'adverts' && a.deafIn !== conflict) a.deafIn = conflict;
    if (isFirst) this.#listener.confirmed(conflict, atUs);
    else if (conflict.revision !== revision && conflict.claimants.length <= CROWD) this.#listener.clarified(atUs);
  }

  #proveHidden(loser: Advertiser, winner: Advertiser, startUs: number, atUs: number): void {
    this.#prove(loser, winner, startUs, atUs, 'adverts');
    this.conflict?.rejectHidden();
  }

  /** Proves what was put off at the first advertisement of another version, unless the shared version followed it. */
  #judgeSuspect(atUs: number): void {
    const suspect = this.#suspect;
    if (suspect === null || atUs - suspect.atUs < graceUs(suspect.sender.paceUs)) return;
    this.#suspect = null;
    const { sender, other } = suspect;
    if (sender.resignedUs !== null || other.resignedUs !== null || sender.sharesVersion(other)) return;
    this.#prove(sender, other, suspect.atUs, suspect.atUs, 'mismatch');
  }

  /** True when their settings alone keep both of them master, although one may fall silent. */
  #mismatch(sender: Advertiser, other: Advertiser, atUs: number): boolean {
    if (!other.claiming || other.resignedUs !== null) return false;
    const sinceUs = atUs - other.lastClaimUs;
    const paceUs = Math.max(sender.paceUs, other.paceUs);
    if (isOneNode(sender, other)) return false;
    if (excludeEachOther(sender, other)) {
      if (!other.isSilenced && !this.#mayBeAlive(other, sender, paceUs, atUs)) return false;
      // A router that sends both versions sends the second one a moment later.
      if (sender.sharesVersion(other) || atUs - sender.turnStartUs >= graceUs(paceUs)) return true;
      this.#suspect = { sender, other, atUs };
      return false;
    }
    // The one of lower rank has to yield, unless it cannot accept what tells it to.
    const [higher, lower] = sender.outranks(other) ? [sender, other] : [other, sender];
    if (mustDiscard(lower, higher)) {
      return higher === sender ? sinceUs <= freshUs(paceUs) : this.#mayBeAlive(other, sender, paceUs, atUs);
    }
    return sinceUs <= freshUs(other.paceUs) && differTolerably(sender, other);
  }

  /**
   * True when `other` is on the air, or silent only because somebody spoke, which puts off its next word even if it
   * rejects what was said. Who falls silent by itself is dead: the first word of `sender` then follows from that.
   */
  #mayBeAlive(other: Advertiser, sender: Advertiser, paceUs: number, atUs: number): boolean {
    const saidUs = other.lastClaimUs;
    // Whoever is silenced in a proven split brain is silenced by the next one as well.
    if (this.isSplit && this.conflict?.has(other)) return true;
    if (atUs - saidUs <= freshUs(paceUs)) return true;
    if (atUs - saidUs > YIELDED_INTERVALS * paceUs) return false;
    if (sender.claimBefore(atUs - 1) > saidUs) return true;
    for (const third of this.#racing) if (third !== sender && third.lastClaimUs > saidUs) return true;
    return false;
  }

  #end(endUs: number, atUs: number): void {
    const { conflict } = this;
    if (conflict === null) return;
    this.conflict = null;
    for (const claimant of conflict.claimants) claimant.conflict = null;
    this.#reactions.forget();
    this.#listener.ended(conflict, Math.max(endUs, conflict.startUs), atUs);
  }

  /** Enters how a winner answered the last violation against it. */
  #noteReaction(sender: Advertiser, atUs: number): void {
    const reaction = this.#reactions.judge(sender, atUs, this.conflict?.reactions ?? null);
    if (reaction === null) return;
    const { loser, violationUs, isNext, isOffRhythm } = this.#reactions;
    this.#react(reaction, isOffRhythm, atUs);
    if (loser === null) return;
    if (reaction === 'answered' && loser.violation !== null) loser.violation.isAnswered = true;
    if (reaction === 'restarted' && isNext && neverAccepted(loser, sender)) {
      this.#proveHidden(loser, sender, violationUs, atUs);
    }
  }

  #react(reaction: keyof Reactions, isOffRhythm: boolean, atUs: number): void {
    const { conflict } = this;
    if (conflict === null) return;
    const { revision } = conflict;
    conflict.react(reaction, isOffRhythm);
    if (this.isSplit && conflict.revision !== revision) this.#listener.clarified(atUs);
  }

  /** A master that falls silent on lower-ranked advertisements reads and rejects them: its timer is restarted by each. */
  #noteSilenced(sender: Advertiser, atUs: number): void {
    const { violation } = sender;
    if (violation === null) return;
    const { against, winnerAdverts, isEarly } = violation;
    const isHidden = (sender.ah && against.ah) || (sender.hmac && against.hmac);
    if (!isHidden || !isEarly || against.adverts !== winnerAdverts || against.resignedUs !== null) return;
    sender.violation = null;
    if (atUs - this.#silencedUs <= SILENCED_WINDOW_US && this.#silencedUs < against.lastClaimUs) {
      this.#proveHidden(sender, against, violation.atUs, atUs);
    }
    this.#silencedUs = atUs;
  }
}

/** True when `other` outranks `sender` and was heard long enough ago to be obeyed, and lately enough to be alive. */
function isOnAir(other: Advertiser, sender: Advertiser, atUs: number): boolean {
  if (other.resignedUs !== null || other.compareRank(sender) < 0 || isOneNode(other, sender)) return false;
  const { paceUs } = other;
  const heardUs = other.claimBefore(atUs - graceUs(paceUs));
  return heardUs >= atUs - freshUs(paceUs) && heardUs > other.lastResignedUs;
}
