import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/analyzer/report.ts';
import { judgedCaptures } from '../support/judged-capture.ts';

/**
 * Recordings of two real nodes, each made on the node itself: 10.9.0.1 (priority 150) by `-a`, 10.9.0.2 (100) by `-b`.
 * `network`: the bridge between them drops VRRP from the start; `later`: from 8 s to 33 s; `oneway`: what A sends, from 8 s
 * on; `healed`: the same from 13 s to 38 s. `firewall`: B drops it itself. `unsent`: A's own firewall lets nothing out for
 * 16 s. `healthy`: A stops and returns. `replayed`: B drops AH for 9 s, and A is silenced by what it rejects as replays.
 */
const RECORDED = fileURLToPath(new URL('../pcaps/vantage/', import.meta.url));
const [A, B] = ['10.9.0.1', '10.9.0.2'];
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-vantage-'));

afterAll(() => rmSync(directory, { recursive: true }));

function recording(name: string): string {
  return join(RECORDED, `${name}.pcap`);
}

/** The same recording changed, record header by record header and frame by frame. */
function changed(name: string, change: (record: DataView) => void): string {
  const bytes = new Uint8Array(readFileSync(recording(name)));
  const view = new DataView(bytes.buffer);
  for (let at = 24; at < bytes.length; ) {
    const length = 16 + view.getUint32(at + 8, true);
    change(new DataView(bytes.buffer, at, length));
    at += length;
  }
  const path = join(directory, `${name}-changed.pcap`);
  writeFileSync(path, bytes);
  return path;
}

function shifted(name: string, seconds: number): string {
  return changed(name, (record) => record.setUint32(0, record.getUint32(0, true) + seconds, true));
}

async function judged(...paths: string[]) {
  const report = await judgedCaptures(paths, { areVantagePoints: true });
  return { ...report, splitBrains: splitBrainsOf(report) };
}

function splitBrainsOf({ virtualRouters }: Report) {
  return virtualRouters.map(({ splitBrains }) =>
    splitBrains.map(({ winner, deaf, endUs, cause }) => ({ winner, deaf, isOver: endUs !== null, code: cause.code })),
  );
}

describe('two captures of one segment', () => {
  test.each([
    ['neither hears the other: each shows one master by itself', 'network', { code: 'network', isOver: false }],
    ['they stop to hear each other for a while', 'later', { code: 'network', isOver: true }],
    ['what one sends is lost on its way to the other', 'oneway', { code: 'network', isOver: false }],
    ['what one sends is lost for a while', 'healed', { code: 'network', isOver: true }],
    ['what arrives at one is dropped there', 'firewall', { code: 'host-firewall', isOver: false }],
  ])('%s', async (_, name, expected) => {
    const report = await judged(recording(`${name}-a`), recording(`${name}-b`));
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    const splitBrain = { winner: A, deaf: [B], ...expected };
    expect(report.splitBrains).toEqual([[splitBrain], [splitBrain]]);
    expect(report.virtualRouters.map(({ master }) => master)).toEqual([A, A]);
  });

  test('the few words of a master that the loser silences arrive in both: they are dropped there', async () => {
    const report = await judged(recording('replayed-a'), recording('replayed-b'));
    const splitBrain = { winner: A, deaf: [B], isOver: true, code: 'host-firewall' };
    expect(report.splitBrains).toEqual([[splitBrain], [splitBrain]]);
  });

  test('the time for which neither heard the other is told', async () => {
    const { virtualRouters } = await judged(recording('later-a'), recording('later-b'));
    const [splitBrain] = virtualRouters[0]?.splitBrains ?? [];
    expect(((splitBrain?.endUs ?? 0) - (splitBrain?.startUs ?? 0)) / 1_000_000).toBeCloseTo(22, 0);
    expect(virtualRouters.map(({ state }) => state)).toEqual(['ok', 'ok']);
  });

  test('what is in neither of them is not lost between them: both say the same as one alone', async () => {
    const together = await judged(recording('unsent-a'), recording('unsent-b'));
    expect(together.splitBrains).toEqual(Array(2).fill([{ winner: A, deaf: [B], code: 'filtered', isOver: true }]));
    for (const { capture, splitBrains } of together.virtualRouters) {
      const alone = await judgedCaptures([capture]);
      expect(splitBrains).toEqual(alone.virtualRouters[0]?.splitBrains);
      expect(splitBrains[0]?.cause.remedies[0]).toMatchObject({
        on: A,
        command: 'iptables -I OUTPUT -p 112 -j ACCEPT',
      });
    }
  });

  test('a failover that both have heard is none, also when their clocks are seconds apart', async () => {
    const HEALTHY = { verdict: 'ok', exitStatus: 0, splitBrains: [[], []] };
    expect(await judged(recording('healthy-a'), recording('healthy-b'))).toMatchObject(HEALTHY);
    for (const seconds of [-12, -5, 5, 12]) {
      expect(await judged(recording('healthy-a'), shifted('healthy-b', seconds))).toMatchObject(HEALTHY);
    }
  });

  test('what was recorded at another time, or has other addresses, is not compared', async () => {
    const none = [[], []];
    expect((await judged(recording('network-a'), shifted('network-b', 3600))).splitBrains).toEqual(none);
    const otherAddress = changed('network-b', (record) => {
      if (record.getUint8(16 + 23) === 112) record.setUint8(16 + 43, 8);
    });
    expect((await judged(recording('network-a'), otherAddress)).splitBrains).toEqual(none);
  });

  test('the same recording given twice says nothing about the path', async () => {
    const { splitBrains } = await judged(
      recording('firewall-a'),
      changed('firewall-a', () => undefined),
    );
    expect(splitBrains.flat().map(({ code }) => code)).toEqual(['filtered', 'filtered']);
  });
});

test('captures of several interfaces are not compared', async () => {
  const report = await judgedCaptures([recording('network-a'), recording('network-b')]);
  expect(report.virtualRouters.map(({ splitBrains }) => splitBrains)).toEqual([[], []]);
  // The ARP of the other node gets through, and in one of them it is the last.
  expect(report.virtualRouters.map(({ findings }) => findings.map(({ code }) => code))).toEqual([['stale-arp'], []]);
});
