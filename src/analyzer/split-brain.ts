import type { SplitBrainReport } from './report.ts';

/** One proven split brain. While it goes on it is described anew each time; once over, it stays as it was. */
export class SplitBrain {
  endUs: number | null = null;
  readonly #describe: () => SplitBrainReport;
  #final: SplitBrainReport | null = null;
  #shiftedUs = 0;

  constructor(describe: () => SplitBrainReport) {
    this.#describe = describe;
  }

  end(endUs: number): void {
    this.#final = this.describe();
    this.endUs = Math.max(endUs, this.#final.startUs);
  }

  /** Moves the beginning of one that goes on, after the clock of the capture stepped: what is over keeps its times. */
  shift(byUs: number): void {
    this.#shiftedUs += byUs;
  }

  describe(): SplitBrainReport {
    if (this.#final !== null) return { ...this.#final, endUs: this.endUs };
    const described = this.#describe();
    const { startUs, confirmedUs } = described;
    return { ...described, startUs: startUs + this.#shiftedUs, confirmedUs: confirmedUs + this.#shiftedUs };
  }
}
