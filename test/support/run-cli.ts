import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program as a user would, without a terminal. */
export async function runCli(
  args: readonly string[],
  options: { stdin?: Uint8Array; cwd?: string } = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, [`${ROOT}bin/vrrpwatch.js`, ...args], { cwd: options.cwd ?? ROOT });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}
