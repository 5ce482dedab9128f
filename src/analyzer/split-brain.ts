import type { SplitBrainReport } from './report.ts';

/** One proven split brain. While it goes on it is described anew each time; once over, it stays as it was. */
export class SplitBrain {
  endUs: number | null = null;
  readonly #describe: () => SplitBrainReport;
  #final: SplitBrainReport | null = null;

  constructor(describe: () => SplitBrainReport) {
    this.#describe = describe;
  }

  end(endUs: number): void {
    this.#final = this.#describe();
    this.endUs = Math.max(endUs, this.#final.startUs);
  }

  describe(): SplitBrainReport {
    return { ...(this.#final ?? this.#describe()), endUs: this.endUs };
  }
}
