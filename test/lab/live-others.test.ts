import { describe, expect, it } from 'vitest';
import { router } from '../support/simulate/settings.ts';
import { expectCalm } from './alarms.ts';
import { FrrRouter } from './frr.ts';
import { microseconds } from './live-run.ts';
import { labMissing, withSegment } from './segment.ts';

const SECOND = 1_000_000;

const A = router('A', { version: 3, priority: 150 });
const B = router('B', { version: 3 });
const VIP = '10.9.0.100';

describe.skipIf(labMissing('/usr/lib/frr/vrrpd', 'vtysh') !== null).concurrent("FRR's vrrpd", () => {
  it('alone, version 3: elects, takes over, splits when the backup is deaf, and heals', async () => {
    await withSegment([A, B], async (segment) => {
      const [a, b] = [segment.node('A'), segment.node('B')];
      const runs = await segment.watch();
      const first = await FrrRouter.on(a);
      await Promise.all(runs.map((run) => run.next('advertiser-seen')));
      const second = await FrrRouter.on(b);
      await second.becomes('Backup');
      for (const run of runs) expectCalm(run);

      await b.drop('in');
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
      expect([await first.state(), await second.state()]).toEqual(['Master', 'Master']);
      await b.restore('in');
      const ends = await Promise.all(runs.map((run) => run.next('split-brain-ended')));
      expect([await first.state(), await second.state()]).toEqual(['Master', 'Backup']);

      const begin = (await segment.adverts()).find(({ source }) => source === B.address)?.timeUs ?? 0;
      for (const [i, run] of runs.entries()) {
        const split = splits[i];
        expect(microseconds(split?.at ?? '') - begin, run.engine).toBeLessThan(2 * SECOND);
        expect(split, run.engine).toMatchObject({ winner: A.address, deaf: [B.address], cause: { code: 'filtered' } });
        expect(ends[i], run.engine).toMatchObject({ winner: A.address });
      }
    });
  });

  it('beside keepalived, both version 3: one election, without an alarm', async () => {
    await withSegment([A, B], async (segment) => {
      const [a, b] = [segment.node('A'), segment.node('B')];
      const runs = await segment.watch();
      await a.start();
      await Promise.all(runs.map((run) => run.next('advertiser-seen')));
      const frr = await FrrRouter.on(b);
      await frr.becomes('Backup');
      await a.stop();
      const away = await Promise.all(runs.map((run) => run.next('takeover')));
      await frr.becomes('Master');
      await a.start();
      const back = await Promise.all(runs.map((run) => run.next('takeover')));
      await frr.becomes('Backup');
      for (const [i, run] of runs.entries()) {
        expect(away[i], run.engine).toMatchObject({ from: A.address, to: B.address, kind: 'resigned' });
        expect(back[i], run.engine).toMatchObject({ from: B.address, to: A.address, kind: 'preempted' });
        expectCalm(run);
      }
    });
  });

  it('beside keepalived with a password, both version 2: told by the first advertisement that keepalived shows', async () => {
    const keepalived = router('A', { auth: 'simple', password: '1111' });
    const other = router('B');
    await withSegment([keepalived, other], async (segment) => {
      const [a, b] = [segment.node('A'), segment.node('B')];
      const runs = await segment.watch();
      const frr = await FrrRouter.on(b);
      await Promise.all(runs.map((run) => run.next('advertiser-seen')));
      await a.start();
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
      await segment.advertsPass(7);

      const adverts = await segment.adverts();
      const shown = adverts.filter(({ source }) => source === keepalived.address);
      // Often the only one: FRR's advertisements wind keepalived's timer up, though it rejects them.
      const firstUs = shown[0]?.timeUs ?? 0;
      const nowUs = adverts.at(-1)?.timeUs ?? 0;
      expect(await frr.state()).toBe('Master');
      expect(segment.holders(VIP, nowUs)).toContain('A');
      for (const [i, run] of runs.entries()) {
        const split = splits[i];
        expect(microseconds(split?.at ?? '') - firstUs, run.engine).toBeLessThan(SECOND / 2);
        expect(split, run.engine).toMatchObject({ cause: { code: 'auth-mismatch' }, endAt: null });
        expect(run.all('split-brain-ended'), run.engine).toEqual([]);
        expect((await run.end()).status, run.engine).toBe(2);
      }
    });
  });
});

describe.skipIf(labMissing('ucarp') !== null)('ucarp', () => {
  it('speaks CARP, which is no virtual router', async () => {
    await withSegment([A, B], async (segment) => {
      const runs = await segment.watch();
      for (const { node, address } of [A, B]) {
        const who = ['-i', 'eth0', '-s', address, '-v', '7', '-p', 'secret', '-a', VIP];
        segment.node(node).spawn('ucarp', ...who, '-u', '/bin/true', '-d', '/bin/true');
      }
      const findings = await Promise.all(runs.map((run) => run.next('finding')));
      for (const [i, run] of runs.entries()) {
        expect(findings[i], run.engine).toMatchObject({ code: 'not-vrrp', severity: 'info', vrid: null });
        expect(run.all('router-seen'), run.engine).toEqual([]);
        expectCalm(run);
        expect((await run.end()).status, run.engine).toBe(3);
      }
    });
  });
});
