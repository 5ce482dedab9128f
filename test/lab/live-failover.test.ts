import { describe, expect, it } from 'vitest';
import { router } from '../support/simulate/settings.ts';
import { expectCalm } from './alarms.ts';
import { type LiveRun, microseconds } from './live-run.ts';
import { type LabSegment, labMissing, withSegment } from './segment.ts';
import { checkScript, WebServer, whoServes } from './web.ts';

const SECOND = 1_000_000;
/** Between the kernel's times and those of an engine on a busy machine, in seconds. */
const TOLERANCE_S = 0.3;
/** Priority 80: 3 s and 176/256 s. */
const DOWN_S = 3.6875;

const TUTORIAL = { vrid: 99, addresses: ['192.168.0.99'], auth: 'simple', password: '1111' } as const;
const A = router('A', { ...TUTORIAL, address: '192.168.0.111', priority: 100 });
const B = router('B', { ...TUTORIAL, address: '192.168.0.117', priority: 80 });
const VIP = '192.168.0.99';

describe.skipIf(labMissing() !== null).concurrent('the pair of the tutorial', () => {
  it('is calm while it is healthy, and its end is a status of 0', async () => {
    await withSegment([A, B], async (segment) => {
      const runs = await started(segment);
      await segment.advertsPass(5);
      for (const run of runs) {
        expectCalm(run);
        expect(run.all('router-seen'), run.engine).toMatchObject([{ vrid: 99, family: 4, addresses: [VIP] }]);
        expect(run.all('advertiser-seen'), run.engine).toMatchObject([
          { source: A.address, mac: A.mac, priority: 100 },
        ]);
        const { status, stderr } = await run.end();
        expect(status, run.engine).toBe(0);
        expect(stderr, run.engine).toContain(`master ${A.address}`);
      }
      expect(segment.masterIntervals().map(({ node }) => node)).toEqual(['A']);
    });
  });

  it('hands over when the master is stopped, and back by preemption', async () => {
    await withSegment([A, B], async (segment) => {
      const runs = await started(segment);
      await segment.node('A').stop('SIGTERM');
      const away = await Promise.all(runs.map((run) => run.next('takeover')));
      await segment.node('A').start();
      const back = await Promise.all(runs.map((run) => run.next('takeover')));

      const heard = await segment.adverts();
      const resignation = heard.findIndex(({ priority }) => priority === 0);
      const gapUs = timeOf(heard, resignation + 1) - timeOf(heard, resignation);
      for (const [i, run] of runs.entries()) {
        const { at, gap, ...takeover } = given(away[i]);
        expect(takeover, run.engine).toMatchObject({ from: A.address, to: B.address, kind: 'resigned', priority: 80 });
        expect(Math.abs(gap - gapUs / SECOND), run.engine).toBeLessThan(TOLERANCE_S);
        expect(segment.holders(VIP, microseconds(at) + SECOND), run.engine).toEqual(['B']);
        expect(given(back[i]), run.engine).toMatchObject({
          from: B.address,
          to: A.address,
          kind: 'preempted',
          expectedGap: null,
        });
        expectCalm(run);
        expect((await run.end()).status, run.engine).toBe(0);
      }
    });
  });

  it('is without a master for a master down interval when the master is killed', async () => {
    await withSegment([A, B], async (segment) => {
      const runs = await started(segment);
      await segment.node('A').stop('SIGKILL');
      const takeovers = await Promise.all(runs.map((run) => run.next('takeover')));

      const heard = await segment.adverts();
      const first = heard.findIndex(({ source }) => source === B.address);
      const gapUs = timeOf(heard, first) - timeOf(heard, first - 1);
      for (const [i, run] of runs.entries()) {
        const { at, gap, expectedGap, ...takeover } = given(takeovers[i]);
        expect(takeover, run.engine).toMatchObject({ from: A.address, to: B.address, kind: 'timed-out' });
        expect(Math.abs(gap - gapUs / SECOND), run.engine).toBeLessThan(TOLERANCE_S);
        expect(expectedGap, run.engine).toBeCloseTo(DOWN_S, 3);
        // keepalived takes nothing away when it is killed: what adverts alone do not show.
        expect(segment.holders(VIP, microseconds(at) + SECOND).sort(), run.engine).toEqual(['A', 'B']);
        expect(run.all('split-brain-confirmed'), run.engine).toEqual([]);
      }
    });
  });

  it('is silent when both are stopped, and says who was master last', async () => {
    await withSegment([A, B], async (segment) => {
      const runs = await started(segment);
      await segment.node('B').stop();
      await segment.node('A').stop();
      const silences = await Promise.all(runs.map((run) => run.next('silent')));
      for (const [i, run] of runs.entries()) {
        expect(given(silences[i]), run.engine).toMatchObject({ vrid: 99, lastMaster: A.address });
        expect((await run.end()).status, run.engine).toBe(1);
      }
    });
  });
});

