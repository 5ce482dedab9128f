import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { frame } from '../support/build.ts';
import { router } from '../support/simulate/settings.ts';
import { expectCalm } from './alarms.ts';
import { run as command, spawnIn, until } from './command.ts';
import { NODE_INTERFACE } from './keepalived-config.ts';
import { type LiveRun, PROGRAM, runToEnd } from './live-run.ts';
import { BRIDGE, ENGINES, type LabSegment, labMissing, observerHears, plugObserver, withSegment } from './segment.ts';
import { sendIn } from './veth.ts';

const A = router('A', { priority: 150 });
const B = router('B');

describe.skipIf(labMissing() !== null).concurrent.each(ENGINES)('a watcher with engine %s', (engine) => {
  it('survives its link going down and up: nobody was silent, nobody took over', async () => {
    await withSegment([A, B], async (segment) => {
      const { observer, run } = await observed(segment, engine);
      await link(observer, 'down');
      expect((await run.next('capture-lost'))['detail']).toBe('eth0 is down');
      // Longer than it takes to call a master silent.
      await segment.advertsPass(6);
      await link(observer, 'up');
      await observerHears(observer, segment.namespace);
      await run.next('capture-resumed');
      await expectHearing(segment, run);
    });
  });

  it('survives its interface being deleted and made again', async () => {
    await withSegment([A, B], async (segment) => {
      const { observer, run } = await observed(segment, engine);
      await command('ip', '-n', observer, 'link', 'delete', NODE_INTERFACE);
      expect((await run.next('capture-lost'))['detail']).toBe('eth0 is gone');
      await segment.advertsPass(6);
      await plugObserver(observer, segment.namespace);
      await run.next('capture-resumed');
      await expectHearing(segment, run);
    });
  });

  it('tells of a takeover that it slept through by the new master alone', async () => {
    await withSegment([A, B], async (segment) => {
      const { observer, run } = await observed(segment, engine);
      await link(observer, 'down');
      await run.next('capture-lost');
      await segment.node('A').stop();
      await segment.node('B').says('Entering MASTER STATE');
      await link(observer, 'up');
      await run.next('capture-resumed');
      expect(await run.next('advertiser-seen')).toMatchObject({ source: B.address });
      expect(run.all('silent')).toEqual([]);
      expect(run.all('split-brain-confirmed')).toEqual([]);
      expect((await run.end()).status).toBe(0);
    });
  });

  it('is lost at once when its link is down at the end, which leaves the verdict unknown', async () => {
    await withSegment([A, B], async (segment) => {
      const { observer, run } = await observed(segment, engine);
      await link(observer, 'down');
      await run.next('capture-lost');
      const { status, stderr } = await run.end();
      expect(status).toBe(3);
      expect(stderr).toContain('eth0 is down');
    });
  });

  it('counts an advertisement once that `any` shows on every port of a bridge', async () => {
    await withSegment([A, B], async (segment) => {
      const run = segment.watchIn(segment.namespace, engine, '-i', 'any');
      await run.next('capture-started');
      await Promise.all(segment.nodes.map((node) => node.start()));
      await run.next('router-seen');
      await segment.advertsPass(5);
      expectCalm(run);
      const { status, stderr } = await run.end();
      expect(status).toBe(0);
      expect(run.all('router-seen')).toHaveLength(1);
      expect(stderr).toMatch(/master 10\.9\.0\.1/);
    });
  });

  it('tells which of two interfaces a virtual router was heard on', async () => {
    await withSegment([A, B], async (segment) => {
      const observer = await segment.observer();
      await command('ip', '-n', observer, 'link', 'add', 'idle0', 'type', 'veth', 'peer', 'name', 'idle1');
      for (const idle of ['idle0', 'idle1']) await command('ip', '-n', observer, 'link', 'set', idle, 'up');
      const run = segment.watchIn(observer, engine, '-i', 'idle0', '-i', NODE_INTERFACE);
      const started = [await run.next('capture-started'), await run.next('capture-started')];
      expect(started.map((each) => each['interface']).sort()).toEqual([NODE_INTERFACE, 'idle0']);
      await segment.node('A').start();
      expect(await run.next('router-seen')).toMatchObject({ interface: NODE_INTERFACE, vrid: 51 });
      const { status, stderr } = await run.end();
      expect(status).toBe(0);
      expect(stderr).toMatch(/idle0: live/);
    });
  });

  it('keeps virtual routers of one VRID in two VLANs apart', async () => {
    await withSegment([A, B], async (segment) => {
      const run = segment.watchIn(segment.namespace, engine, '-i', BRIDGE);
      await run.next('capture-started');
      const tagged = [
        frame({ from: '10.9.0.1', priority: 150, vlans: [100] }),
        frame({ from: '10.9.0.2', priority: 100, vlans: [200] }),
      ];
      for (let i = 0; i < 3; i++) sendIn(segment.node('A').namespace, NODE_INTERFACE, ...tagged);
      const seen = [await run.next('router-seen'), await run.next('router-seen')];
      expect(seen.map((each) => each['vlan'])).toEqual([100, 200]);
      expectCalm(run);
    });
  });
});

