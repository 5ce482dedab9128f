/** A virtual router that must be heard, and from whom. */
export interface Expectation {
  readonly vrid: number;
  /** Only these may advertise it, each family for its own virtual router of that VRID; null: anybody. */
  readonly sources: readonly string[] | null;
}

/** Those of the sources that are of a family. */
export function sourcesOf({ sources }: Expectation, family: 4 | 6): readonly string[] {
  return (sources ?? []).filter((source) => familyOf(source) === family);
}

/** True when a virtual router of that family with its VRID is meant. */
export function concerns(expectation: Expectation, { vrid, family }: { vrid: number; family: 4 | 6 }): boolean {
  return vrid === expectation.vrid && (expectation.sources === null || sourcesOf(expectation, family).length > 0);
}

function familyOf(source: string): 4 | 6 {
  return source.includes(':') ? 6 : 4;
}
