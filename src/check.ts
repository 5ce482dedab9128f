import type { Report } from './analyzer/report.ts';
import { silenceUs } from './analyzer/timers.ts';
import { LiveSession } from './live-session.ts';
import { tellReport } from './notify/telling.ts';
import type { Options } from './options.ts';
import { checkText } from './output/check-line.ts';
import { reportDocument } from './output/json.ts';
import { EXIT_UNKNOWN, UserError } from './user-error.ts';
import { vantageOf } from './vantage.ts';

/** How long to listen at most unless told: what monitoring systems allow a check by default. */
const PATIENCE_US = 10_000_000;

/** How often it is asked whether the verdict is certain. */
const LOOK_MS = 50;

/** Between two adverts of a master no claim of certainty is made: one interval more than a backup would wait. */
const EXTRA_INTERVALS = 1;

/** Listens until the verdict is certain, prints it in one line, and returns its exit status. */
export async function checkInterfaces(options: Options): Promise<number> {
  const session = new LiveSession(options, () => undefined);
  session.start();
  try {
    await Promise.race([session.failed, listen(session, options)]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stdout.write(`VRRP UNKNOWN - ${error.message}\n`);
    return EXIT_UNKNOWN;
  } finally {
    await session.stop();
  }
  const report = judgeWindow(session, options);
  print(report, session, options);
  return tellReport(options, report);
}

async function listen(session: LiveSession, options: Options): Promise<void> {
  const signals = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await Promise.race([signals, untilCertain(session, options)]);
}

function untilCertain(session: LiveSession, options: Options): Promise<void> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    const timer = setInterval(() => {
      const listenedUs = (performance.now() - startedMs) * 1000;
      const report = session.report();
      const limitUs = options.forUs ?? Math.max(PATIENCE_US, neededUs(report));
      const isProven =
        report.exitStatus === 2 && report.virtualRouters.some(({ splitBrains }) => splitBrains.length > 0);
      const isCertain = options.forUs === null && isSettled(report, options) && listenedUs >= neededUs(report);
      if (isProven || isCertain || listenedUs >= limitUs) {
        clearInterval(timer);
        resolve();
      }
    }, LOOK_MS);
  });
}

/** Everybody expected is heard, and nothing is in the balance. */
function isSettled(report: Report, options: Options): boolean {
  const heard = new Set(
    report.virtualRouters.filter(({ advertisers }) => advertisers.length > 0).map(({ vrid }) => vrid),
  );
  return (
    heard.size > 0 &&
    options.expectations.every(({ vrid }) => heard.has(vrid)) &&
    report.virtualRouters.every(({ state }) => state === 'ok')
  );
}

/** A second master shows itself within the time that a backup waits for the first: less than that proves nothing. */
function neededUs(report: Report): number {
  let longestUs = 0;
  for (const { advertisers } of report.virtualRouters) {
    for (const { version, intervalUs } of advertisers) {
      longestUs = Math.max(longestUs, silenceUs(version, intervalUs) + EXTRA_INTERVALS * intervalUs);
    }
  }
  return longestUs;
}

/** An OK that rests on less than a master down interval of listening is none. */
function judgeWindow(session: LiveSession, options: Options): Report {
  const report = session.report();
  if (report.exitStatus !== 0 || options.forUs === null || options.forUs >= downUs(report)) return report;
  return { ...report, verdict: 'unknown', exitStatus: EXIT_UNKNOWN };
}

function downUs(report: Report): number {
  return (
    neededUs(report) -
    Math.max(
      0,
      ...report.virtualRouters.flatMap(({ advertisers }) =>
        advertisers.map(({ intervalUs }) => EXTRA_INTERVALS * intervalUs),
      ),
    )
  );
}

function print(report: Report, session: LiveSession, options: Options): void {
  if (options.quiet && report.exitStatus === 0) return;
  if (options.format === 'json') {
    process.stdout.write(`${JSON.stringify(reportDocument(report), null, 2)}\n`);
    return;
  }
  const windowUs = Math.max(0, Date.now() * 1000 - session.startedUs);
  process.stdout.write(`${checkText(report, { verbose: options.verbose, vantage: vantageOf(report), windowUs })}\n`);
}
