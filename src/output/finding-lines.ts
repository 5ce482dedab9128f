import type { Finding } from '../analyzer/report.ts';
import { printable } from './escape.ts';
import { widthOf } from './grid-text.ts';
import { hanging } from './layout.ts';
import { paintStart, type ReportStyle, type Role } from './style.ts';
import { clockTime } from './time.ts';

const SEVERITIES: Readonly<Record<Finding['severity'], { readonly word: string; readonly role: Role }>> = {
  info: { word: 'note', role: 'faint' },
  warning: { word: 'WARNING', role: 'warning' },
  critical: { word: 'CRITICAL', role: 'alarm' },
};

/** A paragraph for each finding, the gravest first. */
export function findingLines(findings: readonly Finding[], indent: string, style: ReportStyle): readonly string[] {
  const ranks = ['critical', 'warning', 'info'];
  return [...findings]
    .sort((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
    .flatMap(({ code, severity, summary, atUs, count }) => {
      const { word, role } = SEVERITIES[severity];
      const when = atUs === null ? '' : `${count > 1 ? 'first ' : ''}${clockTime(atUs)} UTC`;
      const often = count > 1 ? `${count} times` : '';
      const brackets = [often, when].filter(Boolean).join(', ');
      const text = `${code}: ${summary}${brackets === '' ? '' : ` (${brackets})`}`;
      const lines = commandsApart(`${indent}${word}  `, printable(text, style.ascii), style.width);
      return lines.map((line, i) => (i === 0 ? paintStart(line, indent + word, role, style) : line));
    });
}

/** As `hanging`, but what stands between backquotes is to be copied, and gets a line of its own however long it is. */
function commandsApart(prefix: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(widthOf(prefix));
  return text.split(/ *`([^`]*)` */).flatMap((part, i) => {
    if (part === '') return [];
    return i % 2 === 1 ? [`${indent}  ${part}`] : hanging(i === 0 ? prefix : indent, part, width);
  });
}
