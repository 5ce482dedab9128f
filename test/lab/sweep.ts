import { existsSync } from 'node:fs';
import { run } from './command.ts';

/** Namespaces of the lab are named after the process that made them, so that another can tell when it has died. */
export const LAB_PREFIX = 'vrrplab';

/** Ends and removes what a lab left behind whose process was killed before it could clean up. */
export async function sweepOrphans(): Promise<void> {
  const list = await run('ip', 'netns', 'list');
  for (const line of list.split('\n')) {
    const [namespace = ''] = line.split(' ');
    const maker = new RegExp(`^${LAB_PREFIX}(\\d+)x`).exec(namespace)?.[1];
    if (maker === undefined || existsSync(`/proc/${maker}`)) continue;
    const pids = await run('ip', 'netns', 'pids', namespace).catch(() => '');
    for (const pid of pids.split('\n').filter((text) => text !== '')) kill(Number(pid));
    await run('ip', 'netns', 'delete', namespace).catch(() => undefined);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}
