import type { Advertiser } from './advertiser.ts';
import type { Evidence } from './report.ts';

/**
 * How the winner behaved after advertisements of a lower-ranked claimant; tells who hears whom (keepalived
 * `vrrp_state_master_rx` answers at once, `vrrp_dispatcher_read` restarts the timer of whoever read an advertisement).
 */
export interface Reactions {
  /** It answered within milliseconds: it hears the loser, so the loser does not accept what it hears or hears nothing. */
  answered: number;
  /** Its next advertisement came exactly one interval later: it hears the loser and rejects what it says. */
  restarted: number;
  /** It kept its own rhythm: it does not hear the loser, or its settings forbid the answer. */
  unmoved: number;
}

/** A loser that pauses for longer than this has yielded in between. */
const RUN_INTERVALS = 2;

/** Answers for each reaction that was none, above which an answer was lost by the capture; below, they came by chance. */
const ANSWERS_PER_OTHER = 10;

/** Claimants told of; a cluster has two to five, the rest is room for forgeries beside them. */
const MAX_EVERYONE = 64;

/** At least two claimants at once; contested until proven, split brain from then on. */
export class Conflict {
  startUs: number;
  confirmedUs: number | null = null;
  /** When the present run of advertisements began that another claimant's rank forbids; one that healed is another run. */
  runStartUs: number;
  #lastViolationUs: number;
  #winner: Advertiser | null = null;
  /** Of the latest proof, by their rank at that time; a change of rank since then may be how it ends. */
  proven: { readonly winner: Advertiser; readonly loser: Advertiser } | null = null;
  /** Two hardware addresses with one source address were claimants at once. */
  hasNamesakes = false;
  /** All who claim at present, the winner among them. */
  readonly claimants: Advertiser[] = [];
  /** All who race are its claimants and all of these race, so that the winner outranks everybody. */
  isWholeRace = false;
  /** Before then no claimant can have been silent for long enough to have yielded. */
  yieldDueUs = Number.NEGATIVE_INFINITY;
  /**
   * All who claim or have claimed. The proof takes out those of before who only crossed with the winner; whoever joins later
   * stays, also after yielding.
   */
  readonly everyone: Advertiser[] = [];
  #isRejectionHidden = false;
  /** Grows when something changed that the cause depends on; settings do not, since repairing them ends the conflict. */
  revision = 0;
  readonly evidence = new Set<Evidence>();
  readonly reactions: Reactions = { answered: 0, restarted: 0, unmoved: 0 };
  /** It came off its rhythm to answer: two that reject each other may fall in step, and seem to answer by chance. */
  #hasAnsweredOffRhythm = false;
  /** First advertisement of the winner after the last one of a loser: when the loser yielded, if it did. */
  winnerSpokeUs: number | null = null;

  constructor(startUs: number) {
    this.startUs = startUs;
    this.runStartUs = startUs;
    this.#lastViolationUs = startUs;
  }

  /** Takes note of an advertisement that another claimant's rank forbids. */
  violated(atUs: number, paceUs: number, isReturn: boolean): void {
    this.winnerSpokeUs = null;
    if (isReturn || atUs - this.#lastViolationUs > RUN_INTERVALS * paceUs) this.runStartUs = atUs;
    this.#lastViolationUs = atUs;
  }

  /** A node whose network card failed over goes on under its new hardware address, and does not compete with itself. */
  add(claimant: Advertiser): void {
    const before = this.claimants.find(({ source }) => source === claimant.source);
    if (before !== undefined && before !== claimant) {
      this.hasNamesakes = true;
      if (before.lastClaimUs < claimant.turnStartUs) {
        this.dismiss(before);
      }
    }
    if (!this.has(claimant)) {
      claimant.claimantSinceUs = claimant.lastClaimUs;
      this.claimants.push(claimant);
      this.#membersChanged();
    }
    claimant.conflict = this;
    this.#winner = null;
    if (this.everyone.includes(claimant)) return;
    if (this.everyone.length >= MAX_EVERYONE) {
      const gone = this.everyone.findIndex((each) => !this.has(each));
      if (gone < 0) return;
      this.everyone.splice(gone, 1);
    }
    this.everyone.push(claimant);
    this.revision++;
  }

  /** False when adding the claimant would change nothing. */
  #mayGain(claimant: Advertiser): boolean {
    return !this.has(claimant) || this.hasNamesakes || this.everyone.length >= MAX_EVERYONE;
  }

