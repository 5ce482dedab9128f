import type { AdvertiserReport, Lane, SplitBrainReport, VirtualRouterReport } from '../analyzer/report.ts';
import { LANE } from '../analyzer/report.ts';
import { isNamed } from '../output/advertiser-name.ts';
import { columnBits, columnOf, runs, type TimeAxis, yieldedColumns } from '../output/time-axis.ts';
import type { Span } from './paint.ts';
import type { Glyphs, Role } from './theme.ts';
import { clockOf } from './time.ts';

/** Time per column that + and - step through. Round numbers, so that the clock's ticks fall on columns. */
export const ZOOM_STEPS_US: readonly number[] = [
  100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000, 300_000_000,
  600_000_000, 3_600_000_000,
];

/** 2 s: a column always holds an advertisement of the usual 1 s interval. */
export const DEFAULT_ZOOM = 4;

/** What one column of a lane shows, in order of precedence. */
export type LaneMark =
  | 'overlap'
  | 'resigned'
  | 'takeover'
  | 'missed'
  | 'advert'
  | 'held'
  /** Silent, and a claimant of a split brain all the same. */
  | 'claims'
  | 'silent'
  | 'before';

const MARK_ROLES: Readonly<Record<LaneMark, Role>> = {
  overlap: 'alarm',
  resigned: 'strong',
  takeover: 'strong',
  missed: 'warning',
  advert: 'ok',
  held: 'ok',
  claims: 'alarm',
  silent: 'faint',
  before: 'plain',
};

/** The step asked for, or the first one that is not finer than what the lanes recorded. */
export function effectiveZoom(zoom: number, lanes: readonly Lane[]): number {
  const slotUs = lanes.reduce((coarsest, lane) => Math.max(coarsest, lane.slotUs), 0);
  const finest = ZOOM_STEPS_US.findIndex((stepUs) => stepUs >= slotUs);
  return Math.max(zoom, finest === -1 ? ZOOM_STEPS_US.length - 1 : finest);
}

/** The last of `count` columns holds `nowUs`, each begins at a multiple of its width. */
export function createAxis(nowUs: number, columnUs: number, count: number): TimeAxis {
  const last = Math.floor(nowUs / columnUs);
  return { startUs: (last - count + 1) * columnUs, columnUs, count };
}

/** One mark per column for an advertiser. */
export function laneMarks(
  router: VirtualRouterReport,
  advertiser: AdvertiserReport,
  axis: TimeAxis,
): readonly LaneMark[] {
  const bits = columnBits(advertiser.lane, axis);
  const yielded = yieldedColumns(advertiser.lane, axis);
  const takeovers = new Set<number>();
  for (const takeover of router.takeovers) {
    if (takeover.to === advertiser.source) takeovers.add(columnOf(takeover.atUs, axis));
  }
  // One interval and a half after an advertisement the next one is not late yet.
  const patienceUs = advertiser.intervalUs * 1.5;
  // Where each column should hold an advertisement, one that fell into the column before is no gap to show.
  const bridges = axis.columnUs >= advertiser.intervalUs;
  let heldUntilUs = heldBefore(advertiser.lane, axis.startUs, patienceUs);
  const marks: LaneMark[] = [];
  for (let column = 0; column < axis.count; column++) {
    const startUs = axis.startUs + column * axis.columnUs;
    const own = bits[column] ?? 0;
    const claimed = claimedBy(advertiser, router, startUs, axis.columnUs);
    const shouldHaveYielded = claimed.some(({ winner }) => !isNamed([winner], advertiser));
    const overlaps = (own & LANE.violation) !== 0 || shouldHaveYielded;
    const mark = markOf(own, startUs, takeovers.has(column), startUs < heldUntilUs, advertiser);
    const speaks = mark === 'advert' || mark === 'takeover' || (mark === 'held' && bridges);
    if (speaks && overlaps) marks.push('overlap');
    else if (mark === 'held' && bridges) marks.push('advert');
    else if (mark === 'silent' && !yielded[column] && claimed.length > 0) marks.push('claims');
    else marks.push(mark);
    if (own & LANE.advert) heldUntilUs = startUs + axis.columnUs + patienceUs;
    if (own & (LANE.resigned | LANE.missed)) heldUntilUs = 0;
  }
  return marks;
}

