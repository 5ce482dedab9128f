import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CAPTURE = 'test/pcaps/02_drop_in_backup_oneway_heal.pcap';

/** What a build and a Debian package are made of. */
const PARTS = ['LICENSE', 'bin', 'completions', 'contrib', 'man', 'package.json', 'scripts', 'src', CAPTURE];

/** A copy of the sources, where `dist` can be taken away while other tests need theirs. */
let checkout = '';

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'vrrpwatch ü#%41-'));
  for (const part of PARTS) cpSync(`${ROOT}${part}`, join(checkout, part), { recursive: true });
  symlinkSync(`${ROOT}node_modules`, join(checkout, 'node_modules'));
});

afterAll(() => rmSync(checkout, { recursive: true }));

describe('a checkout whose path needs escapes in a URL', () => {
  test('is built, and the program runs from there', () => {
    execFileSync(process.execPath, [join(checkout, 'scripts/build.mjs')]);
    expectToRun();
  });
});

function expectToRun(): void {
  const { status, stdout, stderr } = report();
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(stdout).toMatch(/^SPLIT BRAIN/);
}

function report() {
  const parameters = [join(checkout, 'bin/vrrpwatch.js'), '--pcap', join(checkout, CAPTURE)];
  return spawnSync(process.execPath, parameters, { encoding: 'utf8' });
}
