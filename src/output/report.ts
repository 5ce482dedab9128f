import type { CaptureReport, Report, VirtualRouterReport } from '../analyzer/report.ts';
import { printable } from './escape.ts';
import { findingLines } from './finding-lines.ts';
import { statements } from './headline.ts';
import { hanging } from './layout.ts';
import { headingLines, routerLines } from './router-section.ts';
import { paintStart, type ReportStyle, type Role, WIDTH_MIN } from './style.ts';
import { clockTime, formatDuration, isSameDay } from './time.ts';
import { vantageText } from './vantage.ts';
import { vridLines } from './vrids.ts';

/** Virtual routers up to which each is told in full. */
const TOLD_MAX = 10;

const STATUS: Readonly<Record<number, { readonly word: string; readonly role: Role }>> = {
  0: { word: 'OK', role: 'ok' },
  1: { word: 'WARNING', role: 'warning' },
  2: { word: 'CRITICAL', role: 'alarm' },
  3: { word: 'UNKNOWN', role: 'warning' },
};

/** The report for people, ending without a newline: verdict, virtual routers, captures, and what all this cannot show. */
export function reportText(report: Report, wanted: ReportStyle): string {
  const style = { ...wanted, width: Math.max(WIDTH_MIN, wanted.width) };
  const sections = [
    verdictLines(report, style),
    ...routerSections(report, style),
    findingLines(report.findings, '', style),
    style.vrids ? vridLines(report, style) : [],
    [
      ...report.captures.flatMap((capture) => captureLines(capture, style)),
      ...hanging('', printable(vantageText(report), style.ascii), style.width),
    ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function verdictLines(report: Report, style: ReportStyle): readonly string[] {
  const status = STATUS[report.exitStatus];
  const { word, role } =
    report.verdict === 'split-brain'
      ? { word: 'SPLIT BRAIN', role: 'alarm' as const }
      : (status ?? { word: 'UNKNOWN', role: 'warning' as const });
  const prefix = `${word}  `;
  const lines = statements(report).flatMap((text, i) =>
    hanging(i === 0 ? prefix : ' '.repeat(prefix.length), printable(text, style.ascii), style.width),
  );
  return lines.map((line, i) => (i === 0 ? paintStart(line, word, role, style) : line));
}

/** The urgent ones first and in full; of many quiet ones, a line each. */
function routerSections(report: Report, style: ReportStyle): readonly (readonly string[])[] {
  const routers = [...report.virtualRouters].sort((a, b) => urgencyOf(a) - urgencyOf(b));
  if (routers.length <= TOLD_MAX) return routers.map((router) => routerLines(report, router, style));
  const told = routers.filter((router) => !isQuiet(router));
  const quiet = routers.filter(isQuiet);
  return [
    ...told.map((router) => routerLines(report, router, style)),
    quiet.flatMap((router) => headingLines(report, router, style)),
  ];
}

function urgencyOf({ splitBrains, state, findings }: VirtualRouterReport): number {
  if (state === 'split-brain') return 0;
  if (splitBrains.length > 0) return 1;
  if (state === 'silent' || state === 'contested') return 2;
  return findings.some(({ severity }) => severity !== 'info') ? 3 : 4;
}

function isQuiet(router: VirtualRouterReport): boolean {
  return urgencyOf(router) === 4 && router.findings.length === 0 && router.takeovers.length === 0;
}

function captureLines(capture: CaptureReport, style: ReportStyle): readonly string[] {
  const { name, format, linkType, packets, adverts, firstUs, lastUs, truncated, dropped } = capture;
  const facts = [format, ...(linkType === null ? [] : [linkType]), `${packets} packets`, `${adverts} adverts`];
  if (dropped !== null) facts.push(`${dropped} dropped`);
  if (truncated) facts.push('TRUNCATED');
  if (firstUs !== null && lastUs !== null) {
    const to = clockTime(lastUs, !isSameDay(firstUs, lastUs));
    // The clock may have been set back meanwhile.
    const duration = lastUs < firstUs ? '' : ` (${formatDuration(lastUs - firstUs)})`;
    facts.push(`${clockTime(firstUs, true)} to ${to} UTC${duration}`);
  }
  return hanging('', printable(`${name}: ${facts.join(', ')}`, style.ascii), style.width);
}