  /** Takes the proof that `a` and `b` are master at once, the first one or a further one. */
  prove(a: Advertiser, b: Advertiser, startUs: number, atUs: number): void {
    // Of two with one address and one priority neither has to yield: whoever was told to be rightful stays it.
    const isKept = a.compareRank(b) === 0 && this.proven?.winner === a;
    const winner = isKept || a.outranks(b) ? a : b;
    if (this.proven?.winner !== winner && !this.#isOutranked(winner)) {
      this.proven = { winner, loser: winner === a ? b : a };
      this.revision++;
    }
    if (this.confirmedUs === null) {
      this.#leaveOnly(a, b, startUs);
      this.confirmedUs = atUs;
    }
    if (this.#mayGain(a)) this.add(a);
    if (this.#mayGain(b)) this.add(b);
  }

  /** True when a further proof by an advertisement of the loser would change nothing, as in nearly every one. */
  isProvenBy(loser: Advertiser, winner: Advertiser): boolean {
    const isKnown = this.proven?.winner === winner && loser.deafIn === this && loser.claiming && winner.claiming;
    return isKnown && !this.#mayGain(loser) && !this.#mayGain(winner);
  }

  /** A pair of lower rank does not hide who outranks them both and claims as well. */
  #isOutranked(winner: Advertiser): boolean {
    const before = this.proven?.winner;
    return before !== undefined && this.has(before) && before.outranks(winner);
  }

  /** It began with those who are proven: others may have crossed with the winner and yielded. */
  #leaveOnly(a: Advertiser, b: Advertiser, startUs: number): void {
    const others = this.claimants.filter((each) => each !== a && each !== b);
    if (others.length > 0 || this.claimants.length < 2) this.startUs = startUs;
    for (const other of others) this.dismiss(other);
  }

  /** True for one that is proven not to have yielded when it had to. */
  isDeaf(claimant: Advertiser): boolean {
    return claimant.deafIn === this || claimant === this.proven?.loser;
  }

  /** Takes out somebody who was not part of it after all. */
  dismiss(claimant: Advertiser): void {
    this.remove(claimant);
    const at = this.everyone.indexOf(claimant);
    if (at >= 0) this.everyone.splice(at, 1);
  }

  remove(claimant: Advertiser): void {
    if (!this.has(claimant)) return;
    this.claimants.splice(this.claimants.indexOf(claimant), 1);
    if (this.claimants.length > 1) this.revision++;
    this.#membersChanged();
    claimant.conflict = null;
    this.#winner = null;
    this.#succeedLoser(claimant);
  }

  /** Who has yielded to another loser leaves it to that one. */
  #succeedLoser(gone: Advertiser): void {
    if (this.proven?.loser !== gone) return;
    const { winner } = this.proven;
    const loser = this.claimants.find((each) => each !== winner);
    if (this.has(winner) && loser !== undefined) this.proven = { winner, loser };
  }

  /** Call when the priority of a claimant has changed. */
  rankChanged(): void {
    this.#winner = null;
  }

  /** Call when the interval of a claimant has changed. */
  paceChanged(): void {
    this.yieldDueUs = Number.NEGATIVE_INFINITY;
  }

  /** Moves all remembered times, after the clock of the capture stepped. */
  shift(byUs: number): void {
    this.startUs += byUs;
    if (this.confirmedUs !== null) this.confirmedUs += byUs;
    this.runStartUs += byUs;
    this.#lastViolationUs += byUs;
    if (this.winnerSpokeUs !== null) this.winnerSpokeUs += byUs;
    this.yieldDueUs += byUs;
  }

  /** True for a split brain, false while it is only contested. */
  get isProven(): boolean {
    return this.confirmedUs !== null;
  }

  has(claimant: Advertiser): boolean {
    return claimant.conflict === this;
  }

  /** Enters how the winner behaved. */
  react(reaction: keyof Reactions, isOffRhythm: boolean): void {
    const wasAccepted = this.isLoserAccepted;
    this.reactions[reaction]++;
    if (reaction === 'answered' && isOffRhythm) this.#hasAnsweredOffRhythm = true;
    if (this.reactions[reaction] === 1 || this.isLoserAccepted !== wasAccepted) this.revision++;
  }

  /** Call when one rejects the other although nothing visible differs. */
  rejectHidden(): void {
    this.#isRejectionHidden = true;
    this.revision++;
  }

  /** They reject each other although nothing visible differs, so that silence of one is no sign of its yielding. */
  get areKeysHidden(): boolean {
    return this.#isRejectionHidden && !this.isLoserAccepted && !this.#isAhKeyRepaired;
  }

  /** One of the two has gone on from the AH numbers of the other, so it accepts them now. */
  get #isAhKeyRepaired(): boolean {
    const provenUs = this.confirmedUs ?? Number.POSITIVE_INFINITY;
    return this.everyone.length === 2 && this.everyone.some(({ ahNumbers }) => ahNumbers.followedUs > provenUs);
  }

  /** True when the winner has accepted what it answers, so that a difference in their settings is tolerated. */
  get isLoserAccepted(): boolean {
    const { answered, restarted, unmoved } = this.reactions;
    return this.#hasAnsweredOffRhythm && answered > 1 && answered > ANSWERS_PER_OTHER * (restarted + unmoved);
  }

  #membersChanged(): void {
    this.isWholeRace = false;
    this.yieldDueUs = Number.NEGATIVE_INFINITY;
  }

  /** Who keeps the addresses by the rules of the election. */
  get winner(): Advertiser {
    this.#winner ??= highest(this.claimants);
    return this.#winner;
  }
}

/** The one of highest rank. */
export function highest(advertisers: readonly Advertiser[]): Advertiser {
  let [best] = advertisers;
  if (best === undefined) throw new Error('nobody to choose from');
  for (const advertiser of advertisers) if (advertiser.outranks(best)) best = advertiser;
  return best;
}
