import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled } from '../support/installed.ts';

const run = promisify(execFile);

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
  test('is built, and the program runs from there', async () => {
    await build();
    expectToRun();
  });
});

describe('a build', () => {
  test('beside others succeeds as they do, and leaves nothing but the program', async () => {
    // What takes long to remove is there when the next build is done.
    mkdirSync(join(checkout, 'dist/old'), { recursive: true });
    for (let i = 0; i < 3000; i++) writeFileSync(join(checkout, `dist/old/${i}`), '');
    await Promise.all([build(), build(), build(), build()]);
    expect(leftBehind()).toEqual(['dist']);
    expectToRun();
  });

  test('that fails leaves the program as it was, and nothing beside it', async () => {
    await build();
    const source = join(checkout, 'src/decoder/vrrp.ts');
    const text = readFileSync(source);
    writeFileSync(source, 'export const = ;');
    await expect(build()).rejects.toThrow('src/decoder/vrrp.ts');
    writeFileSync(source, text);
    expect(leftBehind()).toEqual(['dist']);
    expectToRun();
  });
});

describe('a program that is not built', () => {
  test('is built by its first run', () => {
    rmSync(join(checkout, 'dist'), { recursive: true, force: true });
    expectToRun();
  });

  test('says in one line why it cannot be', () => {
    rmSync(join(checkout, 'dist'), { recursive: true, force: true });
    renameSync(join(checkout, 'scripts/build.mjs'), join(checkout, 'scripts/away.mjs'));
    const { status, stderr } = report();
    renameSync(join(checkout, 'scripts/away.mjs'), join(checkout, 'scripts/build.mjs'));
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^vrrpwatch: it is not built and cannot be built here: .*build\.mjs.*\nin the checkout.*\n$/,
    );
  });
});

describe.runIf(isInstalled('dpkg-deb'))('a Debian package', () => {
  test('is made also when nothing could be compiled ahead', async () => {
    await build();
    rmSync(join(checkout, 'dist/cli.cache'));
    await run(process.execPath, [join(checkout, 'scripts/deb.mjs'), checkout], {
      env: { ...process.env, SOURCE_DATE_EPOCH: '0' },
    });
    expect(readdirSync(checkout).filter((name) => name.endsWith('.deb'))).toHaveLength(1);
  });
});

function build() {
  return run(process.execPath, [join(checkout, 'scripts/build.mjs')]);
}

function leftBehind(): string[] {
  return readdirSync(checkout).filter((name) => name.startsWith('dist'));
}

function expectToRun(): void {
  const { status, stdout, stderr } = report();
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(stdout).toMatch(/^SPLIT BRAIN/);
}

function report() {
  const parameters = [join(checkout, 'bin/vrrpwatch.js'), '--pcap', join(checkout, CAPTURE)];
  return spawnSync(process.execPath, parameters, { encoding: 'utf8' });
}
