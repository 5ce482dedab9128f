import { isIP } from 'node:net';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Expectation } from './analyzer/expectation.ts';
import { isStandardInput } from './capture/standard-input.ts';
import {
  addTellingOptions,
  type TellingOptions,
  tellingContradiction,
  tellingOptions,
} from './notify/telling-options.ts';
import { UserError } from './user-error.ts';

declare const VRRPWATCH_VERSION: string;

/** What the user asked for, checked. */
export interface Options {
  readonly interfaces: readonly string[];
  readonly files: readonly string[];
  readonly filter: string | null;
  readonly engine: 'auto' | 'cap' | 'tcpdump';
  readonly bufferSizeKib: number | null;
  readonly check: boolean;
  /** How long `--check` listens; null: until sure. */
  readonly forUs: number | null;
  readonly expectations: readonly Expectation[];
  readonly format: 'text' | 'json' | 'tcpdump';
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly vrids: boolean;
  readonly showSecrets: boolean;
  /** Times real time; null: no replay. */
  readonly replaySpeed: number | null;
  readonly bell: boolean;
  readonly listInterfaces: boolean;
  readonly color: boolean;
  readonly ascii: boolean;
  readonly telling: TellingOptions;
}

/** `--help` and `--version` are only texts to print; `usage` is the help for who did not ask for it. */
export type Invocation =
  | { readonly kind: 'run'; readonly options: Options }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'usage'; readonly text: string };

const EXIT_STATUS = `
Exit status:
  0  OK        every virtual router heard has one master
  1  WARNING   a finding that asks for attention, no split brain
  2  CRITICAL  split brain; an expected virtual router is silent or has an unexpected advertiser
  3  UNKNOWN   nothing heard, capture lost or impossible, unreadable file, wrong usage

Examples:
  vrrpwatch -i enp0s3                        live dashboard
  vrrpwatch --pcap dump.pcap                 what happened in a saved capture
  vrrpwatch -i enp0s3 --check                one line and a status, for cron and Nagios
  tcpdump -U -w - vrrp | vrrpwatch --pcap -  another capture as it arrives
`;

/** The option table: parser, help, man page and completions are made from it. */
export function createProgram(): Command {
  const program = new Command('vrrpwatch')
    .usage('-i IF [options] | --pcap FILE [options]')
    .description('Finds VRRP split brain by watching the wire: who is deaf, why, and the command that repairs it.')
    .version(VRRPWATCH_VERSION, '-V, --version', 'print the version and exit')
    .helpOption('-h, --help', 'print this help and exit')
    .configureHelp({ helpWidth: 100, sortOptions: false })
    .allowExcessArguments(false)
    .addHelpText('after', EXIT_STATUS);
  program
    .optionsGroup('Where to listen:')
    .option('-i, --interface <IF>', 'capture on IF; repeatable; "any" is all of them', collect)
    .option(
      '-r, --pcap <FILE>',
      'read a capture (pcap or pcapng, also gzipped), "-" is standard input; repeatable',
      collect,
    )
    .option('-f, --filter <EXPR>', 'libpcap expression in place of the default capture filter')
    .addOption(new Option('--engine <ENGINE>', 'who captures').choices(['auto', 'cap', 'tcpdump']).default('auto'))
    .option('-B, --buffer-size <KIB>', 'capture buffer in KiB, as in tcpdump', bufferSize)
    .option('-D, --list-interfaces', 'list the interfaces and exit')
    .optionsGroup('What to say:')
    .option('--check', 'listen, print one line for Nagios or cron, exit with a status')
    .option('--for <DURATION>', 'how long --check listens: 500ms, 10s, 2m (default: until sure, at most 10s)', duration)
    .option(
      '--expect <VRID[=IP,IP…]>',
      'this virtual router must be heard, from these sources only; repeatable',
      expectation,
    )
    .option('--json', 'one JSON document; live: one JSON object per line')
    .addOption(
      new Option('--format <FORMAT>', 'tcpdump: one line per advertisement in tcpdump’s wording').choices([
        'text',
        'json',
        'tcpdump',
      ]),
    )
    .option('-q, --quiet', 'print nothing while the verdict is OK')
    .option('-v, --verbose', 'more detail under the line of --check')
    .option('--vrids', 'list the VRIDs in use and the free ones')
    .option('--show-secrets', 'show the plain-text passwords of VRRPv2')
    .optionsGroup('Dashboard:')
    .option('--replay [SPEED]', 'play a saved capture in the dashboard, SPEED times as fast', speed)
    .option('--bell', 'ring the bell on a new split brain')
    .option('--no-color', 'no colours (also by the environment variable NO_COLOR)')
    .option('--ascii', 'plain ASCII in place of box and block characters');
  addTellingOptions(program);
  return program;
}

