import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { isInstalled } from '../support/installed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CAPTURE = `${ROOT}test/pcaps/02_drop_in_backup_oneway_heal.pcap`;

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-packages-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('npm package', () => {
  test('it holds the program and its documents, and nothing that only developers need', () => {
    const paths = pack('--dry-run').files.map(({ path }) => path);
    const unexpected = paths.filter((path) => !/^(bin|completions|dist|man)\/|^(README|LICENSE|package)/.test(path));
    expect(unexpected).toEqual([]);
    for (const path of [
      'bin/vrrpwatch.js',
      'dist/cli.cjs',
      'dist/cap-process.js',
      'dist/LICENSES.txt',
      'man/vrrpwatch.1',
      'completions/vrrpwatch',
      'LICENSE',
      'README.md',
    ]) {
      expect(paths).toContain(path);
    }
  });

  test('what V8 compiled ahead is not in it: it is good for the node of the build', () => {
    expect(pack('--dry-run').files.map(({ path }) => path)).not.toContain('dist/cli.cache');
  });

  test('it is less than a megabyte', () => {
    expect(pack('--dry-run').size).toBeLessThan(1_000_000);
  });

  test('installed into an empty prefix, without a single other package, it runs', () => {
    const { filename } = pack('--pack-destination', directory);
    const prefix = join(directory, 'prefix');
    const options = ['--offline', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
    npm('install', '--global', '--prefix', prefix, ...options, join(directory, filename));
    expectToRun(join(prefix, 'bin/vrrpwatch'));
    expect(readdirSync(join(prefix, 'share/man/man1'))).toEqual(['vrrpwatch.1']);
  });
});

describe.runIf(isInstalled('dpkg-deb'))('Debian package', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [`${ROOT}scripts/deb.mjs`, directory], { stdio: 'ignore' });
  });

  test('it depends on the node that the program needs', () => {
    const control = deb('--field');
    expect(control).toContain(`Version: ${manifest.version}\n`);
    expect(control).toContain(`Depends: nodejs (${manifest.engines.node.replace('>=', '>= ')})\n`);
    expect(control).toContain('Recommends: tcpdump\n');
  });

  test('it puts program, man page, completions and unit where Debian has them, all owned by root', () => {
    const lines = deb('--contents').trimEnd().split('\n');
    const paths = lines.map((line) => line.replace(/^.* \.\//, '/').replace(/ -> .*/, ''));
    for (const path of [
      '/usr/bin/vrrpwatch',
      '/usr/lib/vrrpwatch/dist/cli.cjs',
      '/usr/share/man/man1/vrrpwatch.1.gz',
      '/usr/share/bash-completion/completions/vrrpwatch',
      '/usr/share/zsh/vendor-completions/_vrrpwatch',
      '/usr/share/fish/vendor_completions.d/vrrpwatch.fish',
      '/usr/lib/systemd/system/vrrpwatch@.service',
      '/usr/share/doc/vrrpwatch/copyright',
    ]) {
      expect(paths).toContain(path);
    }
    expect(lines.filter((line) => !line.includes(' root/root '))).toEqual([]);
  });

  test('unpacked, it runs', () => {
    const target = join(directory, 'unpacked');
    execFileSync('dpkg-deb', ['--extract', debFile(), target]);
    expectToRun(join(target, 'usr/bin/vrrpwatch'));
  });
});

describe('what V8 compiled ahead', () => {
  const compiled = readFileSync(`${ROOT}dist/cli.cache`);
  const data = compiled.indexOf('\n') + 1;
  const ofAnotherV8 = Buffer.from(compiled);
  ofAnotherV8.writeUInt32LE(0xdeadbeef, data + 4);

  test.each([
    ['as it was built', compiled],
    ['by another V8', ofAnotherV8],
    ['by another build of it', Buffer.concat([Buffer.from('v20.0.0 x64 /usr/bin/node\n'), compiled.subarray(data)])],
    ['and then spoiled', Buffer.concat([Buffer.from('v20.0.0'), Buffer.alloc(compiled.length, 0xa5)])],
    ['and then cut', compiled.subarray(0, compiled.length >> 1)],
    ['into an empty file', new Uint8Array(0)],
  ])('%s leaves the program as it is', (name, cache) => {
    const copy = join(directory, name);
    for (const part of ['bin', 'dist', 'package.json']) cpSync(`${ROOT}${part}`, join(copy, part), { recursive: true });
    writeFileSync(join(copy, 'dist/cli.cache'), cache);
    expectToRun(join(copy, 'bin/vrrpwatch.js'));
  });
});

function expectToRun(program: string): void {
  const version = spawnSync(program, ['--version'], { cwd: directory, encoding: 'utf8' });
  expect(version).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  const report = spawnSync(program, ['--pcap', CAPTURE], { cwd: directory, encoding: 'utf8' });
  expect(report).toMatchObject({ status: 2, stdout: expect.stringMatching(/^SPLIT BRAIN/), stderr: '' });
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what is built; the build itself has been run before all tests. */
function pack(...options: string[]): Packed {
  const [packed] = JSON.parse(npm('pack', '--json', '--ignore-scripts', ...options)) as [Packed];
  return packed;
}

function npm(...parameters: string[]): string {
  return execFileSync('npm', parameters, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function deb(action: string): string {
  return execFileSync('dpkg-deb', [action, debFile()], { encoding: 'utf8' });
}

function debFile(): string {
  return join(directory, `vrrpwatch_${manifest.version}_all.deb`);
}
