// Ways to measure a process, for npm run bench.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

// Node 20 reads a site's own certificates at every start, 45 ms for Debian's bundle: not what is measured here.
delete process.env.NODE_EXTRA_CA_CERTS;
delete process.env.NODE_OPTIONS;

/** Wall time of one run in milliseconds; output is thrown away. */
export function timeOf([command, ...args]) {
  const start = performance.now();
  const { error } = spawnSync(command, args, { stdio: 'ignore' });
  if (error) throw error;
  return performance.now() - start;
}

/**
 * Medians of the contenders' times in milliseconds. They take turns, so that a busy moment of the machine hits all of
 * them; a turn before the first warms the page cache.
 */
export function mediansOf(contenders, runs) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (const [name, command] of Object.entries(contenders)) {
      const time = timeOf(command);
      if (run > 0) times[name].push(time);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Peak of the resident memory of a run in megabytes (10^6), as the kernel counts it. */
export async function peakMemoryOf([command, ...args]) {
  const child = spawn(command, args, { stdio: 'ignore' });
  let peakMb = 0;
  const timer = setInterval(() => {
    try {
      peakMb = Math.max(peakMb, peakMemorySoFar(child.pid));
    } catch {
      // Gone between two looks.
    }
  }, 3);
  await once(child, 'close');
  clearInterval(timer);
  return peakMb;
}

/** The same of a process that still runs. */
export function peakMemorySoFar(pid) {
  const [, kib = 0] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return (kib * 1024) / 1e6;
}

/** Milliseconds until a command in a terminal has printed what `pattern` matches. */
export async function timeUntil(command, pattern) {
  const start = performance.now();
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, TERM: 'xterm-256color' },
  });
  let seen = '';
  let time = null;
  child.stdout.on('data', (text) => {
    seen += text;
    if (time !== null || !pattern.test(seen)) return;
    time = performance.now() - start;
    child.stdin.write('q');
  });
  await once(child, 'close');
  if (time === null) throw new Error(`${command} never printed ${pattern}`);
  return time;
}
