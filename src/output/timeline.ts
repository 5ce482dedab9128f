import type { AdvertiserReport, VirtualRouterReport } from '../analyzer/report.ts';
import { LANE } from '../analyzer/report.ts';
import { isNamed, shortName } from './advertiser-name.ts';
import { fitMiddle, widthOf } from './grid-text.ts';
import { hanging } from './layout.ts';
import { paint, type ReportStyle, type Role } from './style.ts';
import { clockTime, formatInterval, isSameDay } from './time.ts';
import { columnBits, columnOf, runs, type TimeAxis, yieldedColumns } from './time-axis.ts';

/** What a column of a lane is drawn as. `claims` is a claimant of a split brain that does not advertise. */
type Cell = 'advert' | 'resigned' | 'missed' | 'claims' | 'silent' | 'unheard';

const GLYPHS: Readonly<Record<Cell, { readonly unicode: string; readonly ascii: string; readonly meaning: string }>> = {
  advert: { unicode: '█', ascii: '#', meaning: 'advertises' },
  resigned: { unicode: '0', ascii: '0', meaning: 'resigns (priority 0)' },
  missed: { unicode: '_', ascii: '_', meaning: 'adverts missing' },
  claims: { unicode: '░', ascii: '~', meaning: 'silent, still claims' },
  silent: { unicode: '·', ascii: '.', meaning: 'silent' },
  unheard: { unicode: ' ', ascii: ' ', meaning: '' },
};

const CELL_ROLES: Readonly<Partial<Record<Cell, Role>>> = { advert: 'ok', missed: 'warning', claims: 'alarm' };

/** What the row below the lanes marks. */
type Overlap = 'split' | 'contested' | 'none';

const OVERLAP_GLYPHS: Readonly<Record<Overlap, string>> = { split: '!', contested: '?', none: ' ' };

/** IPv6 addresses are cut to this, so that the lanes keep room. */
const LABEL_MAX = 28;
const INDENT = '  ';

/** The lanes of a virtual router under each other, the row that marks where two claimed at once, the time axis and a legend. */
export function timelineLines(router: VirtualRouterReport, untilUs: number, style: ReportStyle): readonly string[] {
  const { advertisers } = router;
  if (advertisers.length === 0) return [];
  const labels = advertisers.map((advertiser) => shortName(advertiser, advertisers));
  const labelWidth = Math.min(LABEL_MAX, Math.max('SPLIT'.length, ...labels.map(widthOf)));
  const axis = axisOf(router, untilUs, style.width - INDENT.length - labelWidth - 2);
  const lanes = advertisers.map((advertiser) => cellsOf(router, advertiser, axis));
  const overlaps = overlapsOf(router, axis);
  const lines = labels.map((text, i) => {
    const label = fitMiddle(text, labelWidth, style.ascii ? '~' : '…');
    return `${INDENT}${label}  ${drawCells(lanes[i] ?? [], style)}`.trimEnd();
  });
  if (overlaps.includes('split')) lines.push(overlapLine('SPLIT', 'alarm', overlaps, labelWidth, style));
  else if (overlaps.includes('contested')) lines.push(overlapLine('TWO', 'warning', overlaps, labelWidth, style));
  lines.push(...hanging(INDENT + ' '.repeat(labelWidth + 2), axisLine(axis), style.width));
  lines.push(...legend(lanes, overlaps, style));
  return lines;
}

/**
 * Columns from the first to the last time of the virtual router. A column is not shorter than the longest interval, so
 * that every column of a healthy master holds an advertisement.
 */
function axisOf({ advertisers, splitBrains }: VirtualRouterReport, untilUs: number, room: number): TimeAxis {
  // A lane in constant memory may have forgotten its beginning; before it, nothing can be said of anybody.
  const forgotten = advertisers.filter(({ lane, firstUs }) => lane.startUs > firstUs).map(({ lane }) => lane.startUs);
  const starts = advertisers.map(({ lane }) => lane.startUs);
  const startUs = forgotten.length > 0 ? Math.max(...forgotten) : Math.min(...starts);
  const ends = [...advertisers.map(({ lastUs }) => lastUs), ...splitBrains.map(({ endUs }) => endUs ?? 0)];
  const spanUs = Math.max(1, Math.max(untilUs, ...ends) - startUs);
  const intervalUs = Math.max(
    ...advertisers.map((advertiser) => Math.max(advertiser.intervalUs, advertiser.lane.slotUs)),
  );
  const columnUs = roundUp(Math.max(intervalUs, spanUs / Math.max(1, room - 1)));
  return { startUs, columnUs, count: Math.floor(spanUs / columnUs) + 1 };
}

