import type { Analyzer } from '../analyzer/analyzer.ts';
import type { Watched } from '../analyzer/describe.ts';
import type { CaptureSummary } from '../capture/file.ts';

/** A saved capture, as far as it was read, and what its analyzer found. */
export function watchedCapture(name: string, summary: CaptureSummary, analyzer: Analyzer): Watched {
  const { format, linkType, packets, firstUs, lastUs, truncated, dropped } = summary;
  const { adverts } = analyzer;
  const capture = { name, format, linkType, packets, adverts, firstUs, lastUs, truncated, dropped };
  return { analyzer, capture, trouble: troubleOf(summary) };
}

/** What is said of a capture with packets that have no time. */
export function untimedText(untimed: number): string {
  const [packets, they] = untimed === 1 ? ['packet', 'it is'] : ['packets', 'they are'];
  return `has ${untimed} ${packets} without a time that may concern VRRP: ${they} not judged`;
}

function troubleOf({ error, hint, untimed }: CaptureSummary): string | null {
  if (error !== null) {
    const what = hint === null ? `is damaged or cut short: ${error}` : error;
    return `${what}; what comes after is not in this report`;
  }
  return untimed > 0 ? untimedText(untimed) : null;
}