describe.skipIf(labMissing() !== null).concurrent('the state of a link', () => {
  it('is known where /proc has processes alone, as under the systemd unit', async () => {
    await withSegment([A], async (segment) => {
      const observer = await segment.observer();
      const proc = '-t proc -o subset=pid proc /proc';
      expect(await interfacesBeside(proc, observer)).toMatch(/^\d\.eth0 \[up\]/m);
      await link(observer, 'down');
      expect(await interfacesBeside(proc, observer)).toMatch(/^\d\.eth0 \[down\]/m);
    });
  });

  it('is unknown without /proc', async () => {
    await withSegment([A], async (segment) => {
      const observer = await segment.observer();
      expect(await interfacesBeside('-t tmpfs none /proc', observer)).toMatch(/^\d\.eth0 \[unknown\]/m);
    });
  });
});

describe.skipIf(labMissing() !== null).concurrent.each(ENGINES)('a capture that cannot start, engine %s', (engine) => {
  it.each([
    ['an interface that does not exist', ['-i', 'nosuch0'], 'root', /no interface nosuch0; there is .*br0/],
    ['one of two interfaces that does not exist', ['-i', BRIDGE, '-i', 'nosuch0'], 'root', /no interface nosuch0/],
    ['a filter that is none', ['-i', BRIDGE, '-f', 'foo bar'], 'root', /bad filter "foo bar"/],
    ['no permission', ['-i', BRIDGE], 'nobody', /CAP_NET_RAW is needed; use sudo, or AmbientCapabilities/],
  ] as const)('is told in one line, with status 3: %s', async (_, parameters, user, message) => {
    await withSegment([A], async (segment) => {
      const ended = await runToEnd(segment.namespace, [...parameters, '--engine', engine], user);
      expect(ended.status).toBe(3);
      expect(ended.stdout).not.toMatch(/\bOK\b/);
      expect(ended.stderr).toMatch(/^vrrpwatch: [^\n]+\n$/);
      expect(ended.stderr).toMatch(message);
      expect(ended.stderr).not.toContain('setcap');
    });
  });
});

