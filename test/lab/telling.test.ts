import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseMail } from '../notify/mail-server.ts';
import { setup as buildProgram } from '../support/build-program.ts';
import { router } from '../support/simulate/settings.ts';
import { end, spawnIn } from './command.ts';
import { PROGRAM } from './live-run.ts';
import { BRIDGE, labMissing, withSegment } from './segment.ts';

/** Elections and split brains take seconds. */
const SOON = { timeout: 20_000, interval: 200 };

let directory = '';

beforeAll(() => buildProgram());

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vrrpwatch-telling-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe.skipIf(labMissing() !== null)('a split brain of keepalived', () => {
  test('is told to a notify script, by mail and in a file, and so is its end', async () => {
    const notify = await script('notify', `echo "$1 $2 $3 $4 $VRRPWATCH_DEAF" >> ${directory}/notified`);
    await script('sendmail', `cat > ${directory}/mail.$(ls ${directory} | grep -c ^mail)`);
    const textfile = join(directory, 'vrrpwatch.prom');
    const options = ['--on-event', notify, '--mail-to', 'root', '--textfile', textfile];
    await watchSplit(options, async ({ drop, restore }) => {
      await drop();
      await expect.poll(() => lines('notified'), SOON).toContain('INSTANCE VRID 51 SPLIT_BRAIN 150 10.9.0.2');
      await expect.poll(() => lines('mail.0'), SOON).not.toEqual([]);
      await restore();
      await expect.poll(() => lines('notified'), SOON).toContain('INSTANCE VRID 51 BACKUP 150 10.9.0.2');
      await expect.poll(() => lines('mail.1'), SOON).not.toEqual([]);
    });
    const [start, over] = await Promise.all(['mail.0', 'mail.1'].map(async (name) => parseMail(await read(name))));
    expect(start?.headers['subject']).toMatch(/SPLIT BRAIN vrid 51 on br0: 10\.9\.0\.1 and 10\.9\.0\.2 are master/);
    expect(start?.body).toMatch(/^cause +filtered/m);
    expect(over?.headers['references']).toBe(start?.headers['message-id']);
    expect(await lines('vrrpwatch.prom')).toContain(
      'vrrpwatch_split_brains_total{intf="br0",vlan="",family="4",vrid="51"} 1',
    );
  });

  test('is seen and told on although hook and mail server are dead', async () => {
    const notify = await script('notify', 'exec sleep 1000');
    const options = ['--on-event', notify, '--mail-to', 'root', '--smtp', 'smtp://127.0.0.1:1'];
    const { stdout, stderr } = await watchSplit(options, async ({ drop, restore, said }) => {
      await drop();
      await expect.poll(said, SOON).toMatch(/SPLIT BRAIN/);
      await expect.poll(said, SOON).toMatch(/will be tried again: 127\.0\.0\.1:1: /);
      await restore();
      await expect.poll(said, SOON).toMatch(/split brain ended/);
    });
    expect(stderr).toMatch(/mails? (was|were) not delivered/);
    expect(stdout).toMatch(/\d+ adverts/);
  });
});

interface Split {
  readonly drop: () => Promise<void>;
  readonly restore: () => Promise<void>;
  /** Both outputs of vrrpwatch so far. */
  readonly said: () => string;
}

/** Watches two nodes, of which B can be made deaf, while `body` runs. */
async function watchSplit(
  options: readonly string[],
  body: (split: Split) => Promise<void>,
): Promise<{ stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  await withSegment([router('A', { priority: 150 }), router('B')], async (segment) => {
    const path = `PATH=${directory}:${process.env['PATH']}`;
    const watcher = spawnIn(segment.namespace, 'env', path, process.execPath, PROGRAM, '-i', BRIDGE, ...options);
    watcher.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    watcher.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    try {
      for (const node of segment.nodes) await node.start();
      await expect.poll(() => stdout, SOON).toMatch(/10\.9\.0\.1.* advertises/);
      const b = segment.node('B');
      await body({ drop: () => b.drop('in'), restore: () => b.restore('in'), said: () => stdout + stderr });
    } finally {
      await end(watcher, 'SIGTERM');
    }
  });
  return { stdout, stderr };
}

async function script(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

function read(name: string): Promise<string> {
  return readFile(join(directory, name), 'latin1').catch(() => '');
}

async function lines(name: string): Promise<string[]> {
  return (await read(name)).split('\n').filter((line) => line !== '');
}