/** In each column, claimants of a split brain that were never heard to advertise, and so have no lane. */
export function unheardClaimants(router: VirtualRouterReport, axis: TimeAxis): readonly number[] {
  const { advertisers, splitBrains } = router;
  const claimants = new Set(splitBrains.flatMap((splitBrain) => splitBrain.claimants));
  const names = [...claimants].filter((name) => !advertisers.some((advertiser) => isNamed([name], advertiser)));
  return Array.from({ length: axis.count }, (_, column) => {
    const startUs = axis.startUs + column * axis.columnUs;
    const current = splitBrains.filter((splitBrain) => isInColumn(splitBrain, startUs, axis.columnUs));
    return names.filter((name) => current.some(({ claimants: named }) => named.includes(name))).length;
  });
}

/** How many are master in each column; a takeover in turn counts as one. @param unheard as of `unheardClaimants` */
export function masterCounts(
  lanes: readonly (readonly LaneMark[])[],
  count: number,
  unheard: readonly number[] = [],
): readonly number[] {
  const counts: number[] = [];
  for (let column = 0; column < count; column++) {
    const marks = lanes.map((lane) => lane[column] ?? 'before');
    const speaking = marks.filter(
      (mark) => mark !== 'silent' && mark !== 'before' && mark !== 'missed' && mark !== 'resigned',
    );
    const inTurn = marks.includes('takeover') && !marks.includes('overlap');
    counts.push((inTurn ? Math.min(1, speaking.length) : speaking.length) + (unheard[column] ?? 0));
  }
  return counts;
}

/** Runs of equal marks as spans. */
export function markSpans(marks: readonly LaneMark[], glyphs: Glyphs): readonly Span[] {
  return runs(marks).map(([mark, length]) => ({ text: glyphOf(mark, glyphs).repeat(length), role: MARK_ROLES[mark] }));
}

export function countSpans(counts: readonly number[]): readonly Span[] {
  return runs(counts).map(([count, length]) => ({
    text: (count === 0 ? ' ' : String(Math.min(count, 9))).repeat(length),
    role: count > 1 ? 'alarm' : 'faint',
  }));
}

/** Times of day under the columns that begin at a round time, `now` at the right. */
export function axisText(axis: TimeAxis): string {
  const tickUs = axis.columnUs * 20;
  let text = '';
  for (let column = 0; column < axis.count; column++) {
    const startUs = axis.startUs + column * axis.columnUs;
    if (startUs % tickUs !== 0 || column < text.length) continue;
    const label = `|${clockOf(startUs)}`;
    if (column + label.length > axis.count - ' now'.length) break;
    text = text.padEnd(column) + label;
  }
  return `${text.padEnd(axis.count - 'now'.length)}now`;
}

export function glyphOf(mark: LaneMark, glyphs: Glyphs): string {
  return mark === 'before' ? ' ' : glyphs[mark];
}

/** The split brains of a column that have it as a claimant, the rightful one or another. */
function claimedBy(
  advertiser: AdvertiserReport,
  { splitBrains }: VirtualRouterReport,
  startUs: number,
  columnUs: number,
): readonly SplitBrainReport[] {
  return splitBrains.filter(
    (splitBrain) => isInColumn(splitBrain, startUs, columnUs) && isNamed(splitBrain.claimants, advertiser),
  );
}

function isInColumn(splitBrain: SplitBrainReport, startUs: number, columnUs: number): boolean {
  return splitBrain.startUs < startUs + columnUs && (splitBrain.endUs ?? Number.POSITIVE_INFINITY) >= startUs;
}

function markOf(
  bits: number,
  startUs: number,
  isTakeover: boolean,
  isHeld: boolean,
  advertiser: AdvertiserReport,
): LaneMark {
  if (bits & LANE.resigned) return 'resigned';
  if (isTakeover) return 'takeover';
  if (bits & LANE.missed) return 'missed';
  if (bits & LANE.advert) return 'advert';
  if (isHeld) return 'held';
  return startUs < advertiser.firstUs ? 'before' : 'silent';
}

/** Until when an advertisement before the left edge keeps the lane held, 0 for none. */
function heldBefore(lane: Lane, startUs: number, patienceUs: number): number {
  const last = Math.min(lane.slots.length, Math.ceil((startUs - lane.startUs) / lane.slotUs)) - 1;
  for (let slot = last; slot >= 0; slot--) {
    const endUs = lane.startUs + (slot + 1) * lane.slotUs;
    if (endUs + patienceUs <= startUs) return 0;
    const bits = lane.slots[slot] ?? 0;
    if (bits & (LANE.resigned | LANE.missed)) return 0;
    if (bits & LANE.advert) return endUs + patienceUs;
  }
  return 0;
}
