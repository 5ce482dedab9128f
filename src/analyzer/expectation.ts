/** A virtual router that must be heard, and from whom. */
export interface Expectation {
  readonly vrid: number;
  /** Only these may advertise it, each family for its own virtual router of that VRID; null: anybody. */
  readonly sources: readonly string[] | null;
}

/** What a VRID and a family mean on one segment. */
export interface RouterPlace {
  readonly vrid: number;
  readonly family: 4 | 6;
}

/** Stands for a virtual router that was never heard, where others have the key that they got when they were. */
export function expectedKey({ family, vrid }: RouterPlace): string {
  return `expected/${family}/${vrid}`;
}

/**
 * The virtual routers that are expected and not among `heard`. Of an expectation with sources of both families each
 * family is one of its own.
 */
export function unheard(expectations: readonly Expectation[], heard: readonly RouterPlace[]): RouterPlace[] {
  return expectations.flatMap((expectation): RouterPlace[] => {
    const { vrid, sources } = expectation;
    if (sources === null) return heard.some((router) => router.vrid === vrid) ? [] : [{ vrid, family: 4 }];
    const families = ([4, 6] as const).filter((family) => sourcesOf(expectation, family).length > 0);
    return families
      .filter((family) => !heard.some((router) => router.vrid === vrid && router.family === family))
      .map((family) => ({ vrid, family }));
  });
}

/** Those of the sources that are of a family. */
export function sourcesOf({ sources }: Expectation, family: 4 | 6): readonly string[] {
  return (sources ?? []).filter((source) => familyOf(source) === family);
}

/** True when a virtual router of that family with its VRID is meant. */
export function concerns(expectation: Expectation, { vrid, family }: RouterPlace): boolean {
  return vrid === expectation.vrid && (expectation.sources === null || sourcesOf(expectation, family).length > 0);
}

/** True when one of the expectations names it. */
export function isExpected(expectations: readonly Expectation[], place: RouterPlace): boolean {
  return expectations.some((expectation) => concerns(expectation, place));
}

function familyOf(source: string): 4 | 6 {
  return source.includes(':') ? 6 : 4;
}
