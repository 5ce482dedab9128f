import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import type { Report } from '../../src/analyzer/report.ts';
import { metricsText } from '../../src/metrics/exposition.ts';
import { parseListenAddress } from '../../src/metrics/listen-address.ts';
import { MetricsTeller } from '../../src/metrics/metrics-teller.ts';
import { MetricsServer } from '../../src/metrics/server.ts';
import { writeTextfile } from '../../src/metrics/textfile.ts';
import { isInstalled } from '../support/installed.ts';
import { runCli } from '../support/run-cli.ts';
import { every, play, together } from '../support/story.ts';

const HEALTHY_CAPTURE = 'test/pcaps/01_start_sigterm_return_kill9_return.pcap';
const SPLIT_CAPTURE = 'test/pcaps/02_drop_in_backup_oneway_heal.pcap';

/** How often a live watch writes the textfile. */
const WRITE_MS = 10_000;

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-metrics-'));
  vi.stubGlobal('VRRPWATCH_VERSION', '9.9.9');
});

afterAll(() => rmSync(directory, { recursive: true }));

/** A split brain that goes on. */
const SPLIT = play(together(every([0, 20], 'A', 100), every([5, 20], 'B', 90)), { live: true });
/** A failover: B takes over when A is gone. */
const FAILOVER = play(together(every([0, 10], 'A', 100), every([13.6, 20], 'B', 90)), { live: true });

