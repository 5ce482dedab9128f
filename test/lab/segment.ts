import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterSettings } from '../support/simulate/settings.ts';
import type { HeldAddress } from './address-monitor.ts';
import { end, run, said, spawnIn } from './command.ts';
import { LabNode } from './lab-node.ts';
import { LAB_PREFIX, sweepOrphans } from './sweep.ts';

/** Bridge in the switch's namespace: every port of the segment, and the place to capture at. */
export const BRIDGE = 'br0';

/** An advertisement as tshark reads it from the capture, which makes it independent of the code under test. */
export interface LabAdvert {
  readonly source: string;
  readonly vrid: number;
  readonly priority: number;
  /** Microseconds since the Unix epoch. */
  readonly timeUs: number;
}

/** Nodes on a bridge, each in its own network namespace, with a capture of everything that passes the bridge. */
export interface LabSegment {
  /** Of the switch; a program that runs in it can capture on `BRIDGE`. */
  readonly namespace: string;
  readonly nodes: readonly LabNode[];
  node(name: string): LabNode;
  /** Path of the capture file with all frames so far. */
  capture(): Promise<string>;
  adverts(): Promise<LabAdvert[]>;
  /** Who really had which virtual address, of all nodes. */
  masterIntervals(): HeldAddress[];
}

let segments = 0;

/**
 * Builds a segment with one node for each distinct `node` of `routers`, runs `body`, and removes everything again,
 * whatever happens. keepalived is not started. Names contain the process id, so that parallel runs do not meet.
 */
export async function withSegment<T>(
  routers: readonly RouterSettings[],
  body: (segment: LabSegment) => Promise<T>,
): Promise<T> {
  const prefix = `${LAB_PREFIX}${process.pid}x${++segments}`;
  if (segments === 1) await sweepOrphans();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}-`));
  const namespace = `${prefix}-switch`;
  const names = [...new Set(routers.map(({ node }) => node))];
  const nodes = names.map((name) => {
    const own = routers.filter((settings) => settings.node === name);
    return new LabNode(name, `${prefix}-${name}`, own, directory);
  });
  let tcpdump: ChildProcess | null = null;
  try {
    await buildSwitch(namespace);
    for (const node of nodes) await node.plugIn(namespace, BRIDGE);
    const file = join(directory, 'segment.pcap');
    tcpdump = spawnIn(
      namespace,
      'tcpdump',
      '-i',
      BRIDGE,
      '-U',
      '-n',
      '-w',
      file,
      'proto 112 or proto 51 or ip6 or arp',
    );
    await said(tcpdump, 'listening on');
    return await body(segmentOf(namespace, nodes, file));
  } finally {
    if (tcpdump !== null) await end(tcpdump, 'SIGKILL');
    await Promise.all(nodes.map((node) => node.remove()));
    await run('ip', 'netns', 'delete', namespace).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Why there can be no lab here, or null. In CI a missing lab is an error, so that it cannot go missing unnoticed.
 */
export function labMissing(): string | null {
  const missing = reason();
  if (missing !== null && process.env['CI'] !== undefined) throw new Error(`the lab cannot run: ${missing}`);
  if (missing !== null) console.warn(`LAB TESTS SKIPPED: ${missing}`);
  return missing;
}

function reason(): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  const probe = `${LAB_PREFIX}${process.pid}x-probe`;
  try {
    execFileSync('ip', ['netns', 'add', probe], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'delete', probe], { stdio: 'ignore' });
  } catch {
    return 'no network namespaces (ip netns add)';
  }
  for (const program of ['keepalived', 'tcpdump', 'tshark', 'nft']) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    } catch {
      return `no ${program}`;
    }
  }
  return null;
}

async function buildSwitch(namespace: string): Promise<void> {
  await run('ip', 'netns', 'add', namespace);
  await run('ip', '-n', namespace, 'link', 'add', BRIDGE, 'type', 'bridge', 'mcast_snooping', '0');
  await run('ip', '-n', namespace, 'link', 'set', BRIDGE, 'up');
}

function segmentOf(namespace: string, nodes: readonly LabNode[], file: string): LabSegment {
  return {
    namespace,
    nodes,
    node(name) {
      const node = nodes.find((each) => each.name === name);
      if (node === undefined) throw new Error(`no node ${name} on this segment`);
      return node;
    },
    async capture() {
      await settled(file);
      return file;
    },
    async adverts() {
      await settled(file);
      return readAdverts(file);
    },
    masterIntervals: () => nodes.flatMap((node) => node.masterIntervals()),
  };
}

/** Waits until tcpdump has written what the kernel still held for it. */
async function settled(file: string): Promise<void> {
  let size = -1;
  for (let now = (await stat(file)).size; now !== size; now = (await stat(file)).size) {
    size = now;
    await sleep(150);
  }
}

const FIELDS = ['frame.time_epoch', 'ip.src', 'vrrp.virt_rtr_id', 'vrrp.prio'];

async function readAdverts(file: string): Promise<LabAdvert[]> {
  const output = await run(
    'tshark',
    '-r',
    file,
    '-n',
    '-Y',
    'vrrp',
    '-T',
    'fields',
    ...FIELDS.flatMap((f) => ['-e', f]),
  );
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [time = '', source = '', vrid = '', priority = ''] = line.split('\t');
      return { source, vrid: Number(vrid), priority: Number(priority), timeUs: Math.round(Number(time) * 1_000_000) };
    });
}
