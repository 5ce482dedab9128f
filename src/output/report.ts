import type { CaptureReport, Report } from '../analyzer/report.ts';
import { printable } from './escape.ts';
import { findingLines } from './finding-lines.ts';
import { statements } from './headline.ts';
import { hanging } from './layout.ts';
import { routerLines } from './router-section.ts';
import { paint, type ReportStyle, type Role, WIDTH_MIN } from './style.ts';
import { clockTime, formatDuration, isSameDay } from './time.ts';
import { vantageText } from './vantage.ts';
import { vridLines } from './vrids.ts';

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
    ...report.virtualRouters.map((router) => routerLines(report, router, style)),
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
  // Painted after the layout: escape sequences take no columns.
  return lines.map((line, i) => (i === 0 ? paint(word, role, style) + line.slice(word.length) : line));
}

function captureLines(capture: CaptureReport, style: ReportStyle): readonly string[] {
  const { name, format, linkType, packets, adverts, firstUs, lastUs, truncated, dropped } = capture;
  const facts = [`${format}, ${linkType}`, `${packets} packets`, `${adverts} adverts`];
  if (dropped !== null) facts.push(`${dropped} dropped`);
  if (truncated) facts.push('TRUNCATED');
  if (firstUs !== null && lastUs !== null) {
    const to = clockTime(lastUs, !isSameDay(firstUs, lastUs));
    facts.push(`${clockTime(firstUs, true)} to ${to} UTC (${formatDuration(lastUs - firstUs)})`);
  }
  return hanging('', printable(`${name}: ${facts.join(', ')}`, style.ascii), style.width);
}