describe('values', () => {
  test('a split brain is two masters, a 1 for split_brain and a 1 for its cause', async () => {
    const metrics = await metricsText(SPLIT.report);
    expect(metricValue(metrics, 'vrrpwatch_masters')).toBe(2);
    expect(metricValue(metrics, 'vrrpwatch_split_brain')).toBe(1);
    expect(metricValue(metrics, 'vrrpwatch_split_brains_total')).toBe(1);
    expect(metricValue(metrics, 'vrrpwatch_problem', 'cause="filtered"')).toBe(1);
    expect(metricValue(metrics, 'vrrpwatch_exit_status')).toBe(2);
  });

  test('a failover is a transition with its gap and no split brain', async () => {
    const metrics = await metricsText(FAILOVER.report);
    expect(metricValue(metrics, 'vrrpwatch_masters')).toBe(1);
    expect(metricValue(metrics, 'vrrpwatch_split_brain')).toBe(0);
    expect(metricValue(metrics, 'vrrpwatch_transitions_total')).toBe(1);
    expect(metricValue(metrics, 'vrrpwatch_advert_gap_seconds')).toBe(3.6);
    expect(metricValue(metrics, 'vrrpwatch_last_advert_timestamp_seconds')).toBe(1_700_000_019.6);
  });

  test('advertisements and priority are told per source', async () => {
    const metrics = await metricsText(FAILOVER.report);
    expect(metricValue(metrics, 'vrrpwatch_advertisements_total', 'source="10.0.0.1"')).toBe(11);
    expect(metricValue(metrics, 'vrrpwatch_priority', 'source="10.0.0.2"')).toBe(90);
  });

  test('who holds an address is a value, so that a takeover makes no new series', async () => {
    const before = await metricsText(
      play(together(every([0, 10], 'A', 100), [[10.1, 'B', 90]]), { live: true }).report,
    );
    const after = await metricsText(FAILOVER.report);
    expect(metricValue(before, 'vrrpwatch_address_master', 'source="10.0.0.1"')).toBe(1);
    expect(metricValue(after, 'vrrpwatch_address_master', 'source="10.0.0.1"')).toBe(0);
    expect(metricValue(after, 'vrrpwatch_address_master', 'source="10.0.0.2"')).toBe(1);
  });

  test('an expected virtual router that was never heard has no master', async () => {
    const { report } = play([], { expectations: [{ vrid: 7, sources: null }] });
    expect(metricValue(await metricsText(report), 'vrrpwatch_masters', 'vrid="7"')).toBe(0);
  });

  test('a split brain is not hidden by a healthy virtual router with the same labels', async () => {
    const ofOthers = { addresses: ['10.0.0.200'] };
    const pair = (a: string, b: string) => ({
      [a]: { to: '10.0.0.9', ...ofOthers },
      [b]: { to: '10.0.0.8', ...ofOthers },
    });
    const split = together(every([0, 20], 'A', 100), every([5, 20], 'B', 90));
    const healthy = every([0, 20], 'H', 100);
    const { report } = play(together(split, healthy), { nodes: pair('H', 'I'), live: true });
    expect(report.virtualRouters.map(({ state }) => state)).toEqual(['split-brain', 'ok']);
    const metrics = await metricsText(report);
    expect(metricValue(metrics, 'vrrpwatch_split_brain')).toBe(1);
    expect(metricValue(metrics, 'vrrpwatch_masters')).toBe(2);
    expect(metricValue(metrics, 'vrrpwatch_problem', 'cause="filtered"')).toBe(1);
  });

  test('events are counted once for virtual routers with the same labels', async () => {
    const toOthers = { to: '10.0.0.9', addresses: ['10.0.0.200'] };
    const { report, events } = play(
      together(every([0, 10], 'A', 100), every([13.6, 20], 'B', 90), every([0, 20], 'H', 100, 1, toOthers)),
      { live: true },
    );
    const teller = await MetricsTeller.start({
      address: null,
      textfile: null,
      report: () => report,
      complain: () => undefined,
    });
    for (const event of events) teller.event(event);
    expect(metricValue(await teller.text(), 'vrrpwatch_transitions_total')).toBe(1);
    await teller.stop();
  });

  test('a finding about the capture as a whole has no virtual router', async () => {
    const { report } = play([...every([0, 3], 'A', 100), [60, 'tick'], [5, 'A', 100]], { live: true });
    const metrics = await metricsText(report);
    expect(metricValue(metrics, 'vrrpwatch_findings', 'vrid="",code="clock-went-back"')).toBe(1);
  });

  test('no label holds a state or a password', async () => {
    const cast = { all: { password: 'geheim' }, live: true, showSecrets: true };
    const { report } = play(together(every([0, 20], 'A', 100), every([5, 20], 'B', 90)), cast);
    const metrics = await metricsText(report);
    const labels = new Set([...metrics.matchAll(/(\w+)="/g)].map(([, label]) => label));
    const allowed = ['address', 'cause', 'code', 'family', 'intf', 'source', 'version', 'vlan', 'vrid'];
    expect([...labels].filter((label) => !allowed.includes(label ?? ''))).toEqual([]);
    expect(metrics).not.toContain('geheim');
  });

  test('a name from outside cannot end its label', async () => {
    expect(await metricsText(namedByAForger())).not.toMatch(/^evil/m);
  });

  test('a flood of virtual routers and advertisers leaves the number of series bounded', async () => {
    const [router] = SPLIT.report.virtualRouters;
    if (router === undefined) throw new Error('no virtual router');
    const [advertiser] = router.advertisers;
    if (advertiser === undefined) throw new Error('no advertiser');
    const advertisers = Array.from({ length: 64 }, (_, i) => ({ ...advertiser, source: `10.0.0.${i}` }));
    const addresses = Array.from({ length: 255 }, (_, i) => `10.1.0.${i}`);
    const flood = Array.from({ length: 4096 }, (_, vlan) => ({ ...router, vlan, advertisers, addresses }));
    const lines = (await metricsText({ ...SPLIT.report, virtualRouters: flood })).split('\n');
    expect(lines.length).toBeLessThan(512 * 10 + 8192 + 100);
    expect(lines).toContain('vrrpwatch_virtual_routers 4096');
  });

  test('forged senders do not drive the nodes out of the series', async () => {
    const [router] = SPLIT.report.virtualRouters;
    const [node] = router?.advertisers ?? [];
    if (router === undefined || node === undefined) throw new Error('no advertiser');
    const forged = Array.from({ length: 63 }, (_, i) => ({
      ...node,
      source: `10.66.0.${i}`,
      claiming: false,
      adverts: 2,
    }));
    const advertisers = [...router.advertisers, ...forged];
    const metrics = await metricsText({ ...SPLIT.report, virtualRouters: [{ ...router, advertisers }] });
    for (const { source, priority } of router.advertisers) {
      expect(metricValue(metrics, 'vrrpwatch_priority', `source="${source}"`)).toBe(priority);
    }
    expect(metricValue(metrics, 'vrrpwatch_address_master', `source="${router.master}"`)).toBe(1);
  });

  test('a virtual router that is expected and was never heard does not count as heard', async () => {
    const { report } = play([...every([0, 3], 'A', 100)], { live: true, expectations: [{ vrid: 52, sources: null }] });
    expect(metricValue(await metricsText(report), 'vrrpwatch_virtual_routers')).toBe(1);
    expect(report.virtualRouters).toHaveLength(2);
  });

  test.runIf(isInstalled('promtool'))('promtool has nothing to say against them', async () => {
    for (const report of [SPLIT.report, FAILOVER.report, namedByAForger()]) expectReadable(await metricsText(report));
  });
});

describe('counters of a live watch', () => {
  test('takeovers and split brains are counted beyond what the report remembers', async () => {
    const teller = await MetricsTeller.start({ address: null, textfile: null, report: () => SPLIT.report, complain });
    for (let i = 0; i < 300; i++) {
      for (const event of [...SPLIT.events, ...FAILOVER.events]) teller.event(event);
    }
    const metrics = await teller.text();
    expect(metricValue(metrics, 'vrrpwatch_split_brains_total')).toBe(300);
    expect(metricValue(metrics, 'vrrpwatch_transitions_total')).toBe(300);
    await teller.stop();
  });

  test('a split brain that is told of anew is counted once', async () => {
    const teller = await MetricsTeller.start({ address: null, textfile: null, report: () => SPLIT.report, complain });
    const confirmed = SPLIT.events.find(({ event }) => event === 'split-brain-confirmed');
    if (confirmed?.event !== 'split-brain-confirmed') throw new Error('no split brain');
    teller.event(confirmed);
    teller.event({ ...confirmed, isCorrection: true });
    expect(metricValue(await teller.text(), 'vrrpwatch_split_brains_total')).toBe(1);
    await teller.stop();
  });

  test('a flood of invented virtual routers does not reset the counters of one that takes over meanwhile', async () => {
    const teller = await MetricsTeller.start({ address: null, textfile: null, report: () => SPLIT.report, complain });
    const takeover = FAILOVER.events.find(({ event }) => event === 'takeover');
    if (takeover === undefined || !('takeover' in takeover)) throw new Error('no takeover');
    for (let i = 0; i < 10_000; i++) {
      teller.event({ ...takeover, router: { ...takeover.router, key: `invented ${i}` } });
      if (i % 1000 === 0) teller.event(takeover);
    }
    expect(metricValue(await teller.text(), 'vrrpwatch_transitions_total')).toBe(10);
    await teller.stop();
  });
});

describe('counters in a flood of virtual routers', () => {
  const takeover = FAILOVER.events.find(({ event }) => event === 'takeover');
  const of = (key: string): WatchEvent => {
    if (takeover?.event !== 'takeover') throw new Error(`no takeover in ${FAILOVER.eventNames}`);
    return { ...takeover, router: { ...takeover.router, key } };
  };

  test.each([
    [4095, 2, 'go on'],
    [4096, 1, 'begin anew, as after a restart'],
  ])('after %i others, the second takeover of one makes %i: they %s', async (others, transitions) => {
    const teller = await MetricsTeller.start({
      address: null,
      textfile: null,
      report: () => FAILOVER.report,
      complain,
    });
    const own = FAILOVER.router.key;
    teller.event(of(own));
    for (let i = 0; i < others; i++) teller.event(of(`forged ${i}`));
    teller.event(of(own));
    expect(metricValue(await teller.text(), 'vrrpwatch_transitions_total')).toBe(transitions);
    await teller.stop();
  });
});

describe('server', () => {
  test.each([
    ['9912', { host: '127.0.0.1', port: 9912 }],
    ['0.0.0.0:9912', { host: '0.0.0.0', port: 9912 }],
    ['[::1]:9912', { host: '::1', port: 9912 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['65536', null],
    ['::1:9912', null],
    ['host:', null],
    ['', null],
  ])('%j is read as %j', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  test('/metrics and nothing else is served', async () => {
    const server = await MetricsServer.listen(
      { host: '127.0.0.1', port: 0 },
      () => metricsText(SPLIT.report),
      complain,
    );
    const response = await fetch(server.url);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metricValue(await response.text(), 'vrrpwatch_split_brain')).toBe(1);
    expect((await fetch(new URL('/', server.url))).status).toBe(404);
    expect((await fetch(server.url, { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await fetch(server.url, { method: 'HEAD' })).status).toBe(200);
    await server.stop();
  });

  test('metrics that cannot be made are a 500, said once until it works again', async () => {
    const complaints: string[] = [];
    let isBroken = true;
    const metrics = async () => {
      if (isBroken) throw new Error('no report');
      return 'up 1\n';
    };
    const server = await MetricsServer.listen({ host: '127.0.0.1', port: 0 }, metrics, (text) => complaints.push(text));
    vi.useFakeTimers({ toFake: ['performance'] });
    const ask = async () => {
      vi.advanceTimersByTime(2_000);
      return (await fetch(server.url)).status;
    };
    expect([await ask(), await ask()]).toEqual([500, 500]);
    isBroken = false;
    expect(await ask()).toBe(200);
    isBroken = true;
    expect(await ask()).toBe(500);
    vi.useRealTimers();
    expect(complaints).toEqual(['--metrics: no report', '--metrics: no report']);
    await server.stop();
  });

  test('a connection that cannot be accepted is said, and the next one is', async () => {
    const complaints: string[] = [];
    const listen = vi.spyOn(Server.prototype, 'listen');
    const server = await MetricsServer.listen(
      { host: '127.0.0.1', port: 0 },
      async () => '',
      (text) => complaints.push(text),
    );
    const [socket] = listen.mock.contexts;
    listen.mockRestore();
    // What node does when the kernel cannot accept it.
    (socket as Server).emit('error', new Error('accept ENOMEM'));
    expect(complaints).toEqual(['--metrics: accept ENOMEM']);
    expect((await fetch(server.url)).status).toBe(200);
    await server.stop();
  });

  test('whoever asks at once gets one judgement', async () => {
    let asked = 0;
    const server = await MetricsServer.listen({ host: '::1', port: 0 }, async () => `asked ${++asked}\n`, complain);
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await fetch(server.url)).text()));
    expect(new Set(answers)).toEqual(new Set(['asked 1\n']));
    await server.stop();
  });

  test('a port that is taken, and an address that is not ours, are refused with the reason', async () => {
    const server = await MetricsServer.listen({ host: '127.0.0.1', port: 0 }, async () => '', complain);
    const port = new URL(server.url).port;
    const { status, stderr } = await runCli(['-i', 'lo', '--metrics', port]);
    expect(stderr).toBe(`vrrpwatch: --metrics: 127.0.0.1:${port} is taken by another program\nchoose another port\n`);
    expect(status).toBe(3);
    await expect(MetricsServer.listen({ host: '192.0.2.1', port: 0 }, async () => '', complain)).rejects.toThrow(
      'no address 192.0.2.1',
    );
    await server.stop();
  });
});

describe('textfile', () => {
  test('is never put in place of a device', async () => {
    await expect(writeTextfile('/dev/null', 'text')).rejects.toThrow('no regular file');
    const { status, stderr } = await runCli(['--check', '--pcap', SPLIT_CAPTURE, '--textfile', '/dev/null']);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'vrrpwatch: --textfile: cannot write /dev/null: it is there and is no regular file\n',
    });
  });

  test('says that nothing is known when the check cannot start, whatever it said before', async () => {
    const file = join(directory, 'unheard.prom');
    writeFileSync(file, 'vrrpwatch_exit_status 0\n');
    const { status } = await runCli(['-i', 'nosuch0', '--check', '--textfile', file]);
    const metrics = readFileSync(file, 'utf8');
    expect(status).toBe(3);
    expect(metricValue(metrics, 'vrrpwatch_exit_status')).toBe(3);
    expect(metricValue(metrics, 'vrrpwatch_capture_up')).toBe(0);
    rmSync(file);
  });

  test('a saved capture leaves its metrics in the file, and nothing beside it', async () => {
    const file = join(directory, 'vrrpwatch.prom');
    const { status } = await runCli(['--pcap', SPLIT_CAPTURE, '--textfile', file]);
    expect(status).toBe(2);
    const metrics = readFileSync(file, 'utf8');
    expect(metricValue(metrics, 'vrrpwatch_split_brains_total')).toBe(1);
    expect(metrics.endsWith('\n')).toBe(true);
    expect(readdirSync(directory)).toEqual(['vrrpwatch.prom']);
  });

  test('a check leaves its metrics too', async () => {
    const file = join(directory, 'vrrpwatch.prom');
    rmSync(file, { force: true });
    const { stdout } = await runCli(['--check', '--pcap', SPLIT_CAPTURE, '--textfile', file]);
    expect(stdout).toMatch(/^VRRP CRITICAL/);
    expect(metricValue(readFileSync(file, 'utf8'), 'vrrpwatch_exit_status')).toBe(2);
  });

  test('a file that cannot be written is said, and the verdict stands', async () => {
    const { status, stderr, stdout } = await runCli([
      '--pcap',
      SPLIT_CAPTURE,
      '--textfile',
      join(directory, 'no/x.prom'),
    ]);
    expect(stderr).toMatch(/^vrrpwatch: --textfile: cannot write .*no such file or directory/);
    expect(stdout).toMatch(/^SPLIT BRAIN/);
    expect(status).toBe(2);
  });

  test.each([
    ['a check', ['--check', '-q'], /^VRRP UNKNOWN - [^|]*master 10\.9\.0\.1; --textfile: cannot write [^|]* \| /],
    ['a report', [], /^UNKNOWN {2}as far as was heard: vrid 51 master 10\.9\.0\.1\n/],
    ['a document', ['--json'], /"verdict": "unknown",\s+"exitStatus": 3,/],
  ])('a file that cannot be written leaves no OK in %s', async (_, more, said) => {
    const parameters = ['--pcap', HEALTHY_CAPTURE, ...more];
    expect((await runCli(parameters)).status).toBe(0);
    const { status, stdout, stderr } = await runCli([...parameters, '--textfile', join(directory, 'no/x.prom')]);
    expect(stdout).toMatch(said);
    expect(stderr).toMatch(/^vrrpwatch: --textfile: cannot write .*\n$/);
    expect(status).toBe(3);
  });

  test('a directory in the way leaves no part of a file behind', async () => {
    const file = join(directory, 'folder.prom');
    mkdirSync(file);
    await expect(writeTextfile(file, 'text')).rejects.toThrow('cannot write');
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a live watch says once that it cannot be written, not at each attempt, and again after it could be', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const folder = join(directory, 'later');
    const textfile = join(folder, 'vrrpwatch.prom');
    const complaints: string[] = [];
    const note = (message: string) => complaints.push(message);
    const teller = await MetricsTeller.start({ address: null, textfile, report: () => SPLIT.report, complain: note });
    vi.advanceTimersByTime(WRITE_MS);
    await vi.waitFor(() => expect(complaints).toHaveLength(1), 5000);
    mkdirSync(folder);
    vi.advanceTimersByTime(WRITE_MS);
    await vi.waitFor(() => expect(readFileSync(textfile, 'utf8')).toContain('vrrpwatch_split_brain'), 5000);
    rmSync(folder, { recursive: true });
    vi.advanceTimersByTime(WRITE_MS);
    await vi.waitFor(() => expect(complaints).toHaveLength(2), 5000);
    // Which tries once more.
    await teller.stop();
    vi.useRealTimers();
    expect(complaints).toEqual([complaints[0], complaints[0]]);
    expect(complaints[0]).toMatch(/^--textfile: cannot write .*no such file/);
  });

  test('a file that was there is replaced as a whole', async () => {
    const file = join(directory, 'old.prom');
    writeFileSync(file, 'old and longer\n');
    await writeTextfile(file, 'new\n');
    expect(readFileSync(file, 'utf8')).toBe('new\n');
  });
});

function complain(message: string): never {
  throw new Error(message);
}

/** The only value of a metric whose labels contain `label`. */
function metricValue(metrics: string, name: string, label = ''): number {
  const lines = metrics.split('\n').filter((line) => new RegExp(`^${name}[{ ]`).test(line) && line.includes(label));
  if (lines.length !== 1) throw new Error(`${lines.length} values of ${name} ${label}:\n${metrics}`);
  return Number(lines[0]?.split(' ').at(-1));
}

function namedByAForger(): Report {
  const capture = { ...SPLIT.report.captures[0], name: 'a"} 1\nevil 2\\' } as Report['captures'][number];
  return { ...SPLIT.report, captures: [capture] };
}

function expectReadable(metrics: string): void {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
}
