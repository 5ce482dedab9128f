import type { Report } from './analyzer/report.ts';
import { EXIT_UNKNOWN } from './user-error.ts';

/** The report, but its verdict open: what it would say rests on too little. */
export function undecided(report: Report): Report {
  return { ...report, verdict: 'unknown', exitStatus: EXIT_UNKNOWN };
}
