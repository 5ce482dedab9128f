import type { Analyzer } from '../analyzer/analyzer.ts';
import type { Watched } from '../analyzer/describe.ts';
import type { CaptureSummary } from '../capture/file.ts';

/** A saved capture, as far as it was read, and what its analyzer found. */
export function watchedCapture(name: string, summary: CaptureSummary, analyzer: Analyzer): Watched {
  const { format, linkType, packets, firstUs, lastUs, truncated, dropped, error } = summary;
  const { adverts } = analyzer;
  const capture = { name, format, linkType, packets, adverts, firstUs, lastUs, truncated, dropped };
  const trouble = error === null ? null : `is damaged or cut short: ${error}; what comes after is not in this report`;
  return { analyzer, capture, trouble };
}
