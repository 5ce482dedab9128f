import type { Advertiser } from './advertiser.ts';
import type { Reactions } from './conflict.ts';
import { ANSWER_US } from './timers.ts';

/** An advertisement on its own rhythm counts as an answer only when it follows this closely. */
const PROMPT_ANSWER_US = 15_000;

/** An answer comes with the sequence number that is accepted and two. */
const AH_STEP = 2;

/**
 * Watches how a master takes a lower-ranked advertisement: its next advertisement comes within milliseconds
 * (keepalived `vrrp_state_master_rx`), exactly an interval later (`vrrp_dispatcher_read` restarts the timer of whoever
 * read an advertisement, also of one it rejects), or on the rhythm that it had.
 */
export class ReactionWatch {
  /** Whose advertisement it was. */
  loser: Advertiser | null = null;
  violationUs = 0;
  /** True when, by its IP id, nothing of the winner was lost between the two. */
  isNext = false;
  /** True when it came neither an interval after the winner's last one nor close to that. */
  isOffRhythm = false;
  #winner: Advertiser | null = null;
  #winnerBeforeUs = 0;
  /** The violation before, if the winner has said nothing since. */
  #unansweredUs = Number.NEGATIVE_INFINITY;
  #winnerId = 0;

  /** `loser` has just advertised in the face of `winner`. */
  expect(loser: Advertiser, winner: Advertiser, atUs: number): void {
    this.#unansweredUs = this.#winner === winner ? this.violationUs : Number.NEGATIVE_INFINITY;
    this.loser = loser;
    this.violationUs = atUs;
    this.#winner = winner;
    this.#winnerBeforeUs = winner.lastClaimUs;
    this.#winnerId = winner.ipId;
  }

  forget(): void {
    this.#winner = null;
  }

  /**
   * What an advertisement of `sender` at `atUs` is as a reaction; null when none was expected or it tells nothing.
   *
   * @param known earlier reactions of the same conflict
   */
  judge(sender: Advertiser, atUs: number, known: Reactions | null): keyof Reactions | null {
    if (this.#winner !== sender) return null;
    this.#winner = null;
    const { paceUs } = sender;
    const delayUs = atUs - this.violationUs;
    const offRhythmUs = Math.abs(atUs - this.#winnerBeforeUs - paceUs);
    const onRhythm = offRhythmUs <= Math.max(0.03 * paceUs, 2_000);
    this.isOffRhythm = !onRhythm;
    if (this.loser !== null && goesOnFrom(sender, this.loser, atUs)) return 'answered';
    const isPrompt = delayUs <= Math.min(ANSWER_US, 0.3 * paceUs);
    // Two that restart each other's timers fall in step: what comes with the second violation follows from the first.
    const isInStep = !onRhythm && isInterval(atUs - this.#unansweredUs, paceUs);
    if (isPrompt && !isInStep && (!onRhythm || this.#followsSuit(sender, delayUs, known))) return 'answered';
    if (isInStep || (isInterval(delayUs, paceUs) && offRhythmUs > 0.05 * paceUs)) {
      this.isNext = sender.ipId === this.#winnerId + 1;
      // An answer that this capture lost looks the same, but it took an IP id.
      return this.isNext || !sender.countsIds ? 'restarted' : null;
    }
    return onRhythm ? 'unmoved' : null;
  }

  /**
   * An answer restarts the winner's timer, so from the second one on, answers come on its rhythm. One that comes on the
   * rhythm from the first is one by chance, unless the capture began in the middle of it.
   */
  #followsSuit(winner: Advertiser, delayUs: number, known: Reactions | null): boolean {
    if (known !== null && known.answered + known.unmoved > 0) return known.answered > known.unmoved;
    const wasAlone = this.loser?.firstUs === this.violationUs && winner.adverts > 3;
    return !wasAlone && delayUs <= PROMPT_ANSWER_US;
  }
}

/**
 * True when its AH sequence number has just left its own count to follow that of what the other has said a moment ago: it
 * has accepted that.
 */
function goesOnFrom(sender: Advertiser, { ah, ahNumbers, lastClaimUs }: Advertiser, atUs: number): boolean {
  const aheadBy = sender.ahNumbers.last - ahNumbers.last;
  const isFollowing = ah && sender.ahNumbers.followedUs === atUs && aheadBy > 0 && aheadBy <= AH_STEP;
  return isFollowing && atUs - lastClaimUs <= ANSWER_US;
}

function isInterval(us: number, paceUs: number): boolean {
  return Math.abs(us - paceUs) <= Math.max(0.02 * paceUs, 15_000);
}
