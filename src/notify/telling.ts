import type { WatchEvent } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';
import { undecided } from '../analyzer/undecided.ts';
import type { Options } from '../options.ts';
import { printable } from '../output/escape.ts';
import { DEFAULT_EVENTS } from './event-names.ts';

/** Somebody who is told what a live watch sees. */
export interface Teller {
  event(event: WatchEvent): void;
  /** Tells what is still to be told, as far as that is done soon. */
  stop(): Promise<void>;
}

/** Lines kept for the end while the dashboard has the terminal. */
const HELD_MAX = 20;

/**
 * Starts everything that tells others: hooks, mails, metrics. Each is loaded when it is asked for.
 *
 * @param report how things are at the moment
 * @param onScreen true while a dashboard has the terminal: what goes wrong is said at the end
 * @throws UserError for what cannot work from the start
 */
export async function startTelling(options: Options, report: () => Report, onScreen: boolean): Promise<Teller> {
  const { telling } = options;
  const held: string[] = [];
  const complain = (message: string): void => {
    const line = `vrrpwatch: ${printable(message)}\n`;
    if (!onScreen) process.stderr.write(line);
    else if (held.push(line) > HELD_MAX) held.shift();
  };
  const tellers: Teller[] = [];
  if (telling.onEvent !== null) {
    const { hookCommand } = await import('./hook-command.ts');
    const { HookRunner } = await import('./hook-runner.ts');
    const command = hookCommand(telling.onEvent, telling.onEventShell);
    const events = telling.onEventFilter ?? DEFAULT_EVENTS;
    tellers.push(new HookRunner({ command, events, complain, isQuiet: onScreen }));
  }
  if (telling.mailTo.length > 0) {
    const { sendmailTransport, smtpTransport } = await import('./mail-transport.ts');
    const { MailTeller } = await import('./mail-teller.ts');
    const { smtp, smtpPasswordFile, mailTo: to, mailFrom: from } = telling;
    const transport = smtp === null ? sendmailTransport() : smtpTransport(smtp, smtpPasswordFile);
    tellers.push(new MailTeller({ transport, to, from, report, complain }));
  }
  if (telling.metrics !== null || telling.textfile !== null) {
    const { MetricsTeller } = await import('../metrics/metrics-teller.ts');
    const { metrics: address, textfile } = telling;
    const teller = await MetricsTeller.start({ address, textfile, report, complain });
    if (teller.url !== null) complain(`metrics at ${teller.url}`);
    tellers.push(teller);
  }
  return {
    event(event) {
      for (const teller of tellers) teller.event(event);
    },
    async stop() {
      await Promise.all(tellers.map((teller) => teller.stop()));
      process.stderr.write(held.join(''));
    },
  };
}

/** A report that others were told of, as far as that was possible. */
export interface ToldReport {
  readonly report: Report;
  /** Why somebody was not told, null when all were. */
  readonly problem: string | null;
}

/**
 * Tells others of a check or a saved capture. To be called before it is printed, as what could not be told is no OK.
 *
 * @returns the report as it is to be printed
 */
export async function tellReport({ telling }: Options, report: Report): Promise<ToldReport> {
  if (telling.textfile === null) return { report, problem: null };
  const { saveMetrics } = await import('../metrics/textfile.ts');
  const problem = await saveMetrics(telling.textfile, report);
  if (problem === null) return { report, problem };
  process.stderr.write(`vrrpwatch: ${problem}\n`);
  return { report: report.exitStatus === 0 ? undecided(report) : report, problem };
}
