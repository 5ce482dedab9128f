import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';

/** How long a screen may take to show what a test waits for. */
const PATIENCE_MS = 15_000;
const POLL_MS = 20;

/** A terminal model: bytes in, screen out. */
export class ScreenModel {
  readonly #terminal: xterm.Terminal;
  /** Everything that was written, for sequences that leave no trace on the screen. */
  output = '';

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 200,
      convertEol: true,
    });
  }

  write(data: string): void {
    this.output += data;
    this.#terminal.write(data);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** The visible lines without the blanks at their ends. */
  async lines(): Promise<readonly string[]> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  }

  async text(): Promise<string> {
    return (await this.lines()).join('\n').trimEnd();
  }

  /** Resolves with the screen once `wanted` is on it, or holds for it. */
  async waitFor(wanted: string | RegExp | ((text: string) => boolean)): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const text = await this.text();
      if (isOn(text, wanted)) return text;
      if (Date.now() > deadline) throw new Error(`${wanted} did not appear on:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

function isOn(text: string, wanted: string | RegExp | ((text: string) => boolean)): boolean {
  if (typeof wanted === 'string') return text.includes(wanted);
  return typeof wanted === 'function' ? wanted(text) : wanted.test(text);
}

/** Streams of a terminal that exists only in this process. */
export function fakeTerminal(columns: number, rows: number) {
  const screen = new ScreenModel(columns, rows);
  const stdout = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns,
    rows,
    write(data: string) {
      screen.write(data);
      return true;
    },
  });
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(isRaw: boolean) {
      stdin.isRaw = isRaw;
      return stdin;
    },
    ref: () => stdin,
    unref: () => stdin,
  });
  return {
    screen,
    stdin: stdin as unknown as NodeJS.ReadStream & { isRaw: boolean },
    stdout: stdout as unknown as NodeJS.WriteStream,
    press: (keys: string) => stdin.write(keys),
    resize: (newColumns: number, newRows: number) => {
      Object.assign(stdout, { columns: newColumns, rows: newRows });
      screen.resize(newColumns, newRows);
      stdout.emit('resize');
    },
  };
}

/** A shell command in a real pseudo terminal, made by `script` of util-linux, seen through the terminal model. */
export class PtyProgram {
  readonly screen: ScreenModel;
  /** The exit status of the command. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #directory: string;

  constructor(command: string, options: { columns?: number; rows?: number; env?: Record<string, string> } = {}) {
    const { columns = 80, rows = 24, env = {} } = options;
    this.screen = new ScreenModel(columns, rows);
    this.#directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-pty-'));
    const prepare = `stty rows ${rows} cols ${columns}; tty > ${this.#directory}/tty; echo $$ > ${this.#directory}/pid`;
    // `exec` is the caller's choice: a shell with job control must stay the parent of what it starts.
    this.#child = spawn('script', ['-qefc', `${prepare}; ${command}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
    });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (data: string) => this.screen.write(data));
    this.exited = new Promise((resolve) => {
      this.#child.on('close', (status) => {
        rmSync(this.#directory, { recursive: true, force: true });
        resolve(status);
      });
    });
  }

  readonly press = (keys: string): void => {
    this.#child.stdin.write(keys);
  };

  /** Process id of the command, where it is run by `exec`. */
  get pid(): number {
    return Number(readFileSync(`${this.#directory}/pid`, 'utf8'));
  }

  /** The settings of the terminal, as `stty -a` prints them. */
  get settings(): string {
    return execFileSync('stty', ['-a', '-F', this.#tty], { encoding: 'utf8' });
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    execFileSync('stty', ['-F', this.#tty, 'rows', String(rows), 'cols', String(columns)]);
  }

  /** Ends what a failed test left running. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    this.#child.stdin.destroy();
    await this.exited;
  }

  get #tty(): string {
    return readFileSync(`${this.#directory}/tty`, 'utf8').trim();
  }
}
