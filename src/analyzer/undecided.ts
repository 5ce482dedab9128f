import type { Report } from './report.ts';

/** The report, but its verdict open: what it would say rests on too little. */
export function undecided(report: Report): Report {
  return { ...report, verdict: 'unknown', exitStatus: 3 };
}
