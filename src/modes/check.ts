import { certainAfterUs, isSettled, isSplitProven, masterDownUs } from '../analyzer/certainty.ts';
import type { Report } from '../analyzer/report.ts';
import { undecided } from '../analyzer/undecided.ts';
import { type ToldReport, tellReport } from '../notify/telling.ts';
import type { Options } from '../options.ts';
import { checkText, unknownText } from '../output/check-line.ts';
import { formatDuration } from '../output/time.ts';
import { printJson } from '../stdout/print-json.ts';
import { EXIT_UNKNOWN, UserError } from '../user-error.ts';
import { LiveSession } from '../watch/live-session.ts';
import { vantageOf } from './own-host.ts';
import { askedToEnd } from './signals.ts';

/** How long to listen at most unless told: what monitoring systems allow a check by default. */
const PATIENCE_US = 10_000_000;

/** How often it is asked whether the verdict is certain. */
const LOOK_MS = 50;

/** Listens until the verdict is certain, prints it in one line, and returns its exit status. */
export async function checkInterfaces(options: Options): Promise<number> {
  const session = new LiveSession(options, () => undefined);
  session.start();
  try {
    await Promise.race([session.failed, askedToEnd(), untilCertain(session, options)]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const report = unheard(session.report());
    await tellReport(options, report);
    if (options.format === 'json') {
      printJson(report);
      throw error;
    }
    process.stdout.write(`${unknownText(error.message)}\n`);
    return EXIT_UNKNOWN;
  } finally {
    await session.stop();
  }
  const told = await tellReport(options, judged(session.report(), session));
  print(told, session, options);
  return told.report.exitStatus;
}

/** What is known when a capture could not be started: whoever reads it must not take an older verdict for this one. */
function unheard(report: Report): Report {
  const captures = report.captures.map((capture) => ({ ...capture, truncated: true }));
  return { ...undecided(report), captures };
}

function untilCertain(session: LiveSession, options: Options): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const isOver = session.watchedForUs >= (options.forUs ?? PATIENCE_US) || isSplitProven(session.routers);
      if (!isOver && !(options.forUs === null && isCertain(session, options))) return;
      clearInterval(timer);
      resolve();
    }, LOOK_MS);
    // When a signal or a failure comes first, nothing must keep the program alive.
    timer.unref();
  });
}

function isCertain(session: LiveSession, { expectations }: Options): boolean {
  const { routers } = session;
  return isSettled(routers, expectations) && session.heardForUs >= certainAfterUs(routers);
}

/** An OK that rests on less than a master down interval of listening is none. */
function judged(report: Report, session: LiveSession): Report {
  if (report.exitStatus !== 0 || session.heardForUs >= masterDownUs(session.routers)) return report;
  return undecided(report);
}

function print({ report, problem }: ToldReport, session: LiveSession, options: Options): void {
  if (options.quiet && report.exitStatus === 0) return;
  if (options.format === 'json') {
    printJson(report);
    return;
  }
  const cautions = [cautionOf(report, session), problem].filter((caution) => caution !== null);
  const vantage = cautions.length > 0 ? cautions.join('; ') : null;
  process.stdout.write(
    `${checkText(report, { verbose: options.verbose, vantage, windowUs: session.listenedForUs })}\n`,
  );
}

function cautionOf(report: Report, session: LiveSession): string | null {
  const neededUs = masterDownUs(session.routers);
  // That a capture is lost has been said, and is reason enough.
  const isLost = report.captures.some(({ truncated }) => truncated);
  if (report.verdict !== 'unknown' || isLost || session.heardForUs >= neededUs) return vantageOf(report);
  const heard = formatDuration(session.heardForUs);
  const since = session.interfaces.some(({ heardBeforeUs }) => heardBeforeUs > 0) ? ' since a gap' : '';
  return `listened for ${heard} only${since}, a second master may take ${formatDuration(neededUs)} to show`;
}
