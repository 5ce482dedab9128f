import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { frame } from '../support/build.ts';
import { router } from '../support/simulate/settings.ts';
import { end, spawnIn } from './command.ts';
import { NODE_INTERFACE } from './keepalived-config.ts';
import type { LiveEvent } from './live-run.ts';
import { labMissing, withSegment } from './segment.ts';

const A = router('A', { priority: 150 });
const B = router('B');

const PER_SECOND = 100_000;
const FLOOD_S = 12;

const FLOODER = fileURLToPath(new URL('flooder.py', import.meta.url));

const FLOODS = [
  { name: 'sources', frame: { from: '10.66.66.66', priority: 90, addresses: A.addresses }, random: [26] },
  {
    name: 'clusters of unicast peers',
    frame: { from: '10.66.66.66', to: '10.77.77.77', priority: 90, addresses: ['10.88.0.1'] },
    random: [26, 30, 42],
  },
] as const;

describe.skipIf(labMissing() !== null).each(FLOODS)('100,000 forged adverts a second from ever new $name', (flood) => {
  it('do not hide the split brain of two real nodes, and take bounded memory', async () => {
    await withSegment([A, B], async (segment) => {
      const observer = await segment.observer();
      const run = segment.watchIn(observer, 'tcpdump', '-i', NODE_INTERFACE);
      await run.next('capture-started');
      await segment.node('A').start();
      await run.next('advertiser-seen');
      await segment.node('B').start();
      await segment.node('B').says('Entering BACKUP STATE');
      const forged = Buffer.from(frame({ vrid: A.vrid, ...flood.frame })).toString('hex');
      const words = [NODE_INTERFACE, forged, PER_SECOND, FLOOD_S, ...flood.random].map(String);
      // From A's own interface and past B: the nodes are left alone, the watcher gets everything.
      await segment.node('B').run('iptables', '-A', 'INPUT', '-p', '112', '!', '-s', A.address, '-j', 'DROP');
      const flooder = spawnIn(segment.node('A').namespace, 'python3', FLOODER, ...words);
      try {
        await run.next('finding', ({ code }) => code === 'tracking-limit');
        await segment.node('B').run('iptables', '-I', 'INPUT', '-p', '112', '-j', 'DROP');
        const isReal = ({ claimants }: LiveEvent) => [A, B].every(({ address }) => claimants.includes(address));
        await run.next('split-brain-confirmed', isReal);
      } finally {
        await end(flooder, 'SIGKILL');
      }
      expect(run.peakMemoryKib()).toBeLessThan(200_000);
      expect(run.all('finding').filter(({ code }) => code === 'tracking-limit')).toHaveLength(1);
      expect((await run.end()).status).toBe(2);
    });
  });
});
