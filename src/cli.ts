import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type Invocation, type Options, parseOptions } from './options.ts';
import { printable } from './output/escape.ts';
import { EXIT_UNKNOWN, isUserError, UserError } from './user-error.ts';

/** Of a program that a hang-up ended: 128 and the number of the signal. */
const EXIT_HANGUP = 129;

/** Runs vrrpwatch; resolves to the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const invocation = await invocationOf(args);
  if (invocation.kind === 'print') {
    process.stdout.write(invocation.text);
    return 0;
  }
  if (invocation.kind === 'usage') {
    process.stderr.write(invocation.text);
    return EXIT_UNKNOWN;
  }
  return run(invocation.options);
}

/** Of a check, a monitoring system shows what is on standard output and nothing else: wrong usage is said there too. */
async function invocationOf(args: readonly string[]): Promise<Invocation> {
  try {
    return parseOptions(args, process.env);
  } catch (error) {
    const wantsText = !args.some((arg) => /^(--json|(--format=)?json)$/.test(arg));
    if (isUserError(error) && args.includes('--check') && wantsText) {
      const { unknownText } = await import('./output/check-line.ts');
      process.stdout.write(`${unknownText(error.message)}\n`);
    }
    throw error;
  }
}

/** Every way to run loads what it needs and nothing else: help is at once there, a check does without the dashboard. */
async function run(options: Options): Promise<number> {
  if (options.listInterfaces) {
    const { printInterfaces } = await import('./modes/list-interfaces.ts');
    return printInterfaces();
  }
  if (options.replaySpeed !== null) {
    const { replayFile } = await import('./modes/replay.ts');
    return replayFile(options, options.replaySpeed);
  }
  if (options.files.length > 0) {
    const { readFiles } = await import('./modes/offline.ts');
    endsWithReader = options.format === 'tcpdump';
    return readFiles(options);
  }
  const { chosenInterface } = await import('./capture/interfaces.ts');
  const live = { ...options, interfaces: options.interfaces.map(chosenInterface) };
  if (options.check) {
    const { checkInterfaces } = await import('./modes/check.ts');
    endsWithReader = false;
    return checkInterfaces(live);
  }
  const { watchInterfaces } = await import('./modes/live.ts');
  return watchInterfaces(live);
}

/** The lines are all that it runs for. A report comes at the end, and its exit status and mails count without a reader. */
let endsWithReader = true;

let hasHungUp = false;

function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EIO' && process.stdout.isTTY) {
    onHangUp();
    return;
  }
  if (error.code !== 'EPIPE') fail(new UserError(`cannot write the output: ${error.message}`));
  // The reader of a pipe has seen enough (| head): no reason to complain.
  if (endsWithReader) process.exit(0);
}

/** A terminal that is closed may tell so by an error alone, which is to end the program as SIGHUP does: mails may wait. */
function onHangUp(): void {
  if (hasHungUp) return;
  hasHungUp = true;
  if (!process.emit('SIGHUP', 'SIGHUP')) process.exit(EXIT_HANGUP);
}

/** At its end node sets terminals back to what they were, and aborts when that fails, as it does after a hang-up. */
function letGoOfClosedTerminals(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      if (isatty(descriptor) || !fstatSync(descriptor).isCharacterDevice()) continue;
      closeSync(descriptor);
      openSync('/dev/null', 'r+');
    } catch {}
  }
}

function fail(error: unknown): never {
  if (isUserError(error)) {
    const lines = [`vrrpwatch: ${error.message}`, ...(error.hint === null ? [] : [error.hint])];
    process.stderr.write(lines.map((line) => `${printable(line)}\n`).join(''));
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `vrrpwatch: a fault of vrrpwatch itself, please report it with --version and the command line\n${process.env['VRRPWATCH_DEBUG'] ? text : text.split('\n', 1)[0]}\n`,
    );
  }
  process.exit(EXIT_UNKNOWN);
}

process.stdout.on('error', onOutputError);
process.stderr.on('error', () => undefined);
process.on('exit', letGoOfClosedTerminals);
// Without a listener of its own node opens its debugger, and any local user could enter root's process.
process.on('SIGUSR1', () => undefined);
process.exitCode = EXIT_UNKNOWN;
main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
}, fail);
