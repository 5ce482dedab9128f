import { type Describing, describe, type Watched } from '../../src/analyzer/describe.ts';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import type { Report } from '../../src/analyzer/report.ts';
import { readCaptureFile } from '../../src/capture/file.ts';
import { Watch } from '../../src/watch/watch.ts';

/** What the program finds in a saved capture. */
export async function judgedCapture(path: string): Promise<Report> {
  return judgedCaptures([path]);
}

/** What the program finds in several saved captures. */
export async function judgedCaptures(paths: readonly string[], describing: Describing = {}): Promise<Report> {
  return describe(await Promise.all(paths.map((path) => watched(path, () => undefined))), describing);
}

/** What the program would have told of the capture while it was made. */
export async function eventsOf(path: string): Promise<WatchEvent[]> {
  const events: WatchEvent[] = [];
  await watched(path, (event) => events.push(event));
  return events;
}

async function watched(path: string, onEvent: (event: WatchEvent) => void): Promise<Watched> {
  const watch = new Watch({
    capture: path,
    interfaceName: () => null,
    laneHistory: 'whole',
    expectations: [],
    onEvent,
  });
  const signal = new AbortController().signal;
  const summary = await readCaptureFile(path, watch.filter, watch, { signal, onProgress: () => undefined });
  if (summary.lastUs !== null) watch.analyzer.finish(summary.lastUs);
  const { format, linkType, packets, firstUs, lastUs, truncated, dropped } = summary;
  const { adverts } = watch.analyzer;
  const capture = { name: path, format, linkType, packets, adverts, firstUs, lastUs, truncated, dropped };
  return { analyzer: watch.analyzer, capture, trouble: summary.error };
}
