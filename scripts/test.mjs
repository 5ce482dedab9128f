// Runs the unit tests and, where the machine allows it, the lab with real keepalived; ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-test-'));
const counts = { passed: 0, failed: 0, skipped: 0 };

for (const config of ['vitest.config.ts', 'vitest.lab.config.ts']) {
  const results = join(directory, `${config}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const { status } = spawnSync('npx', ['vitest', 'run', '--config', config, ...reporters], {
    cwd: root,
    stdio: 'inherit',
  });
  const run = readResults(results);
  counts.passed += run.numPassedTests;
  counts.skipped += run.numPendingTests + run.numTodoTests;
  // A suite that could not even be loaded has no tests to count.
  counts.failed += Math.max(run.numFailedTests, status === 0 ? 0 : 1);
}
rmSync(directory, { recursive: true });
if (counts.skipped > 0) console.log(`${counts.skipped} skipped for lack of a program or of root`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);

function readResults(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
  }
}
