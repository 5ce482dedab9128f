import type { Report } from '../analyzer/report.ts';
import { jsonText, reportDocument } from '../output/json.ts';

/** Prints the report as one JSON document. */
export function printJson(report: Report): void {
  process.stdout.write(jsonText(reportDocument(report), 2));
  // By itself: to append it would copy what may be megabytes.
  process.stdout.write('\n');
}
