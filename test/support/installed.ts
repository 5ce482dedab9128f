import { spawnSync } from 'node:child_process';

/**
 * True when a program that a test compares with is installed. Without it the test is skipped, and says so; CI, which
 * installs all of them, fails instead.
 */
export function isInstalled(program: string): boolean {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return true;
  if (process.env['CI']) throw new Error(`${program} is not installed, and CI must not skip the comparison with it`);
  console.warn(`SKIPPED: the comparison with ${program}, which is not installed`);
  return false;
}
