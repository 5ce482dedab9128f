import type { Report } from '../analyzer/report.ts';
import { statements } from './headline.ts';
import type { ReportStyle } from './style.ts';

/** The report for people, ending without a newline. */
export function reportText(report: Report, _style: ReportStyle): string {
  return statements(report).join('\n');
}
