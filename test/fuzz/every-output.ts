import { Readable } from 'node:stream';
import { describe } from '../../src/analyzer/describe.ts';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import type { Report } from '../../src/analyzer/report.ts';
import { CaptureFileError, type CaptureSummary, readCaptureFile } from '../../src/capture/file.ts';
import { hookCall } from '../../src/notify/hook-call.ts';
import { checkText } from '../../src/output/check-line.ts';
import { eventLine } from '../../src/output/event-line.ts';
import { eventDocument, jsonText, reportDocument } from '../../src/output/json.ts';
import { reportText } from '../../src/output/report.ts';
import { tcpdumpLine } from '../../src/output/tcpdump.ts';
import { paint } from '../../src/ui/paint.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { INITIAL_STATE, type Screen } from '../../src/ui/ui-state.ts';
import { createView } from '../../src/ui/view.ts';
import { Watch } from '../../src/watch/watch.ts';

/** Everything that vrrpwatch would say of a capture, by the name of the output. */
export interface Said {
  readonly texts: ReadonlyMap<string, string>;
  readonly json: ReadonlyMap<string, string>;
  /** Null when nothing could be read at all. */
  readonly report: Report | null;
}

const COLUMNS = 100;
const THEME = createTheme({ color: false, ascii: false });
const STYLE = { color: false, ascii: false, width: COLUMNS, vrids: true } as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
const OWN_STYLES = /\x1b\[(?:1|2|7|22|27)m/g;
const SCREENS: readonly Screen[] = ['table', 'detail', 'command', 'events', 'inventory'];

/** Reads a capture in the given portions and renders it in every way there is. */
export async function everyOutput(
  portions: readonly Uint8Array[],
  { name = 'fuzzed.pcap', showSecrets = false } = {},
): Promise<Said> {
  const texts = new Map<string, string>();
  const json = new Map<string, string>();
  const events: WatchEvent[] = [];
  const lines: string[] = [];
  let names: readonly (string | null)[] = [];
  const watch = new Watch(
    {
      capture: name,
      interfaceName: (index) => names[index] ?? null,
      laneHistory: 'whole',
      expectations: [{ vrid: 51, sources: ['10.0.0.1'] }],
      onEvent: (event) => events.push(event),
    },
    (decoder, kind, offset, originalLength, linkType) =>
      lines.push(tcpdumpLine(decoder.advertisement, { kind, offset, originalLength, linkType, interfaceName: null })),
  );
  let summary: CaptureSummary;
  try {
    summary = await readCaptureFile('-', watch.filter, watch, { stdin: Readable.from(portions) });
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    texts.set('error', `${error.message}\n${error.hint ?? ''}`);
    return { texts, json, report: null };
  }
  names = summary.interfaceNames;
  if (summary.lastUs !== null) watch.analyzer.finish(summary.lastUs);
  const { adverts } = watch.analyzer;
  const report = describe(
    [{ analyzer: watch.analyzer, capture: { ...summary, name, adverts }, trouble: summary.error }],
    { showSecrets },
  );
  texts.set('report', reportText(report, STYLE));
  texts.set('ascii report', reportText(report, { ...STYLE, ascii: true }));
  texts.set('check', checkText(report, { verbose: true, vantage: null, windowUs: null }));
  texts.set('tcpdump', lines.join('\n'));
  texts.set('events', events.map((event) => eventLine(event, STYLE)).join('\n'));
  json.set('document', jsonText(reportDocument(report), 2));
  for (const [i, event] of events.entries()) {
    json.set(`event ${i}`, jsonText(eventDocument(event)));
    const { args, environment } = hookCall(event, 0);
    texts.set(`hook ${i}`, [...args, ...Object.values(environment)].join('\n'));
  }
  for (const screen of SCREENS) texts.set(screen, frame(screen, report, events));
  return { texts, json, report };
}

/** What is wrong with it, null when nothing is. */
export function faultIn({ texts, json, report }: Said): string | null {
  for (const [name, text] of texts) {
    const bad = /[^\P{C}\n]|[\u2028\u2029]/u.exec(text);
    if (bad !== null) return `${name} has U+${bad[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(text)}`;
  }
  for (const [name, text] of json) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    if (/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(text)) return `${name} has a control character`;
    if (name.startsWith('event') && text.includes('\n')) return `${name} is more than one line`;
    JSON.parse(text);
  }
  if (report !== null && ![0, 1, 2, 3].includes(report.exitStatus)) return `exit status ${report.exitStatus}`;
  return null;
}

function frame(screen: Screen, report: Report, events: readonly WatchEvent[]): string {
  const nowUs = report.captures[0]?.lastUs ?? 0;
  const { lines } = createView({
    snapshot: {
      nowUs,
      report,
      capture: {
        title: report.captures[0]?.name ?? '',
        engine: null,
        filter: '',
        status: 'ok',
        detail: null,
        packets: report.captures[0]?.packets ?? 0,
        adverts: report.captures[0]?.adverts ?? 0,
        advertsPerSecond: 0,
        dropped: null,
        lastAdvertUs: null,
        startedUs: report.captures[0]?.firstUs ?? 0,
      },
    },
    events,
    state: { ...INITIAL_STATE, screen },
    replay: null,
    theme: THEME,
    columns: COLUMNS,
    rows: 40,
    showSecrets: false,
    interfaces: [],
    alarmsSinceFreeze: 0,
  });
  // Its own styles are the only escapes that a line may have.
  return lines.map((line) => paint(line, COLUMNS, THEME).replaceAll(OWN_STYLES, '')).join('\n');
}
