import type { WatchEvent } from '../analyzer/event.ts';
import type { Finding, VirtualRouterReport } from '../analyzer/report.ts';
import { wrap } from '../output/grid-text.ts';
import { bannerLines } from './banner.ts';
import { commandPage } from './command-page.ts';
import { detailPage } from './detail-page.ts';
import { eventLines } from './event-line.ts';
import { footerLine } from './footer.ts';
import { headerLines, healthNotice } from './header.ts';
import { helpPage } from './help-page.ts';
import { inventoryPage } from './inventory-page.ts';
import { createMainScreen } from './main-screen.ts';
import type { LineContent } from './paint.ts';
import type { Alarm } from './routers.ts';
import { alarmsOf, isAnybodyHeard, lastEnded, shownRouters } from './routers.ts';
import type { Scene } from './scene.ts';
import type { OnScreen, UiState } from './ui-state.ts';
import { quietPage } from './waiting.ts';

/** Below this nothing useful fits. */
const COLUMNS_MIN = 60;
const ROWS_MIN = 16;
/** From this height on the banner has room for more than one remedy. */
const TALL_ROWS = 36;

/** The lines of a frame, and what keys need to know of it. */
export interface View {
  readonly lines: readonly LineContent[];
  readonly onScreen: OnScreen;
}

/**
 * The frame for a scene: one line less than the terminal has, because Ink clears the scrollback with every frame that is as
 * tall as the terminal.
 */
export function createView(scene: Scene): View {
  const { columns, rows, snapshot, state } = scene;
  const alarms = alarmsOf(snapshot.report);
  const shownAlarm = chooseAlarm(alarms, state);
  const routers = shownRouters(snapshot.report, state.filter);
  const selected = chooseRouter(routers, state.selected, shownAlarm);
  const known = {
    routers: routers.map(({ key }) => key),
    selected: selected?.key ?? null,
    alarms: alarms.map((alarm) => alarm.key),
    shownAlarm: shownAlarm?.key ?? null,
    repair: repairOf(scene, alarms, shownAlarm, selected),
  };
  if (columns < COLUMNS_MIN || rows < ROWS_MIN) {
    return { lines: tooSmall(scene, alarms), onScreen: { ...known, pageLines: 1, scrollMax: 0, zoom: state.zoom } };
  }
  const top = [...headerLines(scene, alarms), ...healthNotice(scene)];
  const bodyHeight = rows - 1 - top.length - 1;
  if (state.screen === 'table' && isAnybodyHeard(snapshot.report)) {
    const banner = shownAlarm === null ? [] : bannerOf(scene, shownAlarm, alarms);
    const main = createMainScreen({ scene, routers, selected, banner, height: bodyHeight });
    const footer = footerLine(scene, main.position);
    const onScreen = { ...known, pageLines: main.pageLines, scrollMax: 0, zoom: main.zoom };
    return { lines: [...top, ...main.lines, footer], onScreen };
  }
  const page = pageOf(scene, selected, known.repair);
  const scrollMax = Math.max(0, page.length - bodyHeight);
  const scroll = Math.min(state.scroll, scrollMax);
  const body = padded(page.slice(scroll, scroll + bodyHeight), bodyHeight);
  const position =
    scrollMax > 0 ? `${scroll + 1}-${Math.min(page.length, scroll + bodyHeight)} of ${page.length}` : null;
  return {
    lines: [...top, ...body, footerLine(scene, position)],
    onScreen: { ...known, pageLines: bodyHeight - 1, scrollMax, zoom: state.zoom },
  };
}

function pageOf(scene: Scene, selected: VirtualRouterReport | null, repair: Alarm | null): readonly LineContent[] {
  const { snapshot, state, theme, columns, showSecrets, replay } = scene;
  const { report, nowUs } = snapshot;
  switch (state.screen) {
    case 'table':
      return quietPage(scene);
    case 'detail':
      if (selected === null) return ['This virtual router is not in the list any more. Esc: back'];
      return detailPage({ router: selected, nowUs, width: columns, glyphs: theme.glyphs, showSecrets });
    case 'command':
      return commandPage(repair, state.copied, columns);
    case 'events':
      return eventsPage(scene.events, report.findings, columns);
    case 'inventory':
      return inventoryPage(report, state.segment, columns);
    case 'help':
      return helpPage(replay !== null, theme.ascii, theme.glyphs);
  }
}

