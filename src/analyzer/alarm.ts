import type { SplitBrainReport } from './report.ts';
import type { SplitBrain } from './split-brain.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** Enters the split brains of one virtual router into its history, and announces them. */
export class Alarm {
  readonly #router: VirtualRouter;

  constructor(router: VirtualRouter) {
    this.#router = router;
  }

  /**
   * Call when a split brain is proven.
   *
   * @param former the last one, which was thought to be over and has gone on as this one; null for none
   */
  raise(splitBrain: SplitBrain, atUs: number, former: SplitBrain | null = null): void {
    const router = this.#router;
    if (former !== null) router.history.splitBrains.pop();
    router.history.addSplitBrain(splitBrain);
    router.refreshState(atUs);
    router.stateSinceUs = splitBrain.describe().startUs;
    this.#announce(splitBrain.tell(atUs), atUs, former !== null);
  }

  /** Announces a split brain that goes on once more if what was told of it does not hold any longer. */
  correct(splitBrain: SplitBrain | null, atUs: number): void {
    const corrected = splitBrain?.correction(atUs) ?? null;
    if (corrected !== null) this.#announce(corrected, atUs, true);
  }

  /**
   * Call when a split brain is over.
   *
   * @param isAtLeast it was over at an unknown time after `endUs`
   */
  end(splitBrain: SplitBrain, endUs: number, atUs: number, isAtLeast = false): void {
    const router = this.#router;
    splitBrain.end(endUs, isAtLeast);
    router.refreshState(atUs);
    if (router.state === 'ok') router.stateSinceUs = Math.min(atUs, endUs);
    const described = splitBrain.describe();
    router.segment.announce(() => ({
      event: 'split-brain-ended',
      atUs,
      router: router.identity,
      splitBrain: described,
      durationUs: (splitBrain.endUs ?? atUs) - described.startUs,
    }));
  }

  #announce(described: SplitBrainReport, atUs: number, isCorrection: boolean): void {
    const router = this.#router;
    router.segment.announce(() => ({
      event: 'split-brain-confirmed',
      atUs,
      router: router.identity,
      splitBrain: described,
      winnerPriority: this.#priorityOf(described.winner),
      isCorrection,
    }));
  }

  /** Of whoever is told of by that name, the master first; 0 for one that was not heard to advertise. */
  #priorityOf(name: string): number {
    const { master, advertisers } = this.#router;
    const known = master === null ? advertisers : [master, ...advertisers];
    return known.find(({ source }) => name === source || name.startsWith(`${source} `))?.priority ?? 0;
  }
}
