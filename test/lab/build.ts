import { execFileSync } from 'node:child_process';

/** Vitest's global setup: the capture process runs from dist/. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
