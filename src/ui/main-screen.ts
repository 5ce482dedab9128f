import type { AdvertiserReport, VirtualRouterReport } from '../analyzer/report.ts';
import { masterAmong, shortName } from '../output/advertiser-name.ts';
import { routerName } from '../output/router-name.ts';
import { eventLine } from './event-line.ts';
import type { LaneMark } from './lanes.ts';
import {
  axisText,
  countSpans,
  createAxis,
  effectiveZoom,
  glyphOf,
  laneMarks,
  markSpans,
  masterCounts,
  unheardClaimants,
  ZOOM_STEPS_US,
} from './lanes.ts';
import type { LineContent, Span } from './paint.ts';
import type { Scene } from './scene.ts';
import { createTable, WIDE_COLUMNS } from './table.ts';
import type { Glyphs } from './theme.ts';
import { formatShortInterval } from './time.ts';

const TABLE_LINES_MIN = 3;
/** Title and two events. */
const EVENT_LINES_MIN = 3;
/** Title and what a tall terminal gives to the log before more lanes are drawn. */
const EVENT_LINES_GOOD = 10;
/** Title, axis and one lane. */
const TIMELINE_LINES_MIN = 3;

const LEGEND: readonly (readonly [LaneMark, string])[] = [
  ['advert', 'advert'],
  ['overlap', 'overlap'],
  ['takeover', 'takeover'],
  ['missed', 'missed'],
  ['resigned', 'resigned'],
  ['claims', 'claims'],
  ['silent', 'quiet'],
];

export interface MainScreen {
  readonly lines: readonly LineContent[];
  /** `12-18 of 40`, null while all of the table is seen. */
  readonly position: string | null;
  readonly pageLines: number;
  readonly zoom: number;
}

/** How the lines below the banner are shared. The table head and at least one router are always there. */
export interface Shares {
  readonly table: number;
  readonly timeline: number;
  readonly events: number;
}

/** `tableWant` and `timelineWant` are the lines of the whole table and of the selected router's timeline. */
export function shareLines(height: number, tableWant: number, timelineWant: number): Shares {
  const table = Math.max(
    1,
    Math.min(tableWant, Math.max(TABLE_LINES_MIN, height - timelineWant - EVENT_LINES_MIN), height),
  );
  const rest = height - table;
  const timeline = rest >= TIMELINE_LINES_MIN ? Math.min(timelineWant, rest) : 0;
  const events = rest - timeline >= 2 ? rest - timeline : 0;
  return { table, timeline, events };
}

export function createMainScreen(options: {
  readonly scene: Scene;
  readonly routers: readonly VirtualRouterReport[];
  readonly selected: VirtualRouterReport | null;
  readonly banner: readonly LineContent[];
  readonly height: number;
}): MainScreen {
  const { scene, routers, selected, height } = options;
  const { columns, snapshot } = scene;
  const banner = fitBanner(options.banner, height - 1 - TABLE_LINES_MIN);
  const key = selected?.key ?? null;
  const table = createTable({ report: snapshot.report, routers, selected: key, nowUs: snapshot.nowUs, width: columns });
  const lanes = selected === null ? 0 : selected.advertisers.length;
  const timelineWant = lanes === 0 ? 0 : lanes + 2 + (lanes > 1 ? 1 : 0);
  const shares = shareLines(height - banner.length - 1, table.length, timelineWant);
  const first = firstLine(table.selectedLine, shares.table, table.length);
  const shown = table.lines(first, shares.table);
  const position = table.length > shares.table ? `${first + 1}-${first + shown.length} of ${table.length}` : null;
  const spare = shares.events > EVENT_LINES_GOOD ? shares.events - EVENT_LINES_GOOD : 0;
  const timeline =
    shares.timeline === 0 || selected === null
      ? noTimeline(scene)
      : timelineLines(
          scene,
          [selected, ...routers.filter((router) => router !== selected)],
          shares.timeline,
          shares.timeline + spare,
        );
  const eventHeight = shares.timeline + shares.events - timeline.lines.length;
  const empty: readonly LineContent[] = routers.length === 0 ? ['  Nothing matches the filter. Esc clears it.'] : [];
  const lines = [
    ...banner,
    table.head,
    ...shown,
    ...empty,
    ...timeline.lines,
    ...eventLines(scene, eventHeight - empty.length),
  ];
  while (lines.length < height) lines.push('');
  return { lines: lines.slice(0, height), position, pageLines: Math.max(1, shares.table - 1), zoom: timeline.zoom };
}

/** A banner that leaves no room loses lines before its lower edge; the command stands last and the reason gives way first. */
function fitBanner(banner: readonly LineContent[], height: number): readonly LineContent[] {
  if (banner.length <= height) return banner;
  const excess = banner.length - height;
  // Line 0 is the frame, line 1 says who.
  return [...banner.slice(0, 2), ...banner.slice(2 + excess)];
}

