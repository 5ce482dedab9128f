import type { AdvertiserReport, Report, TakeoverReport, VirtualRouterReport } from '../analyzer/report.ts';
import { isNamed, masterAmong } from './advertiser-name.ts';
import { printable } from './escape.ts';
import { takeoverText } from './event-line.ts';
import { findingLines } from './finding-lines.ts';
import { listed } from './headline.ts';
import { columns, hanging } from './layout.ts';
import { routerNameIn } from './router-name.ts';
import { splitBrainLines } from './split-brain-section.ts';
import { paint, paintStart, type ReportStyle, type Role } from './style.ts';
import { clockTime, formatInterval, isSameDay } from './time.ts';
import { timelineLines } from './timeline.ts';

const INDENT = '  ';

/** Takeovers that are listed; of a flapping virtual router the last ones. */
const TAKEOVERS_MAX = 12;

/** Contentions that are listed, the last ones. */
const CONTENTIONS_MAX = 4;

/** Priorities that are listed beside the present one. */
const PRIORITIES_MAX = 2;

const STATE_ROLES: Readonly<Record<VirtualRouterReport['state'], Role>> = {
  ok: 'ok',
  handover: 'ok',
  contested: 'warning',
  'split-brain': 'alarm',
  silent: 'alarm',
};

/** Everything about one virtual router. */
export function routerLines(report: Report, router: VirtualRouterReport, style: ReportStyle): readonly string[] {
  const capture = report.captures.find(({ name }) => name === router.capture);
  const lastUs = router.advertisers.reduce((last, advertiser) => Math.max(last, advertiser.lastUs), 0);
  const untilUs = Math.max(lastUs, capture?.lastUs ?? 0);
  return [
    ...headingLines(report, router, style),
    ...advertiserLines(router, style),
    ...passwordLines(router, style),
    ...timelineLines(router, untilUs, style),
    ...splitBrainLines(router, untilUs, style),
    ...contentionLines(router, style),
    ...takeoverLines(router, style),
    ...(router.findings.length > 0 ? ['', ...findingLines(router.findings, INDENT, style)] : []),
  ];
}

/** Name, addresses, state and master of a virtual router. */
export function headingLines(report: Report, router: VirtualRouterReport, style: ReportStyle): readonly string[] {
  const { state, master, addresses } = router;
  const name = printable(routerNameIn(report, router), style.ascii);
  const word = state === 'ok' || state === 'handover' ? state : state.replace('-', ' ').toUpperCase();
  const since = router.stateSinceUs === null ? '' : ` since ${clockTime(router.stateSinceUs)} UTC`;
  const rest = [`${word}${since}`, master === null ? 'no master' : `master ${master}`].join(', ');
  const lines = hanging(`${name}  `, `${addresses.join(' ') || 'no addresses'}  ${rest}`, style.width);
  const painted = paint(` ${word} since`, STATE_ROLES[state], style);
  return lines.map((line, i) =>
    (i === 0 ? paintStart(line, name, 'strong', style) : line).replace(` ${word} since`, () => painted),
  );
}

function advertiserLines(router: VirtualRouterReport, style: ReportStyle): readonly string[] {
  const { advertisers } = router;
  if (advertisers.length === 0) return [];
  const head = ['source', 'mac', 'ver', 'prio', 'every', 'auth', 'adverts', 'state'];
  const rows = advertisers.map((advertiser) => [
    advertiser.source,
    advertiser.mac ?? '-',
    String(advertiser.version),
    priorityText(advertiser),
    formatInterval(advertiser.intervalUs),
    advertiser.authType,
    String(advertiser.adverts),
    stateOf(router, advertiser) + (advertiser.unicast ? ' unicast' : ''),
  ]);
  const right = new Set([2, 3, 4, 6]);
  const table = columns([head, ...rows], right).map((line) => INDENT + line);
  const fits = table.every((line) => line.length <= style.width);
  const lines = fits ? table : stacked(head, rows, right);
  const headHeight = fits ? 1 : 2;
  const painted = lines.map((line, i) => (i < headHeight ? paint(line, 'faint', style) : line));
  if (!advertisers.some((advertiser) => othersOf(advertiser).length > 0)) return painted;
  return [...painted, paint(`${INDENT}in brackets: other priorities that it advertised`, 'faint', style)];
}

