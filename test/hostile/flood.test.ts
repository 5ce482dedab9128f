import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { MAX_VIRTUAL_ROUTERS } from '../../src/analyzer/analyzer.ts';
import { MAX_ADVERTISERS } from '../../src/analyzer/senders.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { Watch } from '../../src/watch/watch.ts';
import { advertPacket, type FrameOptions } from '../support/build.ts';
import { sll2 } from '../support/build-links.ts';
import { AT, AT6, type Flood, type Flooded, flooded } from './flood.ts';

const COUNT = 30_000;
const FORGER = { from: '10.66.66.66', vrid: 51, addresses: ['10.0.0.100'] };
/** A VLAN tag moves what follows it by four bytes. */
const TAGGED = 4;

/** To another node and with another address, so that it is a cluster of its own. */
const UNICAST = { from: '10.66.66.66', to: '10.77.77.77', vrid: 51, addresses: ['10.88.0.1'] };
const SOURCE = [AT.source, AT.source + 1, AT.source + 2, AT.source + 3];
const PAIR = [1, 2, 3].flatMap((byte) => [AT.source + byte, AT.destination + byte]);
const CLUSTER = [...PAIR, AT.address + 1, AT.address + 2, AT.address + 3];

/** Nodes that know each other by unicast_peer. */
const peers = (from: 1 | 2): FrameOptions => ({
  from: `10.0.0.${from}`,
  to: `10.0.0.${3 - from}`,
  addresses: ['10.0.0.100'],
});

const FLOODS: Readonly<Record<string, Flood>> = {
  'source addresses': { frame: FORGER, random: [AT.source + 1, AT.source + 2, AT.source + 3] },
  'hardware addresses': { frame: FORGER, random: [AT.mac + 2, AT.mac + 3, AT.mac + 4, AT.mac + 5] },
  'sources and priorities': {
    frame: FORGER,
    random: [AT.source + 1, AT.source + 2, AT.source + 3, AT.priority],
  },
  'sources and VRIDs': { frame: FORGER, random: [AT.source + 1, AT.source + 2, AT.source + 3, AT.vrid] },
  'virtual addresses': { frame: { ...FORGER, vrid: 7 }, random: [AT.address, AT.address + 1, AT.address + 2] },
  VLANs: { frame: { ...FORGER, vlans: [0x105, 5] }, random: [15, 19] },
  'sources with another virtual address': { frame: { ...FORGER, addresses: ['10.88.0.1'] }, random: SOURCE },
  'unicast pairs': { frame: UNICAST, random: PAIR },
  'unicast pairs before the nodes start': { frame: UNICAST, random: PAIR, nodesFromS: 10 },
  'unicast pairs before nodes that are peers start': { frame: UNICAST, random: PAIR, nodesFromS: 10, nodes: peers },
  'clusters of unicast peers': { frame: UNICAST, random: CLUSTER, nodesFromS: 10 },
  'clusters of unicast peers before nodes that are peers': {
    frame: UNICAST,
    random: CLUSTER,
    nodesFromS: 10,
    nodes: peers,
  },
  'unicast destinations': {
    frame: UNICAST,
    random: [AT.destination + 1, AT.destination + 2, AT.destination + 3],
    nodesFromS: 10,
  },
  'unicast pairs in IPv6': {
    frame: { from: 'fe80::6666', to: 'fe80::7777', vrid: 51, addresses: ['fe80::100'] },
    random: [11, 12, 13, 14].flatMap((byte) => [AT6.source + byte, AT6.destination + byte]),
    nodesFromS: 10,
    nodes: (from) => ({ from: `fe80::${from}`, addresses: ['fe80::100'] }),
  },
  'sources in IPv6': {
    frame: { from: 'fe80::6666', vrid: 51, addresses: ['fe80::100'] },
    random: [AT6.source + 12, AT6.source + 13, AT6.source + 14],
    nodesFromS: 10,
    nodes: (from) => ({ from: `fe80::${from}`, addresses: ['fe80::100'] }),
  },
  'VLANs and VRIDs': { frame: { ...FORGER, vlans: [0x105] }, random: [15, AT.vrid + TAGGED] },
};

describe.each(Object.entries(FLOODS))('a flood of forged %s', (_name, flood) => {
  const result = flooded(flood, COUNT);

  test('does not hide the split brain in the middle of it', () => {
    expect(realSplitBrains(result)).toHaveLength(1);
  });

  test('stays within the limits of what is kept', () => {
    const { routers } = result.watch.analyzer;
    expect(routers.length).toBeLessThanOrEqual(MAX_VIRTUAL_ROUTERS);
    expect(Math.max(...routers.map(({ advertisers }) => advertisers.length))).toBeLessThanOrEqual(MAX_ADVERTISERS);
  });

  test('is announced at most once', () => {
    const limits = result.events.filter(
      (event) => event.event === 'finding' && event.finding.code === 'tracking-limit',
    );
    expect(limits.length).toBeLessThanOrEqual(1);
  });
});

test('a flood of sources is told once and counted, not told per packet', () => {
  const { watch, events } = flooded(FLOODS['source addresses'] ?? raise(), COUNT);
  expect(watch.analyzer.findings.list()).toMatchObject([
    { code: 'tracking-limit', severity: 'warning', summary: expect.stringContaining('vrid 51') },
  ]);
  expect(watch.analyzer.findings.list()[0]?.count).toBeGreaterThan(COUNT / 2);
  expect(events.length).toBeLessThan(4 * MAX_ADVERTISERS);
});

test('a flood of virtual routers does not drive out the one that is heard all the time', () => {
  const { watch } = flooded(FLOODS['VLANs and VRIDs'] ?? raise(), COUNT);
  const real = watch.analyzer.routers.find(({ vrid, segment }) => vrid === 51 && segment.vlan === 0);
  expect(real?.adverts).toBeGreaterThan(90);
  expect(watch.analyzer.findings.list().some(({ code }) => code === 'tracking-limit')).toBe(true);
});

test('one advertisement on ever new interfaces of a cooked capture does not take memory each time', () => {
  const watch = new Watch({
    capture: 'flood',
    interfaceName: () => null,
    laneHistory: 'none',
    expectations: [],
    onEvent: null,
  });
  const bytes = sll2({ payload: advertPacket({ from: '10.0.0.1', vrid: 51 }) });
  const show = (interfaceIndex: number) => {
    new DataView(bytes.buffer).setUint32(4, interfaceIndex);
    watch.frame(bytes, 0, bytes.length, bytes.length, 1_700_000_000e6, 0, LINK_TYPE.linuxSll2);
  };
  for (let i = 1; i < 10_000; i++) show(i);
  const before = heapUsed();
  for (let i = 10_000; i < 210_000; i++) show(i);
  expect(watch.analyzer.adverts).toBe(209_999);
  expect(heapUsed() - before).toBeLessThan(5_000_000);
});

/** Bytes after a collection. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** Those of which both nodes are told as claimants. */
function realSplitBrains({ watch }: Flooded) {
  const routers = watch.analyzer.routers.filter(({ vrid, segment }) => vrid === 51 && segment.vlan === 0);
  const splitBrains = routers.flatMap((router) => router.history.splitBrains.map((each) => each.describe()));
  return splitBrains.filter(({ claimants }) =>
    ['10.0.0.', 'fe80::'].some((net) => [1, 2].every((i) => claimants.includes(`${net}${i}`))),
  );
}

function raise(): never {
  throw new Error('no such flood');
}
