import type { Finding, FindingCode, Severity } from './report.ts';

interface Entry {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly summary: string;
  readonly atUs: number;
  count: number;
}

/** Several of one code are kept while there are fewer than this; forged sources must not fill the memory. */
const MAX_FINDINGS = 64;

/**
 * Findings about one virtual router or one capture: each code once, with a count, or once for each whom it is about.
 * However often a thing is seen, it is announced once, so that a flood on the wire does not become a flood of messages.
 */
export class FindingBook {
  readonly #entries = new Map<string, Entry>();
  readonly #announce: (finding: Finding, atUs: number) => void;

  constructor(announce: (finding: Finding, atUs: number) => void) {
    this.#announce = announce;
  }

  /** @param about whom it is about, where findings of one code about several are several findings */
  add(code: FindingCode, severity: Severity, atUs: number, summary: string, about = ''): void {
    const own = `${code} ${about}`;
    const key = this.#entries.has(own) || this.#entries.size < MAX_FINDINGS ? own : `${code} `;
    const known = this.#entries.get(key);
    if (known !== undefined) known.count++;
    // What turns out to be worse is told anew.
    if (known !== undefined && !isWorse(severity, known.severity)) return;
    const entry = { code, severity, summary, atUs, count: known?.count ?? 1 };
    this.#entries.set(key, entry);
    this.#announce({ ...entry }, atUs);
  }

  /** Counts one more of a known finding; false when it is new. Saves making a sentence that nobody would read. */
  countAgain(code: FindingCode): boolean {
    const known = this.#entries.get(`${code} `);
    if (known) known.count++;
    return known !== undefined;
  }

  /** True while there is one that is about nobody in particular. */
  has(code: FindingCode): boolean {
    return this.#entries.has(`${code} `);
  }

  /** Takes back what turned out to be settled. */
  remove(code: FindingCode, about = ''): void {
    this.#entries.delete(`${code} ${about}`);
  }

  list(): Finding[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry }));
  }
}

function isWorse(a: Severity, b: Severity): boolean {
  const order: readonly Severity[] = ['info', 'warning', 'critical'];
  return order.indexOf(a) > order.indexOf(b);
}
