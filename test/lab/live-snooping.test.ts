import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { router } from '../support/simulate/settings.ts';
import { run as command, spawnIn, until } from './command.ts';
import { NODE_INTERFACE } from './keepalived-config.ts';
import { runToEnd } from './live-run.ts';
import { BRIDGE, ENGINES, type LabSegment, labMissing, plugObserver, withSegment } from './segment.ts';

const OVER6 = { version: 3, addresses: ['fe80::99'] } as const;
const A = router('A', { ...OVER6, priority: 150, address: 'fe80::111' });
const B = router('B', { ...OVER6, address: 'fe80::117' });

describe.skipIf(labMissing() !== null).concurrent.each(ENGINES)(
  'behind a switch that snoops MLD, engine %s',
  (engine) => {
    it('a healthy pair is heard and nobody is called silent, whatever becomes of the interface', async () => {
      await withSnooping(async (segment) => {
        const observer = await segment.observer();
        const run = segment.watchIn(observer, engine, '-i', NODE_INTERFACE);
        expect(await run.next('router-seen')).toMatchObject({ family: 6, vrid: 51 });
        await command('ip', '-n', observer, 'link', 'delete', NODE_INTERFACE);
        await run.next('capture-lost');
        await plugObserver(observer, segment.namespace);
        await run.next('capture-resumed');
        // Longer than it takes to call a master silent.
        await segment.advertsPass(8);
        expect(run.all('silent')).toEqual([]);
        expect(run.all('split-brain-confirmed')).toEqual([]);
        expect((await run.end()).status).toBe(0);
        await until('its membership ends with it', async () => !(await memberships(observer)).includes('ff02::12'));
      });
    });

    it('--check is OK', async () => {
      await withSnooping(async (segment) => {
        const { status, stdout } = await runToEnd(await segment.observer(), [
          '-i',
          NODE_INTERFACE,
          '--engine',
          engine,
          '--check',
        ]);
        expect(stdout).toMatch(/^VRRP OK - vrid 51 IPv6 on eth0 master fe80::\S+ \|/);
        expect(status).toBe(0);
      });
    });
  },
);

/** A segment with a healthy pair over IPv6, on a bridge that has begun to forward to members alone. */
async function withSnooping(body: (segment: LabSegment) => Promise<void>): Promise<void> {
  await withSegment([A, B], async (segment) => {
    const { namespace, nodes } = segment;
    // In hundredths of a second: by default it queries, and prunes, after half a minute.
    const soon = ['mcast_startup_query_interval', '100', 'mcast_query_response_interval', '100'];
    const snoop = ['mcast_snooping', '1', 'mcast_querier', '1', ...soon];
    await command('ip', '-n', namespace, 'link', 'set', BRIDGE, 'type', 'bridge', ...snoop);
    await Promise.all(nodes.map((node) => node.start()));
    await segment.node('A').says('Entering MASTER STATE');
    const bystander = await segment.observer();
    await until('who is no member hears nothing', () => hearsNothing(bystander));
    await body(segment);
  });
}

async function hearsNothing(observer: string): Promise<boolean> {
  const listening = spawnIn(observer, 'timeout', '3', 'tcpdump', '-c', '1', '-i', NODE_INTERFACE, 'ip6 proto 112');
  const [status] = await once(listening, 'close');
  return status === 124;
}

function memberships(namespace: string): Promise<string> {
  return command('ip', '-n', namespace, 'maddress', 'show', 'dev', NODE_INTERFACE);
}