/** The report has passwords only where they were asked for. */
function passwordLines({ advertisers }: VirtualRouterReport, style: ReportStyle): readonly string[] {
  return advertisers.flatMap(({ source, password }) =>
    password === null ? [] : hanging(`${INDENT}password of ${source}: `, printable(password, style.ascii), style.width),
  );
}

/** Long addresses stand on a line of their own above what they say. */
function stacked(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number>,
): readonly string[] {
  const shifted = new Set([...right].map((column) => column - 2));
  const [headLine = '', ...lines] = columns(
    [head, ...rows].map((row) => row.slice(2)),
    shifted,
  );
  return [
    `${INDENT}${head[0]}  ${head[1]}`,
    `${INDENT}${INDENT}${headLine}`,
    ...rows.flatMap(([source = '', mac = ''], i) => [
      `${INDENT}${source}  ${mac}`,
      `${INDENT}${INDENT}${lines[i] ?? ''}`,
    ]),
  ];
}

/** `100`, or `70 (100)` when it advertised others too. */
function priorityText(advertiser: AdvertiserReport): string {
  const others = othersOf(advertiser);
  if (others.length === 0) return String(advertiser.priority);
  const more = others.length > PRIORITIES_MAX ? ' +' : '';
  return `${advertiser.priority} (${others.slice(0, PRIORITIES_MAX).join(', ')}${more})`;
}

function othersOf({ priority, priorities }: AdvertiserReport): readonly number[] {
  return priorities.filter((other) => other !== priority);
}

/** What an advertiser is at the end, as far as the wire tells: one that fell silent may be a backup or dead. */
function stateOf(router: VirtualRouterReport, advertiser: AdvertiserReport): string {
  const { source, resignedUs, claiming } = advertiser;
  const split = router.splitBrains.find(({ endUs }) => endUs === null);
  if (router.state !== 'silent' && advertiser === masterAmong(router)) return 'master';
  const isClaimant = split !== undefined && isNamed(split.claimants, advertiser);
  if (isClaimant || (router.state === 'contested' && claiming)) return 'CLAIMS';
  if (resignedUs !== null) return 'resigned';
  const lastTurn = router.takeovers.findLast(({ from }) => from === source);
  const hasYielded =
    lastTurn?.kind === 'preempted' ||
    (lastTurn === undefined && router.splitBrains.some(({ claimants }) => isNamed(claimants, advertiser)));
  return hasYielded && router.state !== 'silent' ? 'backup' : 'silent';
}

function contentionLines({ contentions }: VirtualRouterReport, style: ReportStyle): readonly string[] {
  const earlier = contentions.length - CONTENTIONS_MAX;
  const lines = contentions.slice(-CONTENTIONS_MAX).flatMap(({ atUs, claimants, winner }) => {
    const others = claimants.filter((source) => source !== winner);
    const text = `${clockTime(atUs)} UTC  ${listed(others)} advertised beside ${printable(winner)}, which outranks it, and then yielded or was not heard again; look there for lost advertisements`;
    return hanging(`${INDENT}contested  `, text, style.width);
  });
  return lines.length === 0 ? [] : ['', ...lines, ...(earlier > 0 ? [`${INDENT}and ${earlier} times before`] : [])];
}

function takeoverLines({ takeovers }: VirtualRouterReport, style: ReportStyle): readonly string[] {
  const [first] = takeovers;
  const last = takeovers.at(-1);
  if (first === undefined || last === undefined) return [];
  const withDate = !isSameDay(first.atUs, last.atUs);
  const earlier = takeovers.length - TAKEOVERS_MAX;
  const title = earlier > 0 ? `takeovers, UTC (the last ${TAKEOVERS_MAX} of ${takeovers.length})` : 'takeovers, UTC';
  const line = (takeover: TakeoverReport): readonly string[] => {
    const text = `${takeover.from} -> ${takeover.to}  ${takeoverText(takeover)}`;
    return hanging(`${INDENT}${INDENT}${clockTime(takeover.atUs, withDate)}  `, printable(text), style.width);
  };
  return ['', `${INDENT}${title}`, ...takeovers.slice(-TAKEOVERS_MAX).flatMap(line)];
}
