import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { setup as buildProgram } from '../support/build-program.ts';
import { isInstalled } from '../support/installed.ts';
import { router } from '../support/simulate/settings.ts';
import { end, run, said, spawnIn } from './command.ts';
import { NODE_INTERFACE } from './keepalived-config.ts';
import { PROGRAM } from './live-run.ts';
import { BRIDGE, labMissing, withSegment } from './segment.ts';

const CONTRIB = fileURLToPath(new URL('../../contrib/prometheus/', import.meta.url));

const tools = ['prometheus', 'prometheus-alertmanager', 'promtool', 'amtool'];
const isMissing = labMissing() !== null || !tools.every(isInstalled);

/** Elections, scrapes and evaluations take seconds. */
const SOON = { timeout: 25_000, interval: 500 };

beforeAll(() => buildProgram());

describe.skipIf(isMissing)('Prometheus and Alertmanager as contrib/ sets them up', () => {
  test('a real split brain becomes a firing alert with its cause, and is resolved when it is over', async () => {
    await withSegment([router('A', { priority: 150 }), router('B')], async (segment) => {
      const { namespace } = segment;
      await withMonitoring(namespace, ['localhost:9912'], [[namespace, BRIDGE, '9912']], async () => {
        for (const node of segment.nodes) await node.start();
        await expect.poll(() => query(namespace, 'vrrpwatch_masters'), { timeout: 15_000 }).toEqual(['1']);
        expect(await firing(namespace)).toEqual([]);

        await segment.node('B').drop('in');
        await expect
          .poll(() => firing(namespace), SOON)
          .toMatchObject([
            {
              labels: { alertname: 'VRRPSplitBrain', severity: 'critical', vrid: '51', intf: BRIDGE, segment: 'dmz' },
              annotations: { description: expect.stringContaining('cause: filtered') },
            },
          ]);

        await segment.node('B').restore('in');
        await expect.poll(() => firingNames(namespace), SOON).toEqual(['VRRPSplitBrainOver']);
      });
    });
  });

  test('a split brain that each watcher sees one half of becomes an alert of both', async () => {
    await withSegment([router('A', { priority: 150 }), router('B')], async (segment) => {
      const { namespace, nodes } = segment;
      await run('ip', '-n', namespace, 'address', 'add', '10.9.0.254/24', 'dev', BRIDGE);
      const targets = nodes.map(({ settings: [own] }) => `${own?.address}:9912`);
      const watchers = nodes.map((node) => [node.namespace, NODE_INTERFACE, '0.0.0.0:9912'] as const);
      await withMonitoring(namespace, targets, watchers, async () => {
        for (const node of nodes) await node.start();
        await expect.poll(() => query(namespace, 'vrrpwatch_masters'), { timeout: 15_000 }).toEqual(['1', '1']);

        // The nodes lose sight of each other; Prometheus, on the bridge itself, still reaches both.
        const chain = 'chain f { type filter hook forward priority 0; policy drop; }';
        await inside(namespace, 'nft', `table bridge cut { ${chain}; }`);
        await expect.poll(() => firingNames(namespace), SOON).toEqual(['VRRPSplitBrainBetweenWatchers']);
        expect(await query(namespace, 'vrrpwatch_split_brain')).toEqual(['0', '0']);
      });
    });
  });
});

type Watcher = readonly [namespace: string, interfaceName: string, metrics: string];

/** Runs watchers, Prometheus and Alertmanager in namespaces while `body` runs. */
async function withMonitoring(
  namespace: string,
  targets: readonly string[],
  watchers: readonly Watcher[],
  body: () => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vrrpwatch-prometheus-'));
  const config = await configuration(directory, targets);
  await run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  const children: ChildProcess[] = [];
  const start = (
    readyText: string,
    ...[where, command, ...parameters]: [string, string, ...string[]]
  ): Promise<void> => {
    const child = spawnIn(where, command, ...parameters);
    children.push(child);
    return said(child, readyText);
  };
  try {
    const storage = [`--storage.tsdb.path=${directory}/data`, `--storage.path=${directory}/alerts`] as const;
    await Promise.all([
      start('Server is ready', namespace, 'prometheus', `--config.file=${config}`, storage[0]),
      start(
        'Listening',
        namespace,
        'prometheus-alertmanager',
        `--config.file=${CONTRIB}alertmanager.yml`,
        storage[1],
        '--cluster.listen-address=',
      ),
      ...watchers.map(([where, name, metrics]) =>
        start('metrics at', where, process.execPath, PROGRAM, '-i', name, '--metrics', metrics),
      ),
    ]);
    await body();
  } finally {
    await Promise.all(children.map((child) => end(child, 'SIGTERM')));
    await rm(directory, { recursive: true, force: true });
  }
}

/** The files of contrib/ with these targets, asking once a second. */
async function configuration(directory: string, targets: readonly string[]): Promise<string> {
  const file = join(directory, 'prometheus.yml');
  const text = await readFile(`${CONTRIB}prometheus.yml`, 'utf8');
  const ours = text.replace(/interval: 5s/g, 'interval: 1s').replace('[localhost:9912]', `[${targets.join(', ')}]`);
  await writeFile(file, ours);
  // What is waited for longer than a second is waited for no longer here.
  const rules = await readFile(`${CONTRIB}vrrpwatch.rules.yml`, 'utf8');
  await writeFile(join(directory, 'vrrpwatch.rules.yml'), rules.replace('for: 30s', 'for: 5s'));
  return file;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Alerts of Alertmanager that fire and are not inhibited. */
async function firing(namespace: string): Promise<readonly Alert[]> {
  const url = '--alertmanager.url=http://localhost:9093';
  return JSON.parse(await inside(namespace, 'amtool', url, 'alert', 'query', '--active', '-o', 'json')) as Alert[];
}

async function firingNames(namespace: string): Promise<readonly (string | undefined)[]> {
  return (await firing(namespace)).map(({ labels }) => labels['alertname']);
}

async function query(namespace: string, expression: string): Promise<string[]> {
  const url = 'http://localhost:9090';
  const output = await inside(namespace, 'promtool', 'query', 'instant', '-o', 'json', url, expression);
  return (JSON.parse(output) as { value: [number, string] }[]).map(({ value }) => value[1]);
}

function inside(namespace: string, ...command: string[]): Promise<string> {
  return run('ip', 'netns', 'exec', namespace, ...command);
}
