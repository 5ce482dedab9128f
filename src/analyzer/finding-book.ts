import type { Finding, FindingCode, Severity } from './report.ts';

interface Entry {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly summary: string;
  readonly atUs: number;
  count: number;
}

/**
 * Findings about one virtual router or one capture: each code once, with a count. However often a thing is seen, it is
 * announced once, so that a flood on the wire does not become a flood of messages.
 */
export class FindingBook {
  readonly #entries = new Map<FindingCode, Entry>();
  readonly #announce: (finding: Finding, atUs: number) => void;

  constructor(announce: (finding: Finding, atUs: number) => void) {
    this.#announce = announce;
  }

  add(code: FindingCode, severity: Severity, atUs: number, summary: string): void {
    if (this.countAgain(code)) return;
    const entry = { code, severity, summary, atUs, count: 1 };
    this.#entries.set(code, entry);
    this.#announce({ ...entry }, atUs);
  }

  /** Counts one more of a known finding; false when it is new. Saves making a sentence that nobody would read. */
  countAgain(code: FindingCode): boolean {
    const known = this.#entries.get(code);
    if (known) known.count++;
    return known !== undefined;
  }

  /** Takes back what turned out to be settled. */
  remove(code: FindingCode): void {
    this.#entries.delete(code);
  }

  list(): Finding[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }
}
