import { type Command, InvalidArgumentError } from 'commander';
import { type ListenAddress, parseListenAddress } from '../metrics/listen-address.ts';
import { UserError } from '../user-error.ts';
import { commandWords } from './command-words.ts';
import { EVENT_NAMES, type EventName, parseEventNames } from './event-names.ts';
import { parseSmtpUrl, type SmtpServer } from './smtp-url.ts';

/** How others are told of what happens. */
export interface TellingOptions {
  /** Program and first arguments to run per event, as one text; null: none. */
  readonly onEvent: string | null;
  readonly onEventShell: boolean;
  /** Null: those that ask for attention. */
  readonly onEventFilter: readonly EventName[] | null;
  /** Addresses; empty: no mails. */
  readonly mailTo: readonly string[];
  readonly mailFrom: string | null;
  /** Null: the local sendmail. */
  readonly smtp: SmtpServer | null;
  readonly smtpPasswordFile: string | null;
  readonly metrics: ListenAddress | null;
  readonly textfile: string | null;
}

/** The options that make vrrpwatch tell others. */
export function addTellingOptions(program: Command): void {
  program
    .optionsGroup('Telling others:')
    .option('--on-event <CMD>', 'run CMD per event, with the arguments of keepalived’s notify scripts', command)
    .option('--on-event-filter <EVENTS>', 'the events that --on-event is run for: names with commas, or "all"', events)
    .option('--on-event-shell', 'have /bin/sh run the CMD of --on-event')
    .option('--mail-to <ADDR[,ADDR]>', 'mail when a split brain starts and when it ends', mailAddresses)
    .option('--mail-from <ADDR>', 'sender of the mails (default: vrrpwatch at this host)', mailAddress)
    .option('--smtp <URL>', 'mail server, smtp://[USER@]HOST[:PORT] or smtps://; without it, the local sendmail', smtp)
    .option('--smtp-password-file <FILE>', 'holds the password of the login', notEmpty)
    .option('--metrics <[HOST:]PORT>', 'serve Prometheus metrics at /metrics, on 127.0.0.1 unless told', listenAddress)
    .option('--textfile <FILE>', 'write the metrics to FILE for the textfile collector of node_exporter', notEmpty);
}

export function tellingOptions(given: Record<string, unknown>): TellingOptions {
  return {
    onEvent: (given['onEvent'] as string | undefined) ?? null,
    onEventShell: given['onEventShell'] === true,
    onEventFilter: (given['onEventFilter'] as readonly EventName[] | undefined) ?? null,
    mailTo: (given['mailTo'] as readonly string[] | undefined) ?? [],
    mailFrom: (given['mailFrom'] as string | undefined) ?? null,
    smtp: (given['smtp'] as SmtpServer | undefined) ?? null,
    smtpPasswordFile: (given['smtpPasswordFile'] as string | undefined) ?? null,
    metrics: (given['metrics'] as ListenAddress | undefined) ?? null,
    textfile: (given['textfile'] as string | undefined) ?? null,
  };
}

/**
 * What of the options cannot be meant, null when all can.
 *
 * @param isWatch true for a watch that goes on: neither `--check` nor a saved capture
 */
export function tellingContradiction(telling: TellingOptions, isWatch: boolean): string | null {
  const { onEvent, onEventShell, onEventFilter, metrics, mailTo, mailFrom, smtp, smtpPasswordFile } = telling;
  if (!isWatch && onEvent !== null) return '--on-event works with a live watch only: vrrpwatch -i INTERFACE';
  if (!isWatch && metrics !== null) return '--metrics works with a live watch only; --textfile works here';
  if (!isWatch && mailTo.length > 0) return '--mail-to works with a live watch only: vrrpwatch -i INTERFACE';
  if (mailTo.length === 0 && (mailFrom ?? smtp ?? smtpPasswordFile) !== null) {
    return `${mailFrom ? '--mail-from' : smtp ? '--smtp' : '--smtp-password-file'} goes with --mail-to ADDR`;
  }
  if (smtpPasswordFile !== null && smtp?.user == null) return '--smtp-password-file goes with --smtp smtp://USER@HOST';
  if (onEvent === null && (onEventShell || onEventFilter !== null)) {
    return `${onEventShell ? '--on-event-shell' : '--on-event-filter'} goes with --on-event CMD`;
  }
  return onEvent === null || onEventShell ? null : commandFault(onEvent);
}

function commandFault(text: string): string | null {
  const words = commandWords(text);
  if (words === null) return '--on-event: a quote is not closed';
  return words[0] ? null : '--on-event: it names no program';
}

function command(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

function events(value: string): readonly EventName[] {
  const names = parseEventNames(value);
  if (names === null) throw new InvalidArgumentError(`The events are ${EVENT_NAMES.join(', ')}.`);
  return names;
}

function listenAddress(value: string): ListenAddress {
  const address = parseListenAddress(value);
  if (address === null) throw new InvalidArgumentError('It is a port, or an address and a port: 9912, [::1]:9912.');
  return address;
}

function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return value;
}

function mailAddresses(value: string): readonly string[] {
  return value.split(',').map((address) => mailAddress(address.trim()));
}

/** Local names are addresses too. What could be an option of sendmail or end a header is none. */
function mailAddress(value: string): string {
  if (!/^[^\s\p{C}<>()[\]\\,;:"@-][^\s\p{C}<>()[\]\\,;:"@]*(@[^\s\p{C}<>()\\,;"@]+)?$/u.test(value)) {
    throw new InvalidArgumentError('An address is user@example.org or the name of a local user.');
  }
  // Mail programs want a domain.
  return value.includes('@') ? value : `${value}@localhost`;
}

function smtp(value: string): SmtpServer {
  const server = parseSmtpUrl(value);
  // commander would repeat the argument, and a password with it.
  if (typeof server === 'string') throw new UserError(`--smtp: ${server}`);
  return server;
}
