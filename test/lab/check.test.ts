import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type RouterSettings, router } from '../support/simulate/settings.ts';
import { run, until } from './command.ts';
import { NODE_INTERFACE } from './keepalived-config.ts';
import { type Ended, runToEnd } from './live-run.ts';
import { BRIDGE, ENGINES, type LabSegment, labMissing, withSegment } from './segment.ts';

const A = router('A', { priority: 150, auth: 'simple', password: 'secret99' });
const B = router('B', { auth: 'simple', password: 'secret99' });
const PAIR = [A, B];

describe.skipIf(labMissing() !== null).concurrent.each(ENGINES)('--check with engine %s', (engine) => {
  const check = (segment: LabSegment, ...parameters: string[]): Promise<Ended> =>
    runToEnd(segment.namespace, ['-i', BRIDGE, '--engine', engine, '--check', ...parameters]);

  it('is OK after a master down interval and a bit, with performance data', async () => {
    await withHealthy(PAIR, async (segment) => {
      const { status, stdout, stderr } = await check(segment);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^VRRP OK - vrid 51 on br0 master 10\.9\.0\.1 \| [^|\n]+\n$/);
      const { vrid51_masters: masters, vrid51_adverts: adverts, window } = perfdata(stdout);
      expect(masters).toBe('1;1:1;1:1;0');
      expect(Number.parseInt(adverts ?? '', 10)).toBeGreaterThanOrEqual(4);
      expect(Number.parseFloat(window ?? '')).toBeGreaterThan(4);
      expect(Number.parseFloat(window ?? '')).toBeLessThan(10);
    });
  });

  it('is CRITICAL and leaves early on a split brain', async () => {
    await withHealthy(PAIR, async (segment) => {
      await segment.node('B').drop('in');
      await segment.node('B').says('Entering MASTER STATE');
      const { status, stdout } = await check(segment, '--for', '50s', '-v');
      expect(status).toBe(2);
      const [first = '', ...details] = stdout.trimEnd().split('\n');
      expect(first).toMatch(
        /^VRRP CRITICAL - vrid 51 on br0 split brain: 10\.9\.0\.1\(p150\) 10\.9\.0\.2\(p100, deaf\) \| /,
      );
      const { vrid51_masters: masters, window } = perfdata(stdout);
      expect(masters).toBe('2;1:1;1:1;0');
      expect(Number.parseFloat(window ?? '')).toBeLessThan(15);
      expect(details.join('\n')).toMatch(/cause: filtered \(/);
      expect(details.join('\n')).not.toContain('|');
      expect(stdout).not.toContain('secret99');
    });
  });

  it('is UNKNOWN when nothing is heard', async () => {
    await withSegment(PAIR, async (segment) => {
      expect(await check(segment, '--for', '1s')).toMatchObject({
        status: 3,
        stdout: expect.stringMatching(/^VRRP UNKNOWN - no VRRP heard in br0 \| window=1(\.\d+)?s\n$/),
        stderr: '',
      });
    });
  });

  it('is UNKNOWN, not OK, when it listened for less than a master down interval', async () => {
    await withHealthy(PAIR, async (segment) => {
      const { status, stdout } = await check(segment, '--for', '2s');
      expect(status).toBe(3);
      expect(stdout).toMatch(/^VRRP UNKNOWN - .*vrid 51 on br0 master 10\.9\.0\.1.*listened for 2\.\d+ s only/);
    });
  });

  it('is UNKNOWN when the capture is lost meanwhile', async () => {
    await withHealthy(PAIR, async (segment) => {
      const observer = await segment.observer();
      const ended = runToEnd(observer, ['-i', NODE_INTERFACE, '--engine', engine, '--check', '--for', '6s']);
      await segment.advertsPass(4);
      await run('ip', '-n', observer, 'link', 'set', NODE_INTERFACE, 'down');
      const { status, stdout } = await ended;
      expect(status).toBe(3);
      expect(stdout).toMatch(/^VRRP UNKNOWN - .*eth0 is down/);
    });
  });

  it('is UNKNOWN, and blames nobody else, when an interface that is down is deleted', async () => {
    await withSegment(PAIR, async (segment) => {
      const observer = await segment.observer();
      const idle = ['link', 'add', 'idle0', 'type', 'veth', 'peer', 'name', 'idle1'];
      await run('ip', '-n', observer, ...idle);
      const ended = runToEnd(observer, ['-i', 'idle0', '--engine', engine, '--check', '--for', '4s']);
      await sleep(1500);
      await run('ip', '-n', observer, 'link', 'delete', 'idle0');
      const { status, stdout } = await ended;
      expect(status).toBe(3);
      expect(stdout).toMatch(/^VRRP UNKNOWN - idle0 cannot be captured at the moment: idle0 is (down|gone), /);
    });
  });

  it('begins to count anew after a gap: what was heard before it proves nothing', async () => {
    await withHealthy(PAIR, async (segment) => {
      const observer = await segment.observer();
      const ended = runToEnd(observer, ['-i', NODE_INTERFACE, '--engine', engine, '--check', '--for', '6s']);
      await segment.advertsPass(4);
      await run('ip', '-n', observer, 'link', 'set', NODE_INTERFACE, 'down');
      // Shorter than this it may pass for a link that was up all the time.
      await sleep(500);
      await run('ip', '-n', observer, 'link', 'set', NODE_INTERFACE, 'up');
      const { status, stdout } = await ended;
      expect(status).toBe(3);
      expect(stdout).toMatch(/^VRRP UNKNOWN - .*(listened for [\d.]+ m?s only|eth0 )/);
    });
  });

  it.each([
    ['an interface that does not exist', ['-i', 'nosuch0'], 'root', /no interface nosuch0; there is .*br0/],
    ['a filter that is none', ['-i', BRIDGE, '-f', 'foo | bar'], 'root', /bad filter/],
    ['no permission', ['-i', BRIDGE], 'nobody', /CAP_NET_RAW/],
  ] as const)('is UNKNOWN in one line, without a wait: %s', async (_, parameters, user, message) => {
    await withSegment(PAIR, async (segment) => {
      const words = [...parameters, '--engine', engine, '--check'];
      const { status, stdout, stderr } = await runToEnd(segment.namespace, words, user);
      expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
      expect(stdout).toMatch(/^VRRP UNKNOWN - [^|\n]*\n$/);
      expect(stdout).toMatch(message);
    });
  });
});

