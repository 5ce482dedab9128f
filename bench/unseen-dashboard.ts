/** A dashboard without a terminal, for measuring it. */
import { PassThrough } from 'node:stream';
import type { DashboardSource } from '../src/ui/source.ts';
import { type RunningDashboard, startDashboard } from '../src/ui/start.tsx';

/** Starts it on a screen of 140x40 that nobody sees. */
export function startUnseen(source: DashboardSource): RunningDashboard {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {}, ref: () => {}, unref: () => {} });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 140, rows: 40 });
  stdout.resume();
  return startDashboard({
    source,
    replay: null,
    color: true,
    ascii: false,
    bell: false,
    showSecrets: false,
    interfaces: [],
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
  });
}

/** What is in use after a collection (`node --expose-gc`). */
export function memory(): string {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return `heap ${(heapUsed / 1e6).toFixed(1)} MB, resident ${(rss / 1e6).toFixed(0)} MB`;
}
