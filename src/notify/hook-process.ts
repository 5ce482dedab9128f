import { type ChildProcess, spawn } from 'node:child_process';
import type { HookCall } from './hook-call.ts';

/** The program to run and its own first arguments. */
export interface HookCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** A program has this long, then it and whatever it started is asked to end. */
export const TIME_LIMIT_MS = 10_000;

/** Whoever has not ended so long after being asked is killed. */
const KILL_AFTER_MS = 2_000;

/** Environment variables of vrrpwatch that are nobody else's business. */
const OWN_VARIABLES = ['VRRPWATCH_SMTP_PASSWORD'];

/** One run of a hook, in a process group of its own. */
export class HookProcess {
  /** Resolves to what went wrong, null for nothing. Never rejects. */
  readonly ended: Promise<string | null>;
  readonly #child: ChildProcess;

  /**
   * @param leftOut events about the same subject that were not told before this one
   * @param isQuiet true discards what the program prints; else it goes to standard error
   * @throws Error for a program that the system refuses to start at once, such as one that is being written
   */
  constructor(command: HookCommand, call: HookCall, leftOut: number, isQuiet: boolean, timeLimitMs = TIME_LIMIT_MS) {
    const output = isQuiet ? 'ignore' : 2;
    const env: NodeJS.ProcessEnv = { ...process.env, ...call.environment, VRRPWATCH_LEFT_OUT: String(leftOut) };
    for (const name of OWN_VARIABLES) delete env[name];
    this.#child = spawn(command.file, [...command.args, ...call.args], {
      stdio: ['pipe', output, output],
      env,
      detached: true,
    });
    this.ended = this.#watch(timeLimitMs);
    // A program that does not read its standard input closes it.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdin?.end(call.json);
  }

  /** Sends a signal to the program and all that it started. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended.
    }
  }

  #watch(timeLimitMs: number): Promise<string | null> {
    return new Promise((resolve) => {
      let isLate = false;
      let killTimer: NodeJS.Timeout | undefined;
      const timer = setTimeout(() => {
        isLate = true;
        this.signal('SIGTERM');
        killTimer = setTimeout(() => this.signal('SIGKILL'), KILL_AFTER_MS);
      }, timeLimitMs);
      const settle = (problem: string | null): void => {
        clearTimeout(timer);
        clearTimeout(killTimer);
        resolve(problem);
      };
      this.#child.once('error', (error) => settle(`cannot be run: ${error.message}`));
      this.#child.once('exit', (status, signal) => {
        if (isLate) {
          this.signal('SIGKILL');
          settle(`took longer than ${timeLimitMs / 1000} s and was ended`);
        } else if (signal !== null) settle(`was ended by ${signal}`);
        else settle(status === 0 ? null : `failed with status ${status}`);
      });
    });
  }
}
