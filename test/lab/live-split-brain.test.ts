import { describe, expect, it } from 'vitest';
import { type RouterSettings, router } from '../support/simulate/settings.ts';
import { expectCalm } from './alarms.ts';
import type { LabNode } from './lab-node.ts';
import { type LiveEvent, type LiveRun, microseconds } from './live-run.ts';
import { type LabAdvert, type LabSegment, labMissing, withSegment } from './segment.ts';

const SECOND = 1_000_000;
/** Between the kernel's times and those of an engine on a busy machine. */
const CLOCKS_US = 300_000;

/** The pair of the nginx and keepalived tutorials. */
const TUTORIAL = { vrid: 99, addresses: ['192.168.0.99'], auth: 'simple', password: '1111' } as const;
const A = router('A', { ...TUTORIAL, address: '192.168.0.111', priority: 100 });
const B = router('B', { ...TUTORIAL, address: '192.168.0.117', priority: 80 });
const VIP = '192.168.0.99';

/** Has the kernel ask who has the address. */
const DATAGRAM = 'import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(b"", (sys.argv[1], 9))';

interface Filter {
  readonly name: string;
  drop(node: LabNode): Promise<unknown>;
  restore(node: LabNode, split: LiveEvent): Promise<unknown>;
}

const FILTERS: Filter[] = [
  {
    name: 'an iptables rule that drops VRRP, healed by deleting it',
    drop: (node) => node.run('iptables', '-A', 'INPUT', '-p', '112', '-j', 'DROP'),
    restore: (node) => node.run('iptables', '-D', 'INPUT', '-p', '112', '-j', 'DROP'),
  },
  {
    name: 'an iptables policy that lets nothing in, healed by the command that the alarm names',
    drop: async (node) => {
      await node.run('iptables', '-A', 'INPUT', '-i', 'lo', '-j', 'ACCEPT');
      await node.run('iptables', '-P', 'INPUT', 'DROP');
    },
    restore: (node, split) => node.run('sh', '-c', remedy(split, 'iptables')),
  },
  {
    name: 'nftables, healed by deleting the table',
    drop: (node) => node.drop('in'),
    restore: (node) => node.restore('in'),
  },
];

