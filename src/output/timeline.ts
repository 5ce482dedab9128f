import type { AdvertiserReport, VirtualRouterReport } from '../analyzer/report.ts';
import { LANE } from '../analyzer/report.ts';
import { type LaneMark, laneMarks, type TimeAxis } from '../ui/lanes.ts';
import { fitMiddle, widthOf } from '../ui/text.ts';
import { paint, type ReportStyle, type Role } from './style.ts';
import { clockTime, formatDuration, isSameDay } from './time.ts';

/** What a column of a lane is drawn as. `claims` is a claimant of a split brain that does not advertise. */
type Cell = 'advert' | 'resigned' | 'missed' | 'claims' | 'silent' | 'unheard';

const GLYPHS: Readonly<Record<Cell, { readonly unicode: string; readonly ascii: string; readonly meaning: string }>> = {
  advert: { unicode: '█', ascii: '#', meaning: 'advertises' },
  resigned: { unicode: '0', ascii: '0', meaning: 'resigns (priority 0)' },
  missed: { unicode: '_', ascii: '_', meaning: 'adverts missing' },
  claims: { unicode: '░', ascii: '~', meaning: 'silent, still claims the addresses' },
  silent: { unicode: '·', ascii: '.', meaning: 'silent' },
  unheard: { unicode: ' ', ascii: ' ', meaning: '' },
};

const CELLS: Readonly<Record<LaneMark, Cell>> = {
  overlap: 'advert',
  takeover: 'advert',
  advert: 'advert',
  held: 'advert',
  resigned: 'resigned',
  missed: 'missed',
  silent: 'silent',
  before: 'unheard',
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
  const labelWidth = Math.min(LABEL_MAX, Math.max('SPLIT'.length, ...advertisers.map(({ source }) => widthOf(source))));
  const axis = axisOf(router, untilUs, style.width - INDENT.length - labelWidth - 2);
  const lanes = advertisers.map((advertiser) => cellsOf(router, advertiser, axis));
  const overlaps = overlapsOf(router, axis);
  const lines = advertisers.map((advertiser, i) => {
    const label = fitMiddle(advertiser.source, labelWidth, style.ascii ? '~' : '…');
    return `${INDENT}${label}  ${drawCells(lanes[i] ?? [], style)}`.trimEnd();
  });
  if (overlaps.includes('split')) lines.push(overlapLine('SPLIT', 'alarm', overlaps, labelWidth, style));
  else if (overlaps.includes('contested')) lines.push(overlapLine('TWO', 'warning', overlaps, labelWidth, style));
  lines.push(`${INDENT}${' '.repeat(labelWidth)}  ${axisLine(axis)}`);
  lines.push(`${INDENT}${legend(lanes, overlaps, axis, style)}`);
  return lines.map((line) => (style.width < widthOf(line) && !style.color ? line.trimEnd() : line));
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
  const columnUs = Math.max(intervalUs, Math.ceil(spanUs / Math.max(1, room - 1)));
  return { startUs, columnUs, count: Math.floor(spanUs / columnUs) + 1 };
}

function cellsOf(router: VirtualRouterReport, advertiser: AdvertiserReport, axis: TimeAxis): readonly Cell[] {
  return laneMarks(router, advertiser, axis).map((mark, column) => {
    const cell = CELLS[mark];
    if (cell !== 'silent') return cell;
    const startUs = axis.startUs + column * axis.columnUs;
    const isClaimant = router.splitBrains.some(
      ({ claimants, startUs: from, endUs }) =>
        claimants.includes(advertiser.source) && startUs >= from && (endUs === null || startUs <= endUs),
    );
    return isClaimant ? 'claims' : cell;
  });
}

function overlapsOf(router: VirtualRouterReport, axis: TimeAxis): readonly Overlap[] {
  const overlaps = new Array<Overlap>(axis.count).fill('none');
  for (const { lane } of router.advertisers) {
    for (let slot = 0; slot < lane.slots.length; slot++) {
      if (((lane.slots[slot] ?? 0) & LANE.violation) === 0) continue;
      const column = Math.floor((lane.startUs + slot * lane.slotUs - axis.startUs) / axis.columnUs);
      if (column >= 0 && column < axis.count) overlaps[column] = 'contested';
    }
  }
  for (const { startUs, endUs } of router.splitBrains) {
    const first = Math.max(0, Math.floor((startUs - axis.startUs) / axis.columnUs));
    const last = endUs === null ? axis.count - 1 : Math.floor((endUs - axis.startUs) / axis.columnUs);
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
  let drawn = '';
  for (let i = 0; i < cells.length; ) {
    const cell = cells[i] ?? 'unheard';
    let end = i;
    while (cells[end] === cell) end++;
    const run = glyphOf(cell, style).repeat(end - i);
    const role = CELL_ROLES[cell];
    drawn += role === undefined ? run : paint(run, role, style);
    i = end;
  }
  return drawn;
}

function axisLine(axis: TimeAxis): string {
  const endUs = axis.startUs + axis.count * axis.columnUs;
  const withDate = !isSameDay(axis.startUs, endUs);
  const from = clockTime(axis.startUs, withDate).split('.')[0] ?? '';
  const to = clockTime(endUs, withDate).split('.')[0] ?? '';
  const gap = axis.count - from.length - to.length;
  return gap >= 2 ? `${from}${' '.repeat(gap)}${to}` : `${from} to ${to}`;
}

function legend(
  lanes: readonly (readonly Cell[])[],
  overlaps: readonly Overlap[],
  { columnUs }: TimeAxis,
  style: ReportStyle,
): string {
  const used = new Set(lanes.flat());
  const entries = (Object.keys(GLYPHS) as Cell[])
    .filter((cell) => used.has(cell) && cell !== 'unheard')
    .map((cell) => `${glyphOf(cell, style)} ${GLYPHS[cell].meaning}`);
  if (overlaps.includes('split')) entries.push('! split brain');
  if (overlaps.includes('contested')) entries.push('? two at once');
  return `UTC, ${formatDuration(columnUs)} a column: ${entries.join(', ')}`;
}

function glyphOf(cell: Cell, { ascii }: ReportStyle): string {
  return ascii ? GLYPHS[cell].ascii : GLYPHS[cell].unicode;
}
