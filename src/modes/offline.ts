import { describe, type Watched } from '../analyzer/describe.ts';
import type { WatchEvent } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';
import { undecided } from '../analyzer/undecided.ts';
import { CaptureFileError, type CaptureSummary, readCaptureFile } from '../capture/file.ts';
import { captureName, isStream } from '../capture/standard-input.ts';
import { EventLimiter } from '../limits/event-limiter.ts';
import { tellReport } from '../notify/telling.ts';
import type { Options } from '../options.ts';
import { checkText, unknownText } from '../output/check-line.ts';
import { printable } from '../output/escape.ts';
import { eventLine } from '../output/event-line.ts';
import { reportText } from '../output/report.ts';
import { LineWriter } from '../stdout/line-writer.ts';
import { outputStyle } from '../stdout/output-style.ts';
import { printJson } from '../stdout/print-json.ts';
import { advertPrinter } from '../stdout/tcpdump-listener.ts';
import { type FrameListener, Watch } from '../watch/watch.ts';
import { untimedText, watchedCapture } from '../watch/watched-capture.ts';
import { askedToEnd } from './signals.ts';

/** What to do about packets without a time. */
const WITH_TIMES = 'tcpdump -w FILE and dumpcap -w FILE write the time of every packet';

/** Reads saved captures one after the other, compares them, and prints what was found. */
export async function readFiles(options: Options): Promise<number> {
  const stop = new AbortController();
  void askedToEnd().then(() => stop.abort());
  const lines = new LineWriter();
  const printer = advertPrinter(options, lines);
  const watched: Watched[] = [];
  const unreadable: string[] = [];
  for (const file of options.files) {
    try {
      if (stop.signal.aborted) throw new CaptureFileError(`${file} was not read: interrupted`);
      watched.push(await readFile(file, options, printer, stop.signal));
    } catch (error) {
      if (!(error instanceof CaptureFileError)) throw error;
      unreadable.push(error.message);
      complain(error.message, error.hint);
    }
  }
  lines.flush();
  const judged = withUnreadable(
    describe(watched, { showSecrets: options.showSecrets, areVantagePoints: watched.length > 1 }),
    unreadable.length,
  );
  const { report, problem } = await tellReport(options, judged);
  const problems = problem === null ? unreadable : [...unreadable, problem];
  if (watched.length > 0 || options.format === 'json') print(report, problems, options);
  else if (options.check) process.stdout.write(`${unknownText(problems.join('; '))}\n`);
  return report.exitStatus;
}

/** Reads one capture to its end and judges it. */
async function readFile(
  file: string,
  options: Options,
  printer: FrameListener | null,
  signal: AbortSignal,
): Promise<Watched> {
  const name = captureName(file);
  const mayGoOn = isStream(file);
  let names: readonly (string | null)[] = [];
  const enough = new AbortController();
  /** How long a check listens at a stream, null for as long as there is any. */
  const limitUs = mayGoOn && options.check ? options.forUs : null;
  const watch = new Watch(
    {
      capture: name,
      interfaceName: (index) => names[index] ?? null,
      laneHistory: hasLanes(options) ? 'whole' : 'none',
      expectations: options.expectations,
      onEvent: mayGoOn ? listener(options, limitUs, enough) : null,
    },
    printer,
  );
  const progress = new Progress(printable(name));
  const timer = limitUs === null ? undefined : setTimeout(() => enough.abort(), limitUs / 1000);
  let summary: CaptureSummary;
  try {
    summary = await readCaptureFile(file, watch.filter, watch, {
      signal: AbortSignal.any([signal, enough.signal]),
      onProgress: (read, total) => progress.show(read, total),
    });
  } finally {
    clearTimeout(timer);
    progress.clear();
  }
  names = summary.interfaceNames;
  if (summary.error !== null) complain(`${name} ${summary.error}`, summary.hint);
  if (summary.untimed > 0) complain(`${name} ${untimedText(summary.untimed)}`, WITH_TIMES);
  if (summary.lastUs !== null) watch.analyzer.finish(summary.lastUs);
  return watchedCapture(name, summary, watch.analyzer);
}

/** Lanes are drawn in the report, and they are what captures of several places are compared by. */
function hasLanes({ format, check, files }: Options): boolean {
  return (format === 'text' && !check) || files.length > 1;
}

/**
 * Who hears of the events of a capture that is still being made: a terminal has them beside the report that comes at its
 * end, and a check with `--for` ends at the first proof, as it does on an interface.
 */
function listener(
  options: Options,
  limitUs: number | null,
  enough: AbortController,
): ((event: WatchEvent) => void) | null {
  if (limitUs !== null) {
    return ({ event }) => {
      if (event === 'split-brain-confirmed') enough.abort();
    };
  }
  if (process.stderr.isTTY !== true || options.format !== 'text' || options.quiet) return null;
  const style = outputStyle(options);
  const limiter = new EventLimiter(
    () => performance.now(),
    (message) => complain(message, null),
  );
  return (event) => {
    if (limiter.passes(event)) process.stderr.write(`${eventLine(event, style)}\n`);
  };
}

/** A file that cannot be read leaves the verdict open, unless the others prove the worst. */
function withUnreadable(report: Report, unreadable: number): Report {
  return unreadable === 0 || report.exitStatus === 2 ? report : undecided(report);
}

/** @param problems why the verdict is open, beside what the report says */
function print(report: Report, problems: readonly string[], options: Options): void {
  if (options.quiet && report.exitStatus === 0) return;
  if (options.format === 'tcpdump') return;
  if (options.format === 'json') printJson(report);
  else if (options.check) {
    const vantage = problems.length > 0 ? problems.join('; ') : null;
    process.stdout.write(`${checkText(report, { verbose: options.verbose, vantage, windowUs: null })}\n`);
  } else process.stdout.write(`${reportText(report, { ...outputStyle(options), vrids: options.vrids })}\n`);
}

function complain(message: string, hint: string | null): void {
  process.stderr.write(`vrrpwatch: ${printable(message)}\n${hint === null ? '' : `${hint}\n`}`);
}

/** How far a long reading has come, on a terminal. */
class Progress {
  readonly #name: string;
  #shown = false;

  constructor(name: string) {
    this.#name = name;
  }

  show(bytesRead: number, totalBytes: number | null): void {
    if (!process.stderr.isTTY) return;
    const megabytes = `${Math.round(bytesRead / 1_000_000)} MB`;
    const share = totalBytes ? ` ${Math.min(100, Math.round((100 * bytesRead) / totalBytes))} %` : '';
    process.stderr.write(`\r\x1b[Kreading ${this.#name}: ${megabytes}${share}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
  }
}
