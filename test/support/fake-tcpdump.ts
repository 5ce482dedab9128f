import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program named tcpdump that is first in PATH, and the files it plays. */
export interface FakeTcpdump {
  /** Makes a file for the script, which finds it as `$DIR/name`. */
  put(name: string, bytes: Uint8Array): void;
  /** Arguments of its most recent run. */
  lastArguments(): string[];
  /** Process id of its most recent run. */
  lastPid(): number;
  /** How often it was started. */
  runs(): number;
  remove(): void;
}

/**
 * @param script shell commands; `$RUN` is 1 in the first run, 2 in the next, and `$DIR` has the files
 */
export function fakeTcpdump(script: string): FakeTcpdump {
  const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-fake-'));
  const path = process.env['PATH'];
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
  const lines = [
    '#!/bin/sh',
    `DIR='${directory}'`,
    'echo x >> "$DIR/runs"',
    'RUN=$(($(wc -l < "$DIR/runs")))',
    'printf "%s\\n" "$@" > "$DIR/arguments"',
    'echo $$ > "$DIR/pid"',
    script,
  ];
  writeFileSync(join(directory, 'tcpdump'), lines.join('\n'), { mode: 0o755 });
  process.env['PATH'] = `${directory}:${path}`;
  return {
    put: (name, bytes) => writeFileSync(join(directory, name), bytes),
    lastArguments: () => read('arguments').trimEnd().split('\n'),
    lastPid: () => Number(read('pid')),
    runs: () => read('runs').split('\n').length - 1,
    remove() {
      process.env['PATH'] = path;
      rmSync(directory, { recursive: true });
    },
  };
}
