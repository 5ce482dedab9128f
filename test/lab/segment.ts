import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName } from '../../src/capture/engine.ts';
import type { RouterSettings } from '../support/simulate/settings.ts';
import type { HeldAddress } from './address-monitor.ts';
import { end, run, said, spawnIn, until } from './command.ts';
import { NODE_INTERFACE } from './keepalived-config.ts';
import { LabNode } from './lab-node.ts';
import { LiveRun } from './live-run.ts';
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
  /** The program with each engine, watching the bridge. They end with the segment at the latest. */
  watch(...parameters: string[]): Promise<LiveRun[]>;
  /** The program with one engine, in any namespace of the segment. */
  watchIn(namespace: string, engine: EngineName, ...parameters: string[]): LiveRun;
  /** A namespace with nothing but an interface `eth0` on the segment, to listen from. */
  observer(): Promise<string>;
  /** Path of the capture file with all frames so far. */
  capture(): Promise<string>;
  adverts(): Promise<LabAdvert[]>;
  /** Waits until that many more have passed. */
  advertsPass(count: number): Promise<void>;
  /** Who really had which virtual address, of all nodes. */
  masterIntervals(): HeldAddress[];
  /** The nodes that had `address` at that time by their kernels. */
  holders(address: string, atUs: number): string[];
}

/** Every case is watched with each of them. */
export const ENGINES = ['cap', 'tcpdump'] as const;

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
  // Daemons that give up root read their configuration here.
  await chmod(directory, 0o755);
  const namespace = `${prefix}-switch`;
  const names = [...new Set(routers.map(({ node }) => node))];
  const nodes = names.map((name) => {
    const own = routers.filter((settings) => settings.node === name);
    return new LabNode(name, `${prefix}-${name}`, own, directory);
  });
  const extra: Extra = { runs: [], observers: [] };
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
      '--immediate-mode',
      '-n',
      '-w',
      file,
      'proto 112 or proto 51 or ip6 or arp',
    );
    await said(tcpdump, 'listening on');
    return await body(segmentOf(namespace, nodes, file, extra));
  } finally {
    await Promise.all(extra.runs.map((each) => each.end('SIGTERM')));
    if (tcpdump !== null) await end(tcpdump, 'SIGKILL');
    await Promise.all(nodes.map((node) => node.remove()));
    for (const each of [...extra.observers, namespace]) {
      await run('ip', 'netns', 'delete', each).catch(() => undefined);
    }
    await rm(directory, { recursive: true, force: true });
  }
}

const PROGRAMS = ['keepalived', 'tcpdump', 'tshark', 'nft', 'iptables', 'python3'];

/**
 * Why there can be no lab here, or null. In CI a missing lab is an error, so that it cannot go missing unnoticed.
 *
 * @param programs needed beyond those of every lab, by name or path
 */
export function labMissing(...programs: string[]): string | null {
  const missing = reason([...PROGRAMS, ...programs]);
  if (missing !== null && process.env['CI'] !== undefined) throw new Error(`the lab cannot run: ${missing}`);
  if (missing !== null) console.warn(`LAB TESTS SKIPPED: ${missing}`);
  return missing;
}

function reason(programs: readonly string[]): string | null {
  if (process.getuid?.() !== 0) return 'not root';
  const probe = `${LAB_PREFIX}${process.pid}x-probe`;
  try {
    execFileSync('ip', ['netns', 'add', probe], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'delete', probe], { stdio: 'ignore' });
  } catch {
    return 'no network namespaces (ip netns add)';
  }
  for (const program of programs) {
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

/** What a test added to its segment and must be taken away again. */
interface Extra {
  readonly runs: LiveRun[];
  readonly observers: string[];
}

function segmentOf(namespace: string, nodes: readonly LabNode[], file: string, extra: Extra): LabSegment {
  function watchIn(place: string, engine: EngineName, ...parameters: string[]): LiveRun {
    const watching = new LiveRun(place, engine, ...parameters);
    extra.runs.push(watching);
    return watching;
  }
  return {
    namespace,
    nodes,
    watchIn,
    async watch(...parameters) {
      const runs = ENGINES.map((engine) => watchIn(namespace, engine, '-i', BRIDGE, ...parameters));
      await Promise.all(runs.map((each) => each.next('capture-started')));
      return runs;
    },
    async observer() {
      const observer = namespace.replace('switch', `watch${extra.observers.length}`);
      extra.observers.push(observer);
      await run('ip', 'netns', 'add', observer);
      await plugObserver(observer, namespace);
      return observer;
    },
    node(name) {
      const node = nodes.find((each) => each.name === name);
      if (node === undefined) throw new Error(`no node ${name} on this segment`);
      return node;
    },
    async capture() {
      await sleep(WRITING_MS);
      return file;
    },
    async adverts() {
      await sleep(WRITING_MS);
      return readAdverts(file);
    },
    async advertsPass(count) {
      const target = (await readAdverts(file)).length + count;
      await until(`${target} advertisements have passed`, async () => (await readAdverts(file)).length >= target);
    },
    masterIntervals: () => nodes.flatMap((node) => node.masterIntervals()),
    holders(address, atUs) {
      const held = nodes.flatMap((node) => node.masterIntervals()).filter((each) => each.address === address);
      return held.filter(({ fromUs, toUs }) => fromUs <= atUs && (toUs ?? atUs) >= atUs).map(({ node }) => node);
    },
  };
}

/** Gives an observer its interface, for the first time or after it was deleted. */
export async function plugObserver(observer: string, switchNamespace: string): Promise<void> {
  const port = portOf(observer);
  const peer = ['peer', 'name', NODE_INTERFACE, 'netns', observer];
  await run('ip', '-n', switchNamespace, 'link', 'add', port, 'type', 'veth', ...peer);
  await run('ip', '-n', switchNamespace, 'link', 'set', port, 'master', BRIDGE, 'up');
  await run('ip', '-n', observer, 'link', 'set', NODE_INTERFACE, 'up');
  await observerHears(observer, switchNamespace);
}

/** Waits until the bridge forwards to an observer's interface, which is a moment after that is up. */
export async function observerHears(observer: string, switchNamespace: string): Promise<void> {
  const show = ['-n', switchNamespace, '-d', '-j', 'link', 'show', portOf(observer)];
  await until(`${observer} is forwarded to`, async () => (await run('ip', ...show)).includes('"state":"forwarding"'));
}

function portOf(observer: string): string {
  return `port${/watch\d+$/.exec(observer)?.[0]}`;
}

/** How long tcpdump may take to write what has passed, on a busy machine. */
const WRITING_MS = 400;

const FIELDS = ['frame.time_epoch', 'ip.src', 'ipv6.src', 'vrrp.virt_rtr_id', 'vrrp.prio'];

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
      const [time = '', source4 = '', source6 = '', vrid = '', priority = ''] = line.split('\t');
      const source = source4 || source6;
      return { source, vrid: Number(vrid), priority: Number(priority), timeUs: Math.round(Number(time) * 1_000_000) };
    });
}
