import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CAP_ENGINE } from '../../src/capture/cap-engine.ts';
import type { EngineName } from '../../src/capture/engine.ts';
import { type InterfaceWatcher, type WatchOptions, watchInterface } from '../../src/capture/live.ts';
import { engineMessage, judgeStartFailure } from '../../src/capture/start-failure.ts';
import { frame, garp } from '../support/build.ts';
import { fakeTcpdump } from '../support/fake-tcpdump.ts';
import { type RecordedFrame, recorder } from '../support/recorded-frames.ts';
import { type WatchLog, watchLog } from '../support/watch-log.ts';
import { labMissing } from './segment.ts';
import { ip, send, vethPair } from './veth.ts';

const ADVERT = frame({ from: '10.0.0.1', vrid: 77 });
const AS_NOBODY = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];

const isMissing = labMissing() !== null;
const veth = vethPair();
let watchers: InterfaceWatcher[] = [];

beforeEach(() => {
  if (!isMissing) veth.create();
});

afterEach(async () => {
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  watchers = [];
  if (!isMissing) veth.remove();
});

describe.skipIf(isMissing).each(['cap', 'tcpdump'] as const)('engine %s', (engine) => {
  test('adverts arrive with the time at which they were sent', async () => {
    const { log, frames } = watch(engine);
    expect(await log.next('started')).toBe(`started ${engine}, link type 1`);
    const beforeUs = Date.now() * 1000;
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
    const arrival = frames.find(({ bytes }) => bytes === hex(ADVERT));
    expect(arrival).toMatchObject({ originalLength: ADVERT.length, interfaceIndex: 0, linkType: 1 });
    expect(arrival?.timeUs).toBeGreaterThan(beforeUs - 2000);
    expect(arrival?.timeUs).toBeLessThan(Date.now() * 1000 + 2000);
  });

  test.each([
    ['IPv6', frame({ from: 'fe80::1' })],
    ['unicast', frame({ from: '10.0.0.1', to: '10.0.0.2' })],
    ['the authentication header', frame({ from: '10.0.0.1', ah: {} })],
    ['a VLAN', frame({ from: '10.0.0.1', vlans: [100] })],
    ['a VLAN over IPv6', frame({ from: 'fe80::1', vlans: [100] })],
    ['stacked VLANs', frame({ from: '10.0.0.1', vlans: [{ tpid: 0x88a8, vid: 200 }, 100] })],
    ['a gratuitous ARP', garp({ address: '10.0.0.100' })],
    ['a gratuitous ARP in a VLAN', garp({ address: '10.0.0.100', vlans: [5] })],
    ['255 addresses', frame({ from: '10.0.0.1', addresses: Array.from({ length: 255 }, (_, i) => `10.1.0.${i}`) })],
  ])('the default filter lets through, with its tags: %s', async (_, bytes) => {
    const { log, frames } = watch(engine);
    await log.next('started');
    send(veth.far, bytes);
    await seen(frames, bytes);
  });

  test('`any` hears the interface, one and two tags included', async () => {
    const { log, frames } = watch(engine, { interface: 'any' });
    expect(await log.next('started')).toBe(`started ${engine}, link type ${engine === 'cap' ? 113 : 276}`);
    const variants = [[], [100], [{ tpid: 0x88a8, vid: 200 }, 100]];
    for (const [i, vlans] of variants.entries()) send(veth.far, frame({ from: '10.0.0.1', vrid: 200 + i, vlans }));
    for (const i of variants.keys()) {
      // Version 2, type 1 and the VRID of this test: the link header differs from what was sent.
      await expect.poll(() => frames.some(({ bytes }) => bytes.includes(`21${(200 + i).toString(16)}64`))).toBe(true);
    }
  });

  test('a tunnel without Ethernet headers is captured on', async () => {
    const tunnel = `vw${process.pid}t`;
    ip('tuntap', 'add', tunnel, 'mode', 'tun');
    try {
      ip('link', 'set', tunnel, 'up');
      expect(await watch(engine, { interface: tunnel }).log.next('started')).toBe(`started ${engine}, link type 101`);
    } finally {
      ip('link', 'del', tunnel);
    }
  });

  test('a link that goes down and up again is lost and resumed', async () => {
    const { log, frames } = watch(engine);
    await log.next('started');
    ip('link', 'set', veth.near, 'down');
    expect(await log.next('lost')).toBe(`lost: ${veth.near} is down`);
    ip('link', 'set', veth.near, 'up');
    await log.next('resumed');
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
  });

  test('a pulled cable is lost, a plugged one resumed', async () => {
    const { log, frames } = watch(engine);
    await log.next('started');
    ip('link', 'set', veth.far, 'down');
    expect(await log.next('lost')).toBe(`lost: ${veth.near} has no carrier`);
    ip('link', 'set', veth.far, 'up');
    await log.next('resumed');
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
  });

  test('an interface that is deleted and made again is captured on again', async () => {
    const { log, frames } = watch(engine);
    await log.next('started');
    veth.remove();
    expect(await log.next('lost')).toMatch(/is gone$/);
    veth.create();
    await log.next('resumed');
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
  });

  test('an interface that is replaced between two looks is noticed', async () => {
    const { log, frames } = watch(engine);
    await log.next('started');
    veth.remove();
    veth.create();
    await log.next('lost');
    await log.next('resumed');
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
  });

  test('an interface is known by its alternative names, too', async () => {
    const altname = `${veth.near}alt`;
    ip('link', 'property', 'add', 'dev', veth.near, 'altname', altname);
    const { log, frames } = watch(engine, { interface: altname });
    await log.next('started');
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
    expect(log.lines).toEqual([`started ${engine}, link type 1`]);
  });

  test('an interface that is down at the start is waited for', async () => {
    ip('link', 'set', veth.near, 'down');
    const { log } = watch(engine);
    expect(await log.next('lost')).toBe(`lost: ${veth.near} is down`);
    ip('link', 'set', veth.near, 'up');
    await log.next('started');
  });

  test('a capturing process that is killed is started again', async () => {
    const { log, frames } = watch(engine);
    await log.next('started');
    for (const pid of childPids()) process.kill(pid, 'SIGKILL');
    expect(await log.next('lost')).toBe(`lost: ${engine} was ended by SIGKILL`);
    await log.next('resumed');
    send(veth.far, ADVERT);
    await seen(frames, ADVERT);
  });

  test('a bad filter fails with what libpcap says', async () => {
    const { log } = watch(engine, { filter: 'foo bar' });
    const expected = `failed (bad-filter): bad filter "foo bar": can't parse filter expression: syntax error`;
    expect(await log.next('failed')).toBe(expected);
  });

  test('an interface that does not exist fails with the names of those that do', async () => {
    const { log } = watch(engine, { interface: 'nosuch0' });
    const line = await log.next('failed');
    expect(line).toMatch(/^failed \(no-interface\): no interface nosuch0; there is /);
    expect(line).toContain(veth.near);
  });

  test('two interfaces are watched at once', async () => {
    const near = watch(engine);
    const far = watch(engine, { interface: veth.far, interfaceIndex: 1 });
    await Promise.all([near.log.next('started'), far.log.next('started')]);
    send(veth.far, ADVERT);
    await Promise.all([seen(near.frames, ADVERT), seen(far.frames, ADVERT)]);
    expect(new Set(far.frames.map(({ interfaceIndex }) => interfaceIndex))).toEqual(new Set([1]));
  });

  test('stop leaves no process behind', async () => {
    const { log } = watch(engine);
    await log.next('started');
    expect(childPids()).not.toEqual([]);
    await watchers[0]?.stop();
    expect(childPids()).toEqual([]);
  });
});