describe.skipIf(labMissing('nginx') !== null).concurrent('nginx behind the address', () => {
  it('stopped with a weight: the priority falls and the address moves, without an alarm', async () => {
    await withSegment([A, B], async (segment) => {
      const [a, b] = [segment.node('A'), segment.node('B')];
      const [web] = await Promise.all([WebServer.on(a), WebServer.on(b)]);
      a.script = { path: await checkScript(a), weight: -30 };
      const runs = await started(segment);
      expect(await whoServes(b, VIP)).toBe('A');

      await web.stop();
      const falls = await Promise.all(runs.map((run) => run.next('priority-changed')));
      const away = await Promise.all(runs.map((run) => run.next('takeover')));
      expect(await whoServes(a, VIP)).toBe('B');

      web.start();
      const back = await Promise.all(runs.map((run) => run.next('takeover')));
      for (const [i, run] of runs.entries()) {
        expect(given(falls[i]), run.engine).toMatchObject({ source: A.address, from: 100, to: 70 });
        expect(given(away[i]), run.engine).toMatchObject({ from: A.address, to: B.address, kind: 'preempted' });
        expect(given(back[i]), run.engine).toMatchObject({ from: B.address, to: A.address, kind: 'preempted' });
        expectCalm(run);
        expect((await run.end()).status, run.engine).toBe(0);
      }
      expectOneHolder(segment);
    });
  });

  it('stopped where the script ends keepalived: the master resigns, without an alarm', async () => {
    await withSegment([A, B], async (segment) => {
      const [a, b] = [segment.node('A'), segment.node('B')];
      const [web] = await Promise.all([WebServer.on(a), WebServer.on(b)]);
      // The tutorial says `killall keepalived`, which would reach into the other namespaces.
      a.script = { path: await checkScript(a, `kill $(cat ${a.pidFile})`), weight: 0 };
      const runs = await started(segment);
      expect(await whoServes(b, VIP)).toBe('A');

      await web.stop();
      const takeovers = await Promise.all(runs.map((run) => run.next('takeover')));
      expect(await whoServes(b, VIP)).toBe('B');
      for (const [i, run] of runs.entries()) {
        expect(given(takeovers[i]), run.engine).toMatchObject({ from: A.address, to: B.address, kind: 'resigned' });
        expectCalm(run);
        expect((await run.end()).status, run.engine).toBe(0);
      }
      expectOneHolder(segment);
    });
  });
});

/** Watchers and both nodes; A is master, and has been heard. */
async function started(segment: LabSegment): Promise<LiveRun[]> {
  const runs = await segment.watch();
  await segment.node('A').start();
  await Promise.all(runs.map((run) => run.next('advertiser-seen')));
  await segment.node('B').start();
  await segment.node('B').says('Entering BACKUP STATE');
  return runs;
}

/** Expects that the nodes' kernels never had the address twice for longer than a handover takes. */
function expectOneHolder(segment: LabSegment): void {
  const held = segment.masterIntervals();
  for (const [i, a] of held.entries()) {
    for (const b of held.slice(i + 1)) {
      if (a.node === b.node) continue;
      const bothUs = Math.min(a.toUs ?? Number.MAX_VALUE, b.toUs ?? Number.MAX_VALUE) - Math.max(a.fromUs, b.fromUs);
      expect(bothUs).toBeLessThan(SECOND / 2);
    }
  }
}

function timeOf(heard: readonly { timeUs: number }[], index: number): number {
  return given(heard[index]).timeUs;
}

function given<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it is missing');
  return value;
}
