import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Longer than any timer of the routers in these tests, with room for a busy machine. */
const PATIENCE_MS = 30_000;

/** Standard output of a command; rejects with its standard error when it fails. */
export async function run(command: string, ...parameters: string[]): Promise<string> {
  const { stdout } = await execute(command, parameters, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** A program in a network namespace. `ip netns exec` becomes the program, so the pid is the program's own. */
export function spawnIn(namespace: string, command: string, ...parameters: string[]): ChildProcess {
  return spawn('ip', ['netns', 'exec', namespace, command, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TZ: 'UTC' },
  });
}

/** Resolves when the output of `child` holds `text`; rejects when it ends before. */
export function said(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const listen = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(text)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (status) => reject(new Error(`ended with ${status} before it said "${text}": ${output}`)));
  });
}

/** Sends a signal, if the process still lives, and waits for its end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

/** Waits until something is so; rejects with its description when it takes too long. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`in vain waited until ${what}`);
    await sleep(50);
  }
}
