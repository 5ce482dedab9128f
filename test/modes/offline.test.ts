import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { ethernet, frame, ipv4 } from '../support/build.ts';
import { vxlan } from '../support/build-tunnels.ts';
import { concat, type Packet, PcapngBlocks, pcapngFile } from '../support/capture-files.ts';
import { runCli } from '../support/run-cli.ts';

const HEALTHY = 'test/pcaps/01_start_sigterm_return_kill9_return.pcap';
const SPLIT = 'test/pcaps/02_drop_in_backup_oneway_heal.pcap';
const MAYBE = 'test/pcaps/36_port_isolated_no_carrier_loss_observer_on_b_side.pcap';
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-'));

afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('exit status and verdict of a saved capture', () => {
  test.each([
    [HEALTHY, 0, 'ok'],
    [MAYBE, 1, 'warning'],
    [SPLIT, 2, 'split-brain'],
  ])('%s ends with %i, %s', async (path, status, verdict) => {
    const run = await runCli(['--pcap', path, '--json']);
    expect(run.status).toBe(status);
    expect(JSON.parse(run.stdout)).toMatchObject({ schema: 'vrrpwatch/1', verdict, exitStatus: status });
    expect(run.stderr).toBe('');
  });

  test('a capture without a single advertisement leaves the verdict unknown', async () => {
    const run = await runCli(['--pcap', file('header-only.pcap', readFileSync(HEALTHY).subarray(0, 24)), '--json']);
    expect(run.status).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({
      verdict: 'unknown',
      virtualRouters: [],
      captures: [{ packets: 0 }],
    });
  });

  test('of several captures the worst decides, and each is listed', async () => {
    const run = await runCli(['--pcap', HEALTHY, '--pcap', SPLIT, '--json']);
    expect(run.status).toBe(2);
    const { captures, virtualRouters } = JSON.parse(run.stdout);
    expect(captures.map(({ name }: { name: string }) => name)).toEqual([HEALTHY, SPLIT]);
    expect(virtualRouters.map(({ state }: { state: string }) => state)).toEqual(['ok', 'ok']);
  });

  test('captures of both nodes show what neither shows by itself', async () => {
    const [a, b] = ['a', 'b'].map((node) => ['--pcap', `test/pcaps/vantage/network-${node}.pcap`]) as [
      string[],
      string[],
    ];
    // The ARP of the other node is the last in one of them.
    expect((await runCli([...a, '--json'])).status).toBe(1);
    expect((await runCli([...b, '--json'])).status).toBe(0);
    for (const output of [[], ['--json'], ['--check']]) expect((await runCli([...a, ...b, ...output])).status).toBe(2);
  });

  test('-q prints nothing while all is well, and everything otherwise', async () => {
    expect(await runCli(['-q', '--pcap', HEALTHY])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect((await runCli(['-q', '--pcap', SPLIT])).stdout).toMatch(/^SPLIT BRAIN /);
  });

  test('-q leaves out the lines in the wording of tcpdump too', async () => {
    expect(await runCli(['-q', '--pcap', HEALTHY, '--format', 'tcpdump'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect((await runCli(['-q', '--pcap', SPLIT, '--format', 'tcpdump'])).stdout).toMatch(/^SPLIT BRAIN /);
  });

  test('--check says in its line what cannot be read, beside what was heard elsewhere', async () => {
    const missing = join(directory, 'missing.pcap');
    const alone = await runCli(['--check', '--pcap', missing]);
    expect(alone.status).toBe(3);
    expect(alone.stdout).toBe(`VRRP UNKNOWN - cannot read ${missing}: no such file or directory\n`);
    const both = await runCli(['--check', '--pcap', HEALTHY, '--pcap', missing]);
    expect(both.status).toBe(3);
    expect(both.stdout).toMatch(
      /^VRRP UNKNOWN - .*vrid 51 .*; cannot read \S+missing\.pcap: no such file or directory \| /,
    );
  });

  test('--check says it in one line for a saved capture too', async () => {
    const run = await runCli(['--check', '--pcap', SPLIT]);
    expect(run.status).toBe(2);
    expect(run.stdout.split('\n')).toHaveLength(2);
    expect(run.stdout).toMatch(/^VRRP CRITICAL - .*10\.9\.0\.2.* \| .*vrid51_/);
  });
});

describe('where the capture comes from', () => {
  test('standard input', async () => {
    const run = await runCli(['--pcap', '-', '--json'], { stdin: readFileSync(SPLIT) });
    expect(run.status).toBe(2);
    expect(JSON.parse(run.stdout).captures[0]).toMatchObject({ name: 'standard input', packets: 109 });
  });

  test('a gzipped file', async () => {
    const run = await runCli(['-r', file('split.pcap.gz', gzipSync(readFileSync(SPLIT))), '--json']);
    expect(run.status).toBe(2);
    expect(JSON.parse(run.stdout).captures[0]).toMatchObject({ packets: 109, truncated: false });
  });
});

describe('captures of pcapng put one behind the other', () => {
  const RECORDED = ['network-a', 'network-b'].map((name) => readFileSync(`test/pcaps/vantage/${name}.pcap`));
  const [a, b] = RECORDED.map((bytes) => pcapngFile(packetsOf(bytes))) as [Uint8Array, Uint8Array];
  const healthy = packetsOf(readFileSync(HEALTHY));
  const split = pcapngFile(packetsOf(readFileSync(SPLIT)));

  test('leave the verdict open where they were made at the same time, and say what to do', async () => {
    const path = file('both.pcapng', concat([a, b]));
    const run = await runCli(['--pcap', path, '--json']);
    expect(run.status).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({
      verdict: 'unknown',
      captures: [{ truncated: true }],
      virtualRouters: [{ master: '10.9.0.1' }],
      findings: [{ code: 'capture-truncated' }],
    });
    const [first, second] = run.stderr.split('\n');
    expect(first).toMatch(/^vrrpwatch: \S+both\.pcapng has sections that overlap in time: the one after packet 37 /);
    expect(second).toContain('vrrpwatch --pcap FILE --pcap FILE');
    const check = await runCli(['--check', '--pcap', '-'], { stdin: Buffer.from(concat([a, b])) });
    expect(check.stdout).toMatch(
      /^VRRP UNKNOWN - standard input has sections that overlap in time: .*, as far as was heard: vrid 51 master 10\.9\.0\.1 /,
    );
  });

  test('are compared where each is given by itself', async () => {
    const paths = [file('a.pcapng', a), file('b.pcapng', b)].flatMap((path) => ['--pcap', path]);
    expect((await runCli(paths)).status).toBe(2);
  });

  test('do not hide a split brain that the first proves', async () => {
    expect((await runCli(['--pcap', file('first.pcapng', concat([split, split]))])).status).toBe(2);
  });

  test('are one where each follows the one before', async () => {
    const half = healthy.length / 2;
    const parts = [healthy.slice(0, half), healthy.slice(half)].map((packets) => pcapngFile(packets));
    const run = await runCli(['--pcap', file('rotated.pcapng', concat(parts)), '--json']);
    const whole = await runCli(['--pcap', file('whole.pcapng', pcapngFile(healthy)), '--json']);
    expect(run.status).toBe(0);
    expect(routersOf(run.stdout)).toEqual(routersOf(whole.stdout));
  });

  function routersOf(json: string): unknown[] {
    return JSON.parse(json).virtualRouters.map((router: object) => ({ ...router, capture: '' }));
  }

  function packetsOf(pcap: Buffer): Packet[] {
    const packets: Packet[] = [];
    for (let at = 24; at < pcap.length; ) {
      const [seconds = 0, micros = 0, length = 0] = [0, 4, 8].map((field) => pcap.readUInt32LE(at + field));
      packets.push({ bytes: pcap.subarray(at + 16, at + 16 + length), timeUs: seconds * 1_000_000 + micros });
      at += 16 + length;
    }
    return packets;
  }
});

describe('packets without a time, in the simple packet blocks of pcapng', () => {
  const blocks = new PcapngBlocks();
  const head = [blocks.section(), blocks.interface()];
  /** Two masters, each of which advertises once a second. */
  const two: Packet[] = Array.from({ length: 12 }, (_, i) => ({
    bytes: frame({ from: i % 2 === 0 ? '10.9.0.1' : '10.9.0.2', priority: i % 2 === 0 ? 150 : 100, id: i + 1 }),
    timeUs: 1_700_000_000_000_000 + i * 500_000,
  }));
  const one = two.filter((_, i) => i % 2 === 0);
  const web = {
    bytes: ethernet({ payload: ipv4({ src: '10.9.0.1', dst: '10.9.0.2', proto: 6, payload: new Uint8Array(20) }) }),
    timeUs: 0,
  };
  const timed = (packets: readonly Packet[]) => packets.map((each) => blocks.enhancedPacket(each));
  const untimed = (packets: readonly Packet[]) => packets.map((each) => blocks.simplePacket(each));
  const write = (...parts: Uint8Array[]) => file('untimed.pcapng', concat([...head, ...parts]));

  test('are not judged: the verdict is open, and why is said', async () => {
    const path = write(...untimed(two));
    const run = await runCli(['--pcap', path, '--json']);
    expect(run.status).toBe(3);
    expect(JSON.parse(run.stdout)).toMatchObject({
      verdict: 'unknown',
      captures: [{ packets: 12, firstAt: null, lastAt: null, truncated: true }],
      virtualRouters: [],
      findings: [{ code: 'capture-truncated' }],
    });
    const what = `${path} has 12 packets without a time that may concern VRRP`;
    expect(run.stderr).toBe(
      `vrrpwatch: ${what}: they are not judged\ntcpdump -w FILE and dumpcap -w FILE write the time of every packet\n`,
    );
    expect((await runCli(['--check', '--pcap', path])).stdout).toContain(`VRRP UNKNOWN - ${what}`);
  });

  test('leave open what those with a time say, unless that is a split brain', async () => {
    expect((await runCli(['--pcap', write(...timed(one), ...untimed(two))])).status).toBe(3);
    expect((await runCli(['--pcap', write(...timed(two), ...untimed(one))])).status).toBe(2);
  });

  test('do not matter where they carry something else', async () => {
    expect(await runCli(['-q', '--pcap', write(...timed(one), ...untimed([web]))])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('are printed with the time that tcpdump gives them', async () => {
    const run = await runCli(['--format', 'tcpdump', '--pcap', write(...untimed(one))]);
    expect(run.stdout.split('\n')[0]).toMatch(/^\d\d:\d\d:00\.000000 IP 10\.9\.0\.1 > /);
  });
});

describe('the capture of a mirror port that came through a tunnel', () => {
  const adverts = (from: string, priority: number, atS: number) =>
    Array.from({ length: 6 }, (_, i) => ({
      bytes: vxlan(frame({ from, priority, id: i + 1 })),
      timeUs: (1_700_000_000 + i + atS) * 1_000_000,
    }));
  const packets = [...adverts('10.9.0.1', 150, 0), ...adverts('10.9.0.2', 100, 0.5)];
  packets.sort((a, b) => a.timeUs - b.timeUs);
  const path = file('mirror.pcapng', pcapngFile(packets, { name: 'eth0' }));

  test('is judged, and the tunnel named behind the interface', async () => {
    const json = await runCli(['--pcap', path, '--json']);
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout).virtualRouters).toMatchObject([
      { interface: 'eth0 vxlan 42', vlan: null, vrid: 51 },
    ]);
    expect((await runCli(['--pcap', path])).stdout).toContain('vrid 51 on eth0 vxlan 42');
  });

  test('has the lines in the wording of tcpdump that it would have without', async () => {
    const { stdout } = await runCli(['--pcap', path, '--format', 'tcpdump']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[0]).toMatch(/^\S+ IP 10\.9\.0\.1 > 224\.0\.0\.18: VRRPv2, Advertisement, vrid 51, prio 150, /);
  });
});

describe('what is wrong is told in one line, with exit status 3', () => {
  const lines = (text: string): string[] => text.trimEnd().split('\n');

  test.each([
    ['a missing file', () => join(directory, 'missing.pcap'), /missing\.pcap.*no such file/],
    ['a directory', () => directory, /is a directory/],
    ['an empty file', () => file('empty.pcap', ''), /is empty/],
    ['a text file', () => file('listing.txt', '13:06:24.600737 IP 10.9.0.1 > 224.0.0.18: VRRPv2'), /not a capture/],
  ])('%s', async (_, path, message) => {
    const run = await runCli(['--pcap', path()]);
    expect(run.status).toBe(3);
    expect(run.stdout).toBe('');
    expect(lines(run.stderr)[0]).toMatch(/^vrrpwatch: /);
    expect(lines(run.stderr)[0]).toMatch(message);
    expect(lines(run.stderr).length).toBeLessThanOrEqual(2);
  });

  test.each([
    [['--wrong']],
    [['--pcap']],
    [['-i', 'eth0', '--pcap', HEALTHY]],
    [['--check']],
    [['--for', 'soon', '-i', 'eth0', '--check']],
    [['--expect', '300', '--pcap', HEALTHY]],
    [['--expect', '51=here', '--pcap', HEALTHY]],
    [['--expect', '51=10.9.0.1=10.9.0.2', '--pcap', HEALTHY]],
    [['--expect', '51=here%eth0', '--pcap', HEALTHY]],
    [['--format', 'xml', '--pcap', HEALTHY]],
    [['--json', '--format', 'tcpdump', '--pcap', HEALTHY]],
    [['-q', '--check', '--format', 'tcpdump', '--pcap', HEALTHY]],
    [['-q', '--replay', '--format', 'tcpdump', '--pcap', HEALTHY]],
    [['--pcap', '-', '--pcap', '-']],
    [['--pcap', '-', '--pcap', '/dev/stdin']],
    [['--pcap', HEALTHY, '--replay', '--check']],
    [['--pcap', HEALTHY, '--replay', '--json']],
    [['--pcap', HEALTHY, '--replay', '--textfile', join(directory, 'vrrp.prom')]],
    [['--filter', 'vrrp', '--pcap', HEALTHY]],
    [['dump.pcap']],
  ])('wrong usage: %j', async (args) => {
    const run = await runCli(args);
    expect(run.status).toBe(3);
    expect(run.stdout).toMatch(args.includes('--check') ? /^VRRP UNKNOWN - [^|\n]+\n$/ : /^$/);
    expect(lines(run.stderr)[0]).toMatch(/^vrrpwatch: ./);
    expect(lines(run.stderr).length).toBeLessThanOrEqual(2);
    expect(run.stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });

  test('without a word the help goes to stderr, with status 3: the variables of a script were empty', async () => {
    const help = await runCli(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    const bare = await runCli([]);
    expect(bare).toMatchObject({ status: 3, stdout: '' });
    expect(bare.stderr.trim()).toBe(help.stdout.trim());
  });

  test('a good file beside a bad one is reported, and the status stays 3', async () => {
    const run = await runCli(['--pcap', HEALTHY, '--pcap', join(directory, 'missing.pcap'), '--json']);
    expect(run.status).toBe(3);
    expect(lines(run.stderr)).toHaveLength(1);
    expect(JSON.parse(run.stdout)).toMatchObject({ verdict: 'unknown', virtualRouters: [{ vrid: 51, state: 'ok' }] });
  });

  test('a split brain is proven beside a file that is not there', async () => {
    const run = await runCli(['--pcap', SPLIT, '--pcap', join(directory, 'missing.pcap'), '--json']);
    expect(run.status).toBe(2);
    expect(JSON.parse(run.stdout)).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
  });

  test('a cut file does not prove that an expected virtual router is silent', async () => {
    const cut = file('cut-before.pcap', readFileSync(HEALTHY).subarray(0, -20));
    expect((await runCli(['--pcap', cut, '--expect', '52', '--json'])).status).toBe(3);
    expect((await runCli(['--pcap', HEALTHY, '--expect', '52', '--json'])).status).toBe(2);
  });

  test('a cut file is judged up to the cut', async () => {
    const cut = file('cut.pcap', readFileSync(HEALTHY).subarray(0, -20));
    const run = await runCli(['--pcap', cut, '--json']);
    expect(run.status).toBe(3);
    expect(lines(run.stderr)).toHaveLength(1);
    const report = JSON.parse(run.stdout);
    expect(report.captures[0]).toMatchObject({ truncated: true, packets: 66 });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: 'capture-truncated' }));
    expect(report.virtualRouters).toHaveLength(1);
  });

  test('a split brain before the cut is proven all the same', async () => {
    const run = await runCli(['--pcap', file('cut-split.pcap', readFileSync(SPLIT).subarray(0, -20))]);
    expect(run.status).toBe(2);
  });
});

describe('--expect', () => {
  test('takes a link-local address with the zone that ip shows it with', async () => {
    const sources = 'fe80::ff:fe00:1%eth0,fe80::ff:fe00:2%eth0';
    const run = await runCli(['--pcap', 'test/pcaps/49_ipv6_v3_start.pcap', '--expect', `51=${sources}`]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  test('the expected sources may advertise', async () => {
    expect((await runCli(['--pcap', HEALTHY, '--expect', '51=10.9.0.1,10.9.0.2'])).status).toBe(0);
  });

  test('anybody else is critical and named', async () => {
    const run = await runCli(['--pcap', HEALTHY, '--expect', '51=10.9.0.1', '--json']);
    expect(run.status).toBe(2);
    const [router] = JSON.parse(run.stdout).virtualRouters;
    expect(router.findings).toContainEqual(
      expect.objectContaining({
        code: 'unexpected-advertiser',
        severity: 'critical',
        summary: expect.stringContaining('10.9.0.2'),
      }),
    );
  });

  test('a virtual router that is not heard is critical', async () => {
    const run = await runCli(['--pcap', HEALTHY, '--expect', '52', '--json']);
    expect(run.status).toBe(2);
    expect(JSON.parse(run.stdout).virtualRouters).toContainEqual(
      expect.objectContaining({ vrid: 52, state: 'silent', master: null }),
    );
  });
});

describe('passwords', () => {
  const password = 'test/pcaps/05_wrong_password.pcap';

  test('appear in no output unless asked for', async () => {
    const shown = (await runCli(['--pcap', password, '--json', '--show-secrets'])).stdout;
    const found = [...shown.matchAll(/"password": "([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(found.length).toBeGreaterThan(1);
    for (const args of [['--json'], [], ['--check', '-v'], ['--format', 'tcpdump'], ['--vrids']]) {
      const { stdout, stderr } = await runCli(['--pcap', password, ...args]);
      for (const secret of found) expect(stdout + stderr).not.toContain(secret);
    }
  });
});