/** Findings about the capture as a whole have no other place; those about a virtual router are in its detail view. */
function eventsPage(
  events: readonly WatchEvent[],
  findings: readonly Finding[],
  width: number,
): readonly LineContent[] {
  const about = findings.map(({ severity, code, count, summary }) => `${severity} ${code} (${count}): ${summary}`);
  const found =
    about.length === 0 ? [] : ['FINDINGS ABOUT THE CAPTURE', ...about.flatMap((text) => wrap(text, width)), ''];
  if (events.length === 0) return [...found, 'No event yet.'];
  const head: LineContent = [{ text: 'EVENTS', role: 'strong' }, { text: '  newest first, times are UTC' }];
  return [...found, head, ...[...events].reverse().flatMap((event) => eventLines(event, width))];
}

function bannerOf(scene: Scene, alarm: Alarm, alarms: readonly Alarm[]): readonly LineContent[] {
  return bannerLines({
    alarm,
    place: alarms.length > 1 ? `${alarms.indexOf(alarm) + 1} of ${alarms.length}` : null,
    acknowledged: scene.state.acknowledged.has(alarm.key),
    nowUs: scene.snapshot.nowUs,
    width: scene.columns,
    remedies: scene.rows >= TALL_ROWS ? 3 : 1,
    glyphs: scene.theme.glyphs,
  });
}

function chooseAlarm(alarms: readonly Alarm[], state: UiState): Alarm | null {
  const open = alarms.filter((alarm) => !state.acknowledged.has(alarm.key));
  // One that begins is seen, also while the user looks at those that are acknowledged.
  const choice = open.length > 0 ? open : alarms;
  return choice.find((alarm) => alarm.key === state.alarm) ?? choice[0] ?? null;
}

/** Without a choice of the user the table follows the banner. */
function chooseRouter(
  routers: readonly VirtualRouterReport[],
  selected: string | null,
  alarm: Alarm | null,
): VirtualRouterReport | null {
  const chosen = routers.find((router) => router.key === selected);
  if (chosen !== undefined) return chosen;
  return (alarm !== null && routers.includes(alarm.router) ? alarm.router : routers[0]) ?? null;
}

/** What `c` repairs: in the detail view the split brain of that router, else the one in the banner; or what ended last. */
function repairOf(
  { snapshot, state }: Scene,
  alarms: readonly Alarm[],
  shownAlarm: Alarm | null,
  selected: VirtualRouterReport | null,
): Alarm | null {
  const isDetail = state.screen === 'detail' || (state.screen === 'command' && state.previous === 'detail');
  if (isDetail && selected !== null) {
    return alarms.find((alarm) => alarm.router === selected) ?? lastEnded(snapshot.report, selected);
  }
  return shownAlarm ?? lastEnded(snapshot.report);
}

function tooSmall(scene: Scene, alarms: readonly Alarm[]): readonly LineContent[] {
  const { columns, rows } = scene;
  const lines: LineContent[] = alarms
    .slice(0, 3)
    .map(
      ({ router, splitBrain }): LineContent => [
        { text: 'SPLIT BRAIN', role: 'alarm-badge' },
        { text: ` vrid ${router.vrid} deaf: ${splitBrain.deaf.join(' ')}` },
      ],
    );
  lines.push('Terminal too small', `now ${columns}x${rows}`, `needed ${COLUMNS_MIN}x${ROWS_MIN}`, 'q quit');
  return lines.slice(0, Math.max(1, rows - 1));
}

function padded(lines: readonly LineContent[], height: number): readonly LineContent[] {
  return [...lines, ...new Array<LineContent>(Math.max(0, height - lines.length)).fill('')];
}
