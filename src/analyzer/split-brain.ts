import type { SplitBrainCourse, SplitBrainReport } from './report.ts';

/** What is told of it anew comes no faster than somebody can act on it. */
const CORRECTION_US = 1_000_000;

/** One proven split brain. While it goes on it is described anew each time; once over, it stays as it was. */
export class SplitBrain {
  endUs: number | null = null;
  readonly #describe: () => SplitBrainCourse;
  #final: SplitBrainReport | null = null;
  #shiftedUs = 0;
  #toldBlame = '';
  #toldUs = Number.NEGATIVE_INFINITY;
  /** As it was when more became known of it, until that is told or is what was told. */
  #clarified: SplitBrainReport | null = null;

  constructor(describe: () => SplitBrainCourse) {
    this.#describe = describe;
  }

  /** @param isAtLeast it was over at an unknown time after that */
  end(endUs: number, isAtLeast: boolean): void {
    this.#final = { ...this.describe(), isAtLeast };
    this.endUs = Math.max(endUs, this.#final.startUs);
  }

  /** Moves the beginning of one that goes on, after the clock of the capture stepped: what is over keeps its times. */
  shift(byUs: number): void {
    this.#shiftedUs += byUs;
  }

  /** Describes it to those who are told of it now. */
  tell(atUs: number): SplitBrainReport {
    const described = this.describe();
    this.#note(described, atUs);
    return described;
  }

  /** Call when more is known of it than before. */
  clarify(): void {
    this.#clarified = this.describe();
  }

  /** What those are told who were told of another winner, deaf node or cause; null for nothing. */
  correction(atUs: number): SplitBrainReport | null {
    const clarified = this.#clarified;
    if (clarified === null || Math.abs(atUs - this.#toldUs) < CORRECTION_US) return null;
    this.#clarified = null;
    if (this.endUs !== null || blameOf(clarified) === this.#toldBlame) return null;
    this.#note(clarified, atUs);
    return clarified;
  }

  #note(told: SplitBrainReport, atUs: number): void {
    this.#toldBlame = blameOf(told);
    this.#toldUs = atUs;
  }

  describe(): SplitBrainReport {
    if (this.#final !== null) return { ...this.#final, endUs: this.endUs };
    const described = this.#describe();
    const { startUs, confirmedUs } = described;
    const times = { startUs: startUs + this.#shiftedUs, confirmedUs: confirmedUs + this.#shiftedUs };
    return { ...described, ...times, endUs: null, isAtLeast: false };
  }
}

/** What somebody acts upon who was told of it. */
function blameOf({ winner, deaf, cause }: SplitBrainReport): string {
  return [winner, ...[...deaf].sort(), cause.code, cause.remedies[0]?.on].join(' ');
}