describe.skipIf(labMissing() !== null).concurrent('--check', () => {
  const check = (segment: LabSegment, ...parameters: string[]): Promise<Ended> =>
    runToEnd(segment.namespace, ['-i', BRIDGE, '--check', ...parameters]);

  it('on a node that hears only itself says that another may be out of hearing', async () => {
    await withHealthy([A], async (segment) => {
      const { status, stdout } = await runToEnd(segment.node('A').namespace, ['-i', NODE_INTERFACE, '--check']);
      expect(status).toBe(0);
      expect(stdout).toMatch(
        /^VRRP OK - .*master 10\.9\.0\.1; heard only this host itself; another master may be out of hearing \|/,
      );
    });
  });

  it('on the backup says no such thing', async () => {
    await withHealthy(PAIR, async (segment) => {
      const { status, stdout } = await runToEnd(segment.node('B').namespace, ['-i', NODE_INTERFACE, '--check']);
      expect(status).toBe(0);
      expect(stdout).not.toContain('out of hearing');
    });
  });

  it('-q is silent while all is well, whoever is expected', async () => {
    await withHealthy(PAIR, async (segment) => {
      const ended = await check(segment, '-q', '--expect', '51=10.9.0.1,10.9.0.2');
      expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
    });
  });

  it('-q speaks when it is not', async () => {
    await withSegment(PAIR, async (segment) => {
      expect((await check(segment, '-q', '--for', '500ms')).stdout).toMatch(/^VRRP UNKNOWN/);
    });
  });

  it('a source that is not expected is CRITICAL and named', async () => {
    await withHealthy(PAIR, async (segment) => {
      const { status, stdout } = await check(segment, '--expect', '51=10.9.0.2');
      expect(status).toBe(2);
      expect(stdout).toMatch(/^VRRP CRITICAL - .*10\.9\.0\.1/);
    });
  });

  it('a virtual router that is expected and silent is CRITICAL', async () => {
    await withHealthy(PAIR, async (segment) => {
      const { status, stdout } = await check(segment, '--expect', '52', '--for', '5s');
      expect(status).toBe(2);
      expect(stdout).toMatch(/^VRRP CRITICAL - vrid 52 is expected and was not heard/);
      expect(perfdata(stdout)['vrid52_masters']).toMatch(/^0;/);
    });
  });

  it('ended by a signal before it can be certain is UNKNOWN', async () => {
    await withHealthy(PAIR, async (segment) => {
      const ended = check(segment, '--for', '40s', '--engine', 'cap');
      const processes = async (): Promise<string[]> =>
        (await run('ip', 'netns', 'pids', segment.namespace)).split('\n');
      await until('it captures', async () => (await processes()).some((pid) => /cap-process/.test(readCommand(pid))));
      // `timeout` runs it, and passes the signal on.
      const watching = (await processes()).filter((pid) => /\0--for\0/.test(readCommand(pid)));
      process.kill(Number(watching[0]), 'SIGTERM');
      const { status, stdout } = await ended;
      expect(status).toBe(3);
      expect(stdout).toMatch(/^VRRP UNKNOWN - /);
    });
  });

  it('--json is one document', async () => {
    await withHealthy(PAIR, async (segment) => {
      const { status, stdout, stderr } = await check(segment, '--json');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        schema: 'vrrpwatch/1',
        verdict: 'ok',
        captures: [{ name: BRIDGE, format: 'live', linkType: 'ETHERNET' }],
        virtualRouters: [{ vrid: 51, master: '10.9.0.1' }],
      });
    });
  });

  it('--json with a capture that cannot start is a document that says so', async () => {
    await withSegment(PAIR, async (segment) => {
      const { status, stdout, stderr } = await runToEnd(segment.namespace, ['-i', 'nosuch0', '--check', '--json']);
      expect(status).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({
        verdict: 'unknown',
        captures: [{ name: 'nosuch0', truncated: true }],
      });
      expect(stderr).toMatch(/^vrrpwatch: no interface nosuch0; there is [^\n]*\n$/);
    });
  });

  it('waits longer than ten seconds for a virtual router of three-second advertisements', async () => {
    await withHealthy([{ ...A, intervalUs: 3_000_000 }], async (segment) => {
      const { status, stdout } = await check(segment);
      expect(status).toBe(0);
      expect(Number.parseFloat(perfdata(stdout)['window'] ?? '')).toBeGreaterThan(10);
    });
  });
});

/** A segment whose first node is master, and the others backups. */
async function withHealthy(
  routers: readonly RouterSettings[],
  body: (segment: LabSegment) => Promise<void>,
): Promise<void> {
  await withSegment(routers, async (segment) => {
    const [master, ...backups] = segment.nodes;
    await master?.start();
    await master?.says('Entering MASTER STATE');
    for (const backup of backups) {
      await backup.start();
      await backup.says('Entering BACKUP STATE');
    }
    await body(segment);
  });
}

/** Arguments of a process, each ended by a NUL; nothing of one that has gone. */
function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Values by label, as a monitoring system cuts them. */
function perfdata(stdout: string): Record<string, string> {
  const [, measured = ''] = (stdout.split('\n')[0] ?? '').split(' | ');
  return Object.fromEntries(measured.split(' ').map((each) => each.split('=')));
}
