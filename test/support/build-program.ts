import { execFileSync } from 'node:child_process';

/** Builds the program once before all tests: some of them run it as a user would. */
export function setup(): void {
  execFileSync(process.execPath, [new URL('../../scripts/build.mjs', import.meta.url).pathname], { stdio: 'inherit' });
}