/**
 * Reads the command line.
 *
 * @param args without node and script
 * @throws UserError for anything that cannot be meant
 */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Invocation {
  let printed = '';
  const program = createProgram()
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => undefined });
  try {
    program.parse([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: printed };
    const [message = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
    throw new UserError(message, hints.join(' ').replace(/[()]/g, '') || 'see vrrpwatch --help');
  }
  if (args.length === 0) return { kind: 'usage', text: program.helpInformation() + EXIT_STATUS };
  return { kind: 'run', options: check(program.opts(), environment) };
}

function check(given: Record<string, unknown>, environment: NodeJS.ProcessEnv): Options {
  const format = given['json'] === true ? 'json' : given['format'];
  const replay = given['replay'];
  const options: Options = {
    interfaces: (given['interface'] as string[] | undefined) ?? [],
    files: (given['pcap'] as string[] | undefined) ?? [],
    filter: (given['filter'] as string | undefined) ?? null,
    engine: given['engine'] as Options['engine'],
    bufferSizeKib: (given['bufferSize'] as number | undefined) ?? null,
    check: given['check'] === true,
    forUs: (given['for'] as number | undefined) ?? null,
    expectations: (given['expect'] as Expectation[] | undefined) ?? [],
    format: (format as Options['format'] | undefined) ?? 'text',
    quiet: given['quiet'] === true,
    verbose: given['verbose'] === true,
    vrids: given['vrids'] === true,
    showSecrets: given['showSecrets'] === true,
    replaySpeed: replay === undefined ? null : replay === true ? 1 : (replay as number),
    bell: given['bell'] === true,
    listInterfaces: given['listInterfaces'] === true,
    color: given['color'] !== false && !environment['NO_COLOR'],
    ascii: given['ascii'] === true,
    telling: tellingOptions(given),
  };
  const wrong = contradiction(options, given);
  if (wrong !== null) throw wrong;
  // The lines of all advertisements are what -q silences; what is wrong is told in text.
  return options.quiet && options.format === 'tcpdump' ? { ...options, format: 'text' } : options;
}

function contradiction(options: Options, given: Record<string, unknown>): UserError | null {
  const { interfaces, files } = options;
  if (options.listInterfaces) return null;
  if (interfaces.length === 0 && files.length === 0) {
    return new UserError(
      'nothing to watch',
      'vrrpwatch -i INTERFACE or vrrpwatch --pcap FILE; vrrpwatch -D lists interfaces',
    );
  }
  if (interfaces.length > 0 && files.length > 0) return new UserError('-i and --pcap exclude each other');
  if (given['json'] === true && given['format'] !== undefined && given['format'] !== 'json') {
    return new UserError(`--json and --format ${given['format']} exclude each other`);
  }
  if (files.length > 0 && options.filter !== null) {
    return new UserError('--filter works on live captures only', 'tcpdump -r FILE -w - EXPR | vrrpwatch --pcap -');
  }
  if (options.forUs !== null && !options.check)
    return new UserError('--for says how long --check listens; without it, it means nothing');
  if (options.check && options.format === 'tcpdump')
    return new UserError('--check and --format tcpdump exclude each other');
  if (options.replaySpeed !== null && files.length !== 1)
    return new UserError('--replay plays one file: --pcap FILE --replay');
  if (options.replaySpeed !== null && (options.check || options.format !== 'text'))
    return new UserError(`--replay is the dashboard; it excludes ${options.check ? '--check' : '--json and --format'}`);
  if (options.replaySpeed !== null && options.telling.textfile !== null)
    return new UserError('--replay shows what has been; it writes no --textfile');
  if (files.filter(isStandardInput).length > 1)
    return new UserError('standard input can be read once: one --pcap - only');
  const untold = tellingContradiction(options.telling, files.length === 0 && !options.check);
  if (untold !== null) return new UserError(untold);
  return null;
}

function collect(value: string, earlier: string[] = []): string[] {
  if (value === '') throw new InvalidArgumentError('It is empty.');
  return [...earlier, value];
}

function duration(value: string): number {
  const us = parseDuration(value);
  if (us === null) throw new InvalidArgumentError('A duration is 500ms, 10s, 2m or a number of seconds.');
  return us;
}

const UNIT_US: Readonly<Record<string, number>> = { ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };

/** Microseconds of `500ms`, `10s`, `2m`, `1h` or plain seconds; null for anything else, and for nothing at all. */
function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return null;
  const us = Number(match[1]) * (UNIT_US[match[2] ?? 's'] ?? 0);
  return us > 0 && us <= Number.MAX_SAFE_INTEGER ? Math.round(us) : null;
}

/** Two gigabytes; libpcap takes a signed 32-bit number of bytes. */
const BUFFER_MAX_KIB = 2 ** 21 - 1;

function bufferSize(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0 || number > BUFFER_MAX_KIB)
    throw new InvalidArgumentError(`It is a number of KiB from 1 to ${BUFFER_MAX_KIB}.`);
  return number;
}

function speed(value: string): number {
  const number = Number(value.replace(/x$/, ''));
  if (!(number > 0) || number > 1000) throw new InvalidArgumentError('It is a number above 0, at most 1000.');
  return number;
}

function expectation(value: string, earlier: Expectation[] = []): Expectation[] {
  const [vrid = ''] = value.split('=', 1);
  const list = vrid === value ? undefined : value.slice(vrid.length + 1);
  const number = Number(vrid);
  if (!/^\d+$/.test(vrid) || number < 1 || number > 255)
    throw new InvalidArgumentError('A VRID is a number from 1 to 255.');
  const sources = list === undefined ? null : list.split(',').map(canonicalAddress);
  return [...earlier, { vrid: number, sources }];
}

/** Addresses are compared as text, so a long way to write an IPv6 address is shortened first. */
function canonicalAddress(text: string): string {
  // Advertisements do not tell the zone of a link-local address.
  const address = text.trim().replace(/%.*$/, '');
  if (isIP(address) === 0) throw new InvalidArgumentError(`${address === '' ? 'Nothing' : address} is no IP address.`);
  return isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
}
