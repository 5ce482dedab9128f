import type { WatchEvent } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';
import { subjectOf } from '../analyzer/subject.ts';
import { defaultFilter } from '../capture/filter.ts';
import { interfaceNames } from '../capture/interfaces.ts';
import { EventLimiter } from '../limits/event-limiter.ts';
import { forgetOldest } from '../limits/forget-oldest.ts';
import { startTelling } from '../notify/telling.ts';
import type { Options } from '../options.ts';
import { eventLine, journalLine } from '../output/event-line.ts';
import { eventDocument, jsonText } from '../output/json.ts';
import { reportText } from '../output/report.ts';
import { isJournal } from '../stdout/journal.ts';
import { LineWriter } from '../stdout/line-writer.ts';
import { isScreen, outputStyle } from '../stdout/output-style.ts';
import { advertPrinter } from '../stdout/tcpdump-listener.ts';
import { EventLog } from '../ui/event-log.ts';
import type { CaptureHealth, DashboardSource } from '../ui/source.ts';
import { LiveSession, wallClockUs } from '../watch/live-session.ts';
import { vantageOf } from './own-host.ts';
import { askedToEnd } from './signals.ts';

/** Advertisements per second are counted over this time. */
const RATE_WINDOW_US = 3_000_000;

/** Watches until it is ended: in the dashboard on a terminal, else a line per event. */
export function watchInterfaces(options: Options): Promise<number> {
  return isScreen() && options.format === 'text' ? showDashboard(options) : printEvents(options);
}

async function printEvents(options: Options): Promise<number> {
  const lines = new LineWriter();
  const style = outputStyle(options);
  const lineOf = isJournal(1, process.env['JOURNAL_STREAM']) ? journalLine : eventLine;
  const teller = await startTelling(options, () => session.report(), false);
  const limiter = new EventLimiter(monotonicMs, (message) => process.stderr.write(`vrrpwatch: ${message}\n`));
  const isTrouble = troubleFilter();
  const onEvent = (event: WatchEvent): void => {
    teller.event(event);
    if (options.format === 'tcpdump') {
      tellOfCapture(event, options.ascii);
      return;
    }
    if ((options.quiet && !isTrouble(event)) || !limiter.passes(event)) return;
    if (options.format === 'json') lines.line(jsonText(eventDocument(event)));
    else lines.line(lineOf(event, style));
  };
  const session = new LiveSession(options, onEvent, advertPrinter(options, lines));
  process.on('SIGUSR1', () => summarize(session.report(), options));
  session.start();
  try {
    await Promise.race([session.failed, askedToEnd()]);
  } finally {
    await session.stop();
    lines.flush();
    await teller.stop();
  }
  const report = session.report();
  summarize(report, options);
  return report.exitStatus;
}

/** Beside tcpdump's lines, which would just stop. */
function tellOfCapture(event: WatchEvent, ascii: boolean): void {
  if (event.event !== 'capture-lost' && event.event !== 'capture-resumed') return;
  process.stderr.write(`${eventLine(event, { color: false, ascii })}\n`);
}

function monotonicMs(): number {
  return performance.now();
}

/** The closing summary; beside machine-readable lines it goes to stderr. */
function summarize(report: Report, options: Options): void {
  if (options.quiet && report.exitStatus === 0) return;
  const stream = options.format === 'text' ? process.stdout : process.stderr;
  const vantage = vantageOf(report);
  stream.write(
    `${reportText(report, { ...outputStyle(options), vrids: options.vrids })}\n${vantage === null ? '' : `${vantage}\n`}`,
  );
}

/** What nobody needs to read while all is well. */
const CALM: readonly WatchEvent['event'][] = [
  'router-seen',
  'advertiser-seen',
  'capture-started',
  'priority-changed',
  'takeover',
];

/** Tells, of events in their order, which ask for attention, or end what did: a router that is heard after a silence. */
function troubleFilter(): (event: WatchEvent) => boolean {
  const silent = new Set<string>();
  return (event) => {
    const isBack = silent.delete(subjectOf(event));
    if (event.event === 'silent') silent.add(subjectOf(event));
    forgetOldest(silent);
    return isBack || !CALM.includes(event.event);
  };
}

async function showDashboard(options: Options): Promise<number> {
  const { startDashboard } = await import('../ui/start.tsx');
  const log = new EventLog();
  let redraw = (): void => undefined;
  const teller = await startTelling(options, () => session.report(), true);
  const limiter = new EventLimiter(monotonicMs, () => undefined);
  const session = new LiveSession(options, (event) => {
    teller.event(event);
    if (!limiter.passes(event)) return;
    log.add(event);
    if (event.event === 'split-brain-confirmed' || event.event === 'capture-lost') redraw();
  });
  session.start();
  const rate = new Rate();
  const source: DashboardSource = {
    events: log.latest,
    snapshot: () => {
      const nowUs = wallClockUs();
      return { nowUs, report: session.report(), capture: healthOf(session, options, rate, nowUs) };
    },
  };
  const dashboard = startDashboard({
    source,
    replay: null,
    color: outputStyle(options).color,
    ascii: options.ascii,
    bell: options.bell,
    showSecrets: options.showSecrets,
    interfaces: interfaceNames().split(', '),
  });
  redraw = () => dashboard.redraw();
  try {
    const end = await Promise.race([session.failed, dashboard.done]);
    const report = session.report();
    summarize(report, options);
    return end === 'quit' || end === 'SIGINT' ? 0 : report.exitStatus;
  } finally {
    dashboard.stop();
    await dashboard.done.catch(() => undefined);
    await session.stop();
    await teller.stop();
  }
}

function healthOf(session: LiveSession, options: Options, rate: Rate, nowUs: number): CaptureHealth {
  const { interfaces, adverts } = session;
  const lost = interfaces.find(({ lostReason }) => lostReason !== null);
  const engines = new Set(interfaces.flatMap(({ detail }) => (detail === null ? [] : [detail.engine])));
  const lastAdvertUs = Math.max(
    ...interfaces.flatMap(({ watch }) => watch.analyzer.routers.map((router) => router.lastAdvertUs)),
  );
  return {
    title: interfaces.map(({ name }) => name).join(', '),
    engine: engines.size === 0 ? null : [...engines].join(', '),
    filter: options.filter ?? defaultFilter(interfaces[0]?.name ?? ''),
    status: lost ? 'lost' : engines.size === 0 ? 'waiting' : 'ok',
    detail: lost ? `${lost.name}: ${lost.lostReason}` : null,
    packets: session.packets,
    adverts,
    advertsPerSecond: rate.perSecond(adverts, nowUs),
    dropped: session.dropped,
    lastAdvertUs: lastAdvertUs === Number.NEGATIVE_INFINITY ? null : lastAdvertUs,
    startedUs: session.startedUs,
  };
}

/** A count's growth per second over the last few seconds. */
class Rate {
  readonly #samples: { readonly atUs: number; readonly count: number }[] = [];

  perSecond(count: number, atUs: number): number {
    const samples = this.#samples;
    samples.push({ atUs, count });
    while (samples.length > 2 && atUs - (samples[0]?.atUs ?? 0) > RATE_WINDOW_US) samples.shift();
    const [first] = samples;
    if (first === undefined || first.atUs === atUs) return 0;
    return ((count - first.count) * 1_000_000) / (atUs - first.atUs);
  }
}
