import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readCaptureFile } from '../../src/capture/file.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/vrrpwatch.js', import.meta.url));
const SPLIT = fileURLToPath(new URL('../pcaps/02_drop_in_backup_oneway_heal.pcap', import.meta.url));
const HEALTHY = fileURLToPath(new URL('../pcaps/01_start_sigterm_return_kill9_return.pcap', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-files-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** Paths of what a process has open, from proc(5). */
function openFiles(pid: number | undefined): string[] {
  const descriptors = `/proc/${pid}/fd`;
  return readdirSync(descriptors).map((name) => {
    try {
      return readlinkSync(join(descriptors, name));
    } catch {
      return 'closed meanwhile';
    }
  });
}

function shell(command: string) {
  const words = command.replaceAll('vrrpwatch --', `'${process.execPath}' '${PROGRAM}' --`);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('output that cannot be written', () => {
  test.each(['', '--json', '--check', '--format tcpdump'])('a full disk with %j is one line and status 3', (option) => {
    expect(shell(`vrrpwatch --pcap '${SPLIT}' ${option} >/dev/full`)).toEqual({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^vrrpwatch: cannot write the output: .*no space left on device.*\n$/),
    });
  });

  test.each(['', '--json', '--format tcpdump'])(
    'a reader that has seen enough with %j hears no complaint',
    (option) => {
      const { stdout, stderr } = shell(`vrrpwatch --pcap '${SPLIT}' ${option} | head -c 10`);
      expect(stdout).toHaveLength(10);
      expect(stderr).toBe('');
    },
  );

  test('a closed standard output or error leaves the verdict in the exit status', () => {
    expect(shell(`vrrpwatch --pcap '${SPLIT}' --json >&-`)).toEqual({ status: 2, stdout: '', stderr: '' });
    expect(shell(`vrrpwatch --pcap '${SPLIT}' --json 2>&- >/dev/null`)).toEqual({ status: 2, stdout: '', stderr: '' });
  });
});

test.each(['', '--json', '--check'])('a reader that goes away leaves the verdict in the exit status: %j', (option) => {
  const run = shell(`vrrpwatch --pcap '${SPLIT}' ${option} | true; exit \${PIPESTATUS[0]}`);
  expect(run).toEqual({ status: 2, stdout: '', stderr: '' });
});

describe('input that changes meanwhile', () => {
  /** Large enough that the reader has several portions to come when the first frame is handed over. */
  function largeCapture(name: string): { path: string; packets: number } {
    const header = readFileSync(SPLIT).subarray(0, 24);
    const record = Buffer.alloc(16 + 1500);
    record.writeUInt32LE(1_700_000_000, 0);
    record.writeUInt32LE(1500, 8);
    record.writeUInt32LE(1500, 12);
    // Any ARP passes the filter, so that each packet is handed over.
    record.writeUInt16BE(0x0806, 16 + 12);
    const packets = 30_000;
    const path = join(directory, name);
    writeFileSync(path, Buffer.concat([header, ...Array.from({ length: packets }, () => record)]));
    return { path, packets };
  }

  async function readWhile(path: string, change: () => void) {
    let frames = 0;
    const frame = () => {
      if (++frames === 10) change();
    };
    return await readCaptureFile(path, () => true, { frame });
  }

  test('a file that grows is read to where its end is by then', async () => {
    const { path, packets } = largeCapture('grows.pcap');
    const more = readFileSync(path).subarray(24, 24 + 1516 * 100);
    const summary = await readWhile(path, () => appendFileSync(path, more));
    expect(summary).toMatchObject({ packets: packets + 100, truncated: false });
  });

  test('a file that is replaced is read as it was', async () => {
    const { path, packets } = largeCapture('replaced.pcap');
    const other = join(directory, 'other.pcap');
    writeFileSync(other, 'something else');
    expect(await readWhile(path, () => renameSync(other, path))).toMatchObject({ packets, truncated: false });
  });

  test('a file that shrinks is read as far as it goes', async () => {
    const { path, packets } = largeCapture('shrinks.pcap');
    const summary = await readWhile(path, () => truncateSync(path, 24 + 1516 * 20_000 + 700));
    expect(summary.packets).toBeLessThan(packets);
    expect(summary.packets).toBeGreaterThanOrEqual(20_000);
  });

  test.each([
    ['for a proven split brain', SPLIT, '50s', 2, /^VRRP CRITICAL - vrid 51 .*split brain/],
    ['when its time is up', HEALTHY, '1s', 0, /^VRRP OK - /],
  ])('a check of a capture that goes on ends %s', async (_, file, seconds, status, line) => {
    const child = spawn(process.execPath, [PROGRAM, '--pcap', '-', '--check', '--for', seconds]);
    let stdout = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stdin.write(readFileSync(file));
    child.stdin.on('error', () => undefined);
    expect(await once(child, 'close')).toEqual([status, null]);
    expect(stdout).toMatch(line);
  });

  test('a check of a named pipe that goes on ends when its time is up', () => {
    const pipe = join(directory, 'goes-on');
    const { status, stdout } = shell(
      `mkfifo '${pipe}'; (cat '${HEALTHY}'; exec sleep 50) > '${pipe}' & vrrpwatch --pcap '${pipe}' --check --for 1s; s=$?; kill $!; exit $s`,
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^VRRP OK - /) });
  });

  /** Asks for the end while the program waits at a named pipe that nobody writes to. */
  async function endedAtPipe(name: string, ...more: string[]) {
    const path = join(directory, name);
    execFileSync('mkfifo', [path]);
    const child = spawn(process.execPath, [PROGRAM, '--pcap', path, ...more]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    await expect.poll(() => openFiles(child.pid)).toContain(path);
    child.kill('SIGTERM');
    const [status] = await once(child, 'close');
    return { path, status, stdout, stderr };
  }

  test('a capture that was not read before the end was asked for leaves the verdict open', async () => {
    const { path, status, stdout } = await endedAtPipe('first', '--pcap', SPLIT, '--check');
    expect(status).toBe(3);
    expect(stdout).toBe(`VRRP UNKNOWN - ${path} is empty; ${SPLIT} was not read: interrupted\n`);
  });

  test('a named pipe that nobody writes to does not hold the program', async () => {
    const { path, status, stderr } = await endedAtPipe('unwritten');
    expect(status).toBe(3);
    expect(stderr).toBe(`vrrpwatch: ${path} is empty\n`);
  });

  test('a pipe that closes in the middle of a packet is reported up to there', async () => {
    const bytes = readFileSync(SPLIT);
    const child = spawn(process.execPath, [PROGRAM, '--pcap', '-', '--json']);
    let stdout = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stdin.write(bytes.subarray(0, 1000));
    child.stdin.end(bytes.subarray(1000, bytes.length - 7));
    const [status] = await once(child, 'close');
    const { captures, exitStatus } = JSON.parse(stdout);
    expect(captures).toMatchObject([{ name: 'standard input', truncated: true }]);
    expect(exitStatus).toBe(status);
    expect(captures[0].adverts).toBeGreaterThan(20);
  });
});