/** To two digits, so that the time of a column can be said in few words. */
function roundUp(us: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(us)) - 1);
  return Math.ceil(us / step) * step;
}

function cellsOf(router: VirtualRouterReport, advertiser: AdvertiserReport, axis: TimeAxis): readonly Cell[] {
  const bits = columnBits(advertiser.lane, axis);
  const yielded = yieldedColumns(advertiser.lane, axis);
  return Array.from(bits, (own, column) => {
    const startUs = axis.startUs + column * axis.columnUs;
    if (own & LANE.resigned) return 'resigned';
    if (own & LANE.missed) return 'missed';
    if (own & LANE.advert || isBridged(bits, column)) return 'advert';
    if (startUs < advertiser.firstUs) return 'unheard';
    return !yielded[column] && isClaiming(router, advertiser, startUs) ? 'claims' : 'silent';
  });
}

/** A column is an interval or more, so one without an advertisement between two that have one is a matter of rounding. */
function isBridged(bits: Uint8Array, column: number): boolean {
  const [before = 0, after = 0] = [bits[column - 1], bits[column + 1]];
  return (before & LANE.advert) !== 0 && (before & LANE.resigned) === 0 && (after & LANE.advert) !== 0;
}

/** True while a split brain has it as a claimant. */
function isClaiming({ splitBrains }: VirtualRouterReport, advertiser: AdvertiserReport, atUs: number): boolean {
  return splitBrains.some(
    ({ claimants, startUs, endUs }) =>
      isNamed(claimants, advertiser) && atUs >= startUs && (endUs === null || atUs <= endUs),
  );
}

function overlapsOf(router: VirtualRouterReport, axis: TimeAxis): readonly Overlap[] {
  const overlaps = new Array<Overlap>(axis.count).fill('none');
  for (const { lane } of router.advertisers) {
    for (const [column, bits] of columnBits(lane, axis).entries()) {
      if (bits & LANE.violation) overlaps[column] = 'contested';
    }
  }
  for (const { startUs, endUs } of router.splitBrains) {
    const first = Math.max(0, columnOf(startUs, axis));
    const last = endUs === null ? axis.count - 1 : columnOf(endUs, axis);
    overlaps.fill('split', first, last + 1);
  }
  return overlaps;
}

function overlapLine(
  label: string,
  role: Role,
  overlaps: readonly Overlap[],
  labelWidth: number,
  style: ReportStyle,
): string {
  const marks = overlaps
    .map((overlap) => OVERLAP_GLYPHS[overlap])
    .join('')
    .trimEnd();
  return `${INDENT}${paint(label.padEnd(labelWidth), role, style)}  ${paint(marks, role, style)}`;
}

function drawCells(cells: readonly Cell[], style: ReportStyle): string {
  const drawn = runs(cells).map(([cell, length]) => {
    const role = CELL_ROLES[cell];
    const glyphs = glyphOf(cell, style).repeat(length);
    return role === undefined ? glyphs : paint(glyphs, role, style);
  });
  return drawn.join('');
}

/** Start and end under the lanes, what a column stands for beside them. */
function axisLine({ startUs, columnUs, count }: TimeAxis): string {
  const endUs = startUs + count * columnUs;
  const withDate = !isSameDay(startUs, endUs);
  const from = clockTime(startUs, withDate).split('.')[0] ?? '';
  const to = clockTime(endUs, withDate).split('.')[0] ?? '';
  return `${from} to ${to} UTC, ${formatInterval(columnUs)} a column`;
}

/** What the glyphs mean, where they do not speak for themselves. */
function legend(
  lanes: readonly (readonly Cell[])[],
  overlaps: readonly Overlap[],
  style: ReportStyle,
): readonly string[] {
  const used = new Set(lanes.flat());
  used.delete('unheard');
  const entries = (Object.keys(GLYPHS) as Cell[])
    .filter((cell) => used.has(cell))
    .map((cell) => `${glyphOf(cell, style)} ${GLYPHS[cell].meaning}`);
  if (overlaps.includes('split')) entries.push('! split brain');
  if (overlaps.includes('contested')) entries.push('? two at once');
  return entries.length > 1 ? hanging(INDENT, entries.join('   '), style.width) : [];
}

function glyphOf(cell: Cell, { ascii }: ReportStyle): string {
  return ascii ? GLYPHS[cell].ascii : GLYPHS[cell].unicode;
}