describe.skipIf(labMissing() !== null).concurrent('signals and pipes', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s prints the closing summary and leaves by the verdict',
    async (signal) => {
      await withSegment([A, B], async (segment) => {
        const run = segment.watchIn(segment.namespace, 'tcpdump', '-i', BRIDGE);
        await run.next('capture-started');
        await segment.node('A').start();
        await run.next('advertiser-seen');
        const { status, stderr } = await run.end(signal);
        expect(status).toBe(0);
        expect(stderr).toMatch(/^OK {2}vrid 51 on br0 master 10\.9\.0\.1/);
        expect(stderr).toContain('Not shown:');
      });
    },
  );

  it('the summary of a node that heard only itself says so', async () => {
    await withSegment([A], async (segment) => {
      const { namespace } = segment.node('A');
      const run = segment.watchIn(namespace, 'tcpdump', '-i', NODE_INTERFACE);
      await run.next('capture-started');
      await segment.node('A').start();
      await run.next('advertiser-seen');
      expect((await run.end()).stderr).toContain('heard only this host itself');
    });
  });

  it('SIGUSR1 prints the summary so far and goes on', async () => {
    await withSegment([A, B], async (segment) => {
      const run = segment.watchIn(segment.namespace, 'tcpdump', '-i', BRIDGE);
      await run.next('capture-started');
      run.signal('SIGUSR1');
      await run.said(/no VRRP heard/);
      await segment.node('A').start();
      await run.next('router-seen');
      expect((await run.end()).status).toBe(0);
    });
  });

  it.each([['--json'], ['--format', 'text'], ['--format', 'tcpdump']])(
    'a reader that has seen enough ends it quietly: %s %s',
    async (...format) => {
      await withSegment([A, B], async (segment) => {
        await segment.node('A').start();
        const before = await processes(segment);
        const { stdout, stderr } = await headOne(segment, format);
        expect(stdout.trimEnd().split('\n')).toEqual([expect.stringMatching(/capture|VRRPv2/), 'status 0']);
        expect(stderr).toBe('');
        await until('its processes have ended', async () => (await processes(segment)) === before);
      });
    },
  );
});

/** A watcher on an interface of its own, with A master and B backup. */
async function observed(segment: LabSegment, engine: LiveRun['engine']): Promise<{ observer: string; run: LiveRun }> {
  const observer = await segment.observer();
  const run = segment.watchIn(observer, engine, '-i', NODE_INTERFACE);
  expect((await run.next('capture-started'))['detail']).toBe(`by ${engine}, link type ETHERNET`);
  await segment.node('A').start();
  await run.next('advertiser-seen');
  await segment.node('B').start();
  await segment.node('B').says('Entering BACKUP STATE');
  return { observer, run };
}

/** Expects that what was said of the virtual router stands, and that it is heard again. */
async function expectHearing(segment: LabSegment, run: LiveRun): Promise<void> {
  for (const event of ['silent', 'takeover', 'contested', 'split-brain-confirmed']) expect(run.all(event)).toEqual([]);
  expect(run.all('router-seen')).toHaveLength(1);
  await segment.node('A').stop();
  expect(await run.next('takeover')).toMatchObject({ from: A.address, to: B.address, kind: 'resigned' });
  expect((await run.end()).status).toBe(0);
}

/** The program's list of interfaces where something else is mounted. */
function interfacesBeside(mount: string, namespace: string): Promise<string> {
  const listing = [`mount ${mount} && exec "$@"`, 'sh', process.execPath, PROGRAM, '--list-interfaces'];
  return command('ip', 'netns', 'exec', namespace, 'unshare', '--mount', 'sh', '-c', ...listing);
}

/** The program's first line, and its exit status once it notices that nobody reads. */
async function headOne(segment: LabSegment, format: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const watching = [process.execPath, `'${PROGRAM}'`, '--engine', 'tcpdump', '-i', BRIDGE, ...format].join(' ');
  const script = `${watching} | head -1; echo status \${PIPESTATUS[0]}`;
  const shell = spawnIn(segment.namespace, 'timeout', '30', 'bash', '-c', script);
  let [stdout, stderr] = ['', ''];
  shell.stdout?.on('data', (text) => {
    stdout += text;
  });
  shell.stderr?.on('data', (text) => {
    stderr += text;
  });
  await once(shell, 'close');
  return { stdout, stderr };
}

/** Process ids in the namespace of the switch. */
function processes(segment: LabSegment): Promise<string> {
  return command('ip', 'netns', 'pids', segment.namespace);
}

function link(namespace: string, state: 'up' | 'down'): Promise<string> {
  return command('ip', '-n', namespace, 'link', 'set', NODE_INTERFACE, state);
}