describe.skipIf(labMissing() !== null).concurrent('a split brain of real keepalived', () => {
  it.each(FILTERS)('is told within 2 s, with deaf node, cause and end: $name', async ({ drop, restore }) => {
    await withSegment([A, B], async (segment) => {
      const runs = await started(segment);
      await drop(segment.node('B'));
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
      await restore(segment.node('B'), given(splits[0]));
      const ends = await Promise.all(runs.map((run) => run.next('split-brain-ended')));

      const begin = secondMaster(await segment.adverts(), B);
      for (const [i, run] of runs.entries()) {
        const split = given(splits[i]);
        expectSoon(split, begin, run);
        expect(split, run.engine).toMatchObject({
          vrid: 99,
          family: 4,
          winner: A.address,
          deaf: [B.address],
          evidence: ['adverts'],
          cause: { code: 'filtered', remedies: expect.arrayContaining([expect.objectContaining({ on: B.address })]) },
        });
        expect(segment.holders(VIP, microseconds(split.at)).sort(), run.engine).toEqual(['A', 'B']);

        const end = given(ends[i]);
        expect(end['deaf'], run.engine).toEqual([B.address]);
        const left = given(segment.masterIntervals().find(({ node }) => node === 'B')?.toUs);
        expect(Math.abs(microseconds(end['endAt']) - left), run.engine).toBeLessThan(1.5 * SECOND);
        expect((await run.end()).status, run.engine).toBe(2);
      }
    });
  });

  it('without adverts, of a killed master that left the address behind, is told by the first two answers', async () => {
    const client = router('C', { ...TUTORIAL, address: '192.168.0.120' });
    await withSegment([A, B, client], async (segment) => {
      const runs = await started(segment);
      await segment.node('A').kill();
      await Promise.all(runs.map((run) => run.next('takeover')));
      await segment.node('C').run('python3', '-c', DATAGRAM, VIP);
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
      for (const [i, run] of runs.entries()) {
        const split = given(splits[i]);
        expect(split, run.engine).toMatchObject({ winner: B.address, deaf: [A.address], evidence: ['arp'] });
        expect(segment.holders(VIP, microseconds(split.at)).sort(), run.engine).toEqual(['A', 'B']);
      }
    });
  });

  it('is told within 2 s in VRRPv3 every 0.1 s', async () => {
    const fast = { version: 3, intervalUs: 100_000, auth: 'none' } as const;
    await withSegment(
      [
        { ...A, ...fast },
        { ...B, ...fast },
      ],
      async (segment) => {
        const runs = await started(segment);
        await segment.node('B').drop('in');
        const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
        await segment.node('B').restore('in');
        await Promise.all(runs.map((run) => run.next('split-brain-ended')));

        const begin = secondMaster(await segment.adverts(), B);
        for (const [i, run] of runs.entries()) {
          const split = given(splits[i]);
          expectSoon(split, begin, run);
          expect(split, run.engine).toMatchObject({ deaf: [B.address], cause: { code: 'filtered' } });
        }
      },
    );
  });

  it('is told within 2 s over IPv6', async () => {
    const over6 = { version: 3, auth: 'none', addresses: ['fe80::99'] } as const;
    const a = { ...A, ...over6, address: 'fe80::111', source: 'fe80::111' };
    const b = { ...B, ...over6, address: 'fe80::117', source: 'fe80::117' };
    await withSegment([a, b], async (segment) => {
      const runs = await started(segment);
      await segment.node('B').drop('in');
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
      await segment.node('B').restore('in');
      await Promise.all(runs.map((run) => run.next('split-brain-ended')));

      // keepalived may as well take the link-local address that is made from the hardware address.
      const adverts = await segment.adverts();
      const source = given(adverts.find((advert) => advert.source !== adverts[0]?.source)).source;
      const begin = secondMaster(adverts, { source });
      for (const [i, run] of runs.entries()) {
        const split = given(splits[i]);
        expectSoon(split, begin, run);
        expect(split, run.engine).toMatchObject({ family: 6, deaf: [source], cause: { code: 'filtered' } });
        expect(segment.holders('fe80::99', microseconds(split.at)).sort(), run.engine).toEqual(['A', 'B']);
      }
    });
  });

  it('is told within 2 s of unicast peers', async () => {
    const a = { ...A, unicastPeers: [B.address] };
    const b = { ...B, unicastPeers: [A.address] };
    await withSegment([a, b], async (segment) => {
      const runs = await started(segment);
      await segment.node('B').drop('in');
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));
      await segment.node('B').restore('in');
      await Promise.all(runs.map((run) => run.next('split-brain-ended')));

      const begin = secondMaster(await segment.adverts(), B);
      for (const [i, run] of runs.entries()) {
        const split = given(splits[i]);
        expectSoon(split, begin, run);
        expect(split, run.engine).toMatchObject({ deaf: [B.address], cause: { code: 'filtered' } });
      }
    });
  });

  it('is told of different passwords by the first advertisement of the second master', async () => {
    await withSegment([A, { ...B, password: '2222' }], async (segment) => {
      const runs = await segment.watch();
      await Promise.all(segment.nodes.map((node) => node.start()));
      const splits = await Promise.all(runs.map((run) => run.next('split-brain-confirmed')));

      const adverts = await segment.adverts();
      const second = given(adverts.find(({ source }) => source !== adverts[0]?.source));
      for (const [i, run] of runs.entries()) {
        const split = given(splits[i]);
        expectSoon(split, second.timeUs, run);
        expect(split, run.engine).toMatchObject({
          cause: { code: 'auth-mismatch' },
          evidence: expect.arrayContaining(['mismatch']),
        });
        expect(segment.holders(VIP, microseconds(split.at) + SECOND).sort(), run.engine).toEqual(['A', 'B']);
        const { stdout, stderr, status } = await run.end();
        expect(status, run.engine).toBe(2);
        expect(stdout + stderr, run.engine).not.toMatch(/1111|2222/);
      }
    });
  });
});

/** Watchers and both nodes; A is master. */
async function started(segment: LabSegment): Promise<LiveRun[]> {
  const runs = await segment.watch();
  await segment.node('A').start();
  await Promise.all(runs.map((run) => run.next('router-seen')));
  await segment.node('B').start();
  await segment.node('B').says('Entering BACKUP STATE');
  for (const run of runs) expectCalm(run);
  return runs;
}

function expectSoon(split: LiveEvent, beginUs: number, run: LiveRun): void {
  const afterUs = microseconds(split.at) - beginUs;
  expect(afterUs, `${run.engine}: time from the second master's first advert to the alarm`).toBeLessThan(2 * SECOND);
  expect(afterUs, `${run.engine}: no alarm before there is a reason`).toBeGreaterThan(-CLOCKS_US);
}

/** When the node that should be a backup advertised first. */
function secondMaster(adverts: readonly LabAdvert[], { source }: Pick<RouterSettings, 'source'>): number {
  return given(adverts.find((advert) => advert.source === source)).timeUs;
}

/** The command that the alarm offers for this tool. */
function remedy(split: LiveEvent, tool: string): string {
  const remedies: { command: string }[] = split['cause'].remedies;
  return given(remedies.find(({ command }) => command.startsWith(tool))).command;
}

function given<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it is missing');
  return value;
}
