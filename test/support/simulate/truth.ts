/**
 * `held`: the router is master. `stale`: nobody runs VRRP here any more, yet the address is configured and answered
 * for (after SIGKILL). `paused`: master whose process stands still while its kernel answers for the address.
 */
export type Holding = 'held' | 'stale' | 'paused';

/** When a node really had the addresses of a virtual router; true time, microseconds since the start of the run. */
export interface HoldingInterval {
  readonly vrid: number;
  readonly node: string;
  readonly holding: Holding;
  readonly fromUs: number;
  readonly toUs: number;
}

/** A time during which the same two or more nodes had the addresses of one virtual router. */
export interface DoubleMaster {
  readonly vrid: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly nodes: readonly string[];
}

/** Keeps the truth that no observer has. */
export class Truth {
  readonly #open = new Map<string, { vrid: number; node: string; holding: Holding; fromUs: number }>();
  readonly #closed: HoldingInterval[] = [];

  set(vrid: number, node: string, holding: Holding | null, nowUs: number): void {
    const key = `${vrid} ${node}`;
    const open = this.#open.get(key);
    if ((open?.holding ?? null) === holding) return;
    if (open !== undefined && open.fromUs < nowUs) this.#closed.push({ ...open, toUs: nowUs });
    if (holding === null) this.#open.delete(key);
    else this.#open.set(key, { vrid, node, holding, fromUs: nowUs });
  }

  intervals(endUs: number): HoldingInterval[] {
    const all = [...this.#closed];
    for (const open of this.#open.values()) if (open.fromUs < endUs) all.push({ ...open, toUs: endUs });
    return all.sort((a, b) => a.fromUs - b.fromUs);
  }
}

/**
 * Every time in which two nodes of `intervals` overlap, pair by pair, so that three masters make three entries. Only
 * overlaps of at least `minimumUs` count; stretches of one pair that touch (master, then paused) are one.
 */
export function doubleMasters(intervals: readonly HoldingInterval[], minimumUs = 0): DoubleMaster[] {
  const found: DoubleMaster[] = [];
  for (const [i, a] of intervals.entries()) {
    for (const b of intervals.slice(i + 1)) {
      if (a.vrid !== b.vrid || a.node === b.node) continue;
      const fromUs = Math.max(a.fromUs, b.fromUs);
      const toUs = Math.min(a.toUs, b.toUs);
      if (toUs > fromUs) found.push({ vrid: a.vrid, fromUs, toUs, nodes: [a.node, b.node].sort() });
    }
  }
  return joinTouching(found).filter(({ fromUs, toUs }) => toUs - fromUs >= minimumUs);
}

function joinTouching(overlaps: DoubleMaster[]): DoubleMaster[] {
  const joined = new Map<string, DoubleMaster[]>();
  for (const next of overlaps.sort((a, b) => a.fromUs - b.fromUs)) {
    const key = `${next.vrid} ${next.nodes.join(' ')}`;
    const list = joined.get(key) ?? [];
    const last = list.at(-1);
    if (last !== undefined && next.fromUs <= last.toUs) {
      list[list.length - 1] = { ...last, toUs: Math.max(last.toUs, next.toUs) };
    } else list.push(next);
    joined.set(key, list);
  }
  return [...joined.values()].flat().sort((a, b) => a.fromUs - b.fromUs);
}