test.skipIf(isMissing)('tcpdump without a permission fails with the ways to get it', async () => {
  const tcpdump = fakeTcpdump(`exec setpriv ${AS_NOBODY.join(' ')} /usr/bin/tcpdump "$@"`);
  const { log } = watch('tcpdump');
  expect(await log.next('failed')).toMatch(/^failed \(no-permission\): .*CAP_NET_RAW is needed; use sudo, or Ambient/);
  tcpdump.remove();
});

test.skipIf(isMissing)('cap without a permission fails with the ways to get it', () => {
  const request = { interface: veth.near, filter: '', snapLength: 8000, bufferSizeKib: 1024 };
  const { file, args } = CAP_ENGINE.command(request);
  const { stderr, status } = spawnSync('setpriv', [...AS_NOBODY, file, ...args], { encoding: 'utf8', input: '' });
  expect(status).toBe(1);
  const failure = judgeStartFailure(veth.near, 'default', engineMessage(stderr, veth.near));
  expect(failure).toMatchObject({ kind: 'permanent', error: { kind: 'no-permission' } });
});

test.skipIf(isMissing)('the cap process gives up root once it captures', async () => {
  const { log } = watch('cap');
  await log.next('started');
  const users = childPids().map((pid) => execFileSync('ps', ['-o', 'uid=', '-p', String(pid)], { encoding: 'utf8' }));
  expect(users.map(Number)).toEqual([65534]);
});

test.skipIf(isMissing)('the cap process ends when its parent does', async () => {
  const { file, args } = CAP_ENGINE.command({
    interface: veth.near,
    filter: '',
    snapLength: 8000,
    bufferSizeKib: 1024,
  });
  const capture = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(capture.stdout, 'data');
  capture.stdin.destroy();
  expect(await once(capture, 'exit')).toEqual([0, null]);
});

test.skipIf(isMissing)('a cap process that was stopped does not say when what waited for it came', async () => {
  const { log, frames } = watch('cap');
  await log.next('started');
  const pids = childPids();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  send(veth.far, ADVERT);
  await setTimeout(2500);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  expect(await log.next('lost')).toMatch(/^lost: cap ended: it was stopped for [23] s$/);
  await log.next('resumed');
  expect(frames.map(({ bytes }) => bytes)).not.toContain(hex(ADVERT));
  send(veth.far, ADVERT);
  await seen(frames, ADVERT);
});

test.skipIf(isMissing)('tcpdump says that it dropped nothing', async () => {
  const { log } = watch('tcpdump');
  await log.next('started');
  await watchers[0]?.stop();
  expect(watchers[0]?.dropped).toBe(0);
});

function watch(engine: EngineName, options: Partial<WatchOptions> = {}): { log: WatchLog; frames: RecordedFrame[] } {
  const log = watchLog();
  const sink = recorder();
  const defaults = { interface: veth.near, interfaceIndex: 0, engine, filter: null, bufferSizeKib: null };
  watchers.push(watchInterface({ ...defaults, ...options }, sink, log));
  return { log, frames: sink.frames };
}

async function seen(frames: readonly RecordedFrame[], bytes: Uint8Array): Promise<void> {
  await expect.poll(() => frames.map((recorded) => recorded.bytes), { timeout: 3000 }).toContain(hex(bytes));
}

/** The capturing processes of this test; `ps` itself and what has ended are not among them. */
function childPids(): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,stat=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  return lines.filter((line) => !/ Z| ps$|esbuild/.test(line) && line !== '').map((line) => Number.parseInt(line, 10));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
