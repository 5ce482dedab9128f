import { LANE, type Lane } from '../analyzer/report.ts';

/** The columns that all lanes of a timeline share. */
export interface TimeAxis {
  readonly startUs: number;
  readonly columnUs: number;
  readonly count: number;
}

/** Number of the column that a time falls into; below 0 or from `count` on when none does. */
export function columnOf(atUs: number, axis: TimeAxis): number {
  return Math.floor((atUs - axis.startUs) / axis.columnUs);
}

/** The bits of `LANE` in each column. */
export function columnBits(lane: Lane, axis: TimeAxis): Uint8Array {
  const bits = new Uint8Array(axis.count);
  const first = Math.max(0, Math.floor((axis.startUs - lane.startUs) / lane.slotUs));
  for (let slot = first; slot < lane.slots.length; slot++) {
    const column = columnOf(lane.startUs + slot * lane.slotUs, axis);
    if (column >= axis.count) break;
    if (column >= 0) bits[column] = (bits[column] ?? 0) | (lane.slots[slot] ?? 0);
  }
  return bits;
}

/** True for each column at whose end the sender has yielded, and not advertised since. */
export function yieldedColumns({ startUs, slotUs, slots }: Lane, axis: TimeAxis): readonly boolean[] {
  const yielded: boolean[] = [];
  let hasYielded = false;
  for (let slot = 0; slot < slots.length; slot++) {
    const bits = slots[slot] ?? 0;
    const column = Math.min(axis.count, columnOf(startUs + slot * slotUs, axis));
    while (yielded.length < column) yielded.push(hasYielded);
    if (bits & LANE.advert) hasYielded = false;
    if (bits & LANE.yielded) hasYielded = true;
  }
  while (yielded.length < axis.count) yielded.push(hasYielded);
  return yielded;
}

/** Each value with how many of it stand side by side. */
export function runs<T>(values: readonly T[]): readonly (readonly [T, number])[] {
  const found: [T, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last !== undefined && last[0] === value) last[1]++;
    else found.push([value, 1]);
  }
  return found;
}