/** Scrolls around the selection: it stands in the middle, except at both ends. */
function firstLine(selectedLine: number, height: number, length: number): number {
  const centred = selectedLine - Math.floor(height / 2);
  return Math.max(0, Math.min(centred, length - height));
}

interface Timeline {
  readonly lines: readonly LineContent[];
  readonly zoom: number;
}

function noTimeline(scene: Scene): Timeline {
  return { lines: [], zoom: scene.state.zoom };
}

/** The first router's lanes in at least `height` lines, and those of the next ones as far as `heightMax` allows. */
function timelineLines(
  scene: Scene,
  routers: readonly VirtualRouterReport[],
  height: number,
  heightMax: number,
): Timeline {
  const { columns, state, snapshot, theme } = scene;
  const shown: VirtualRouterReport[] = [];
  let used = 2;
  for (const router of routers) {
    const own = router.advertisers.length + (router.advertisers.length > 1 ? 1 : 0);
    if (shown.length > 0 && used + own > heightMax) break;
    shown.push(router);
    used += own;
  }
  const zoom = effectiveZoom(
    state.zoom,
    shown.flatMap((router) => router.advertisers.map(({ lane }) => lane)),
  );
  const columnUs = ZOOM_STEPS_US[zoom] ?? 1_000_000;
  const labelWidth = columns >= WIDE_COLUMNS ? 30 : 21;
  const axis = createAxis(snapshot.nowUs, columnUs, columns - labelWidth);
  const body: LineContent[] = [];
  const drawn = new Set<LaneMark>();
  for (const router of shown) {
    const lanes = inLaneOrder(router).map((advertiser) => ({ advertiser, marks: laneMarks(router, advertiser, axis) }));
    lanes.forEach(({ advertiser, marks }, index) => {
      for (const mark of marks) drawn.add(mark);
      const vrid = index === 0 ? String(router.vrid) : '';
      body.push([
        ...laneLabel(vrid, shortName(advertiser, router.advertisers), labelWidth),
        ...markSpans(marks, theme.glyphs),
      ]);
    });
    if (lanes.length > 1) {
      const counts = masterCounts(
        lanes.map(({ marks }) => marks),
        axis.count,
        unheardClaimants(router, axis),
      );
      body.push([{ text: '    masters', width: labelWidth, role: 'faint' }, ...countSpans(counts)]);
    }
  }
  const name =
    shown.length === 1 && shown[0] !== undefined ? routerName(shown[0]) : `of ${shown.length} virtual routers`;
  const title: LineContent = [
    { text: 'TIMELINE ', role: 'strong' },
    { text: columns >= WIDE_COLUMNS ? `${name}  ` : '' },
    { text: `${formatShortInterval(columnUs)}/column  ` },
    ...legend(theme.glyphs, drawn),
  ];
  const axisLine: LineContent = [
    { text: '', width: labelWidth },
    { text: axisText(axis), role: 'faint' },
  ];
  return { lines: [title, ...body.slice(0, Math.max(1, Math.max(height, used) - 2)), axisLine], zoom };
}

function laneLabel(vrid: string, name: string, width: number): readonly Span[] {
  return [
    { text: vrid, width: 3, align: 'right' },
    { text: ' ' },
    { text: name, width: width - 5, align: 'middle' },
    { text: ' ' },
  ];
}

/** The rightful master first, so that the lanes of a split brain read from top to bottom. */
function inLaneOrder(router: VirtualRouterReport): readonly AdvertiserReport[] {
  const master = masterAmong(router);
  return [...router.advertisers].sort((a, b) => Number(b === master) - Number(a === master) || a.firstUs - b.firstUs);
}

/** There is room for one mark less than there are: where the rare one is drawn, those that are not give way. */
function legend(glyphs: Glyphs, drawn: ReadonlySet<LaneMark>): readonly Span[] {
  const isShown = (mark: LaneMark) => (drawn.has('claims') ? drawn.has(mark) : mark !== 'claims');
  return LEGEND.filter(([mark]) => isShown(mark)).flatMap(([mark, word]): Span[] => [
    { text: glyphOf(mark, glyphs), role: 'strong' },
    { text: `${word} `, role: 'faint' },
  ]);
}

function eventLines(scene: Scene, height: number): readonly LineContent[] {
  if (height < 2) return [];
  const newest = scene.events.slice(-(height - 1)).reverse();
  if (newest.length === 0)
    return [
      [
        { text: 'EVENTS', role: 'strong' },
        { text: '  none yet', role: 'faint' },
      ],
    ];
  const wide = scene.columns >= WIDE_COLUMNS;
  return [[{ text: 'EVENTS', role: 'strong' }], ...newest.map((event) => eventLine(event, wide))];
}
