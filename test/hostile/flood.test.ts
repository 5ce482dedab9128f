import { describe, expect, test } from 'vitest';
import { MAX_VIRTUAL_ROUTERS } from '../../src/analyzer/analyzer.ts';
import { MAX_ADVERTISERS } from '../../src/analyzer/virtual-router.ts';
import { AT, type Flood, type Flooded, flooded } from './flood.ts';

const COUNT = 30_000;
const FORGER = { from: '10.66.66.66', vrid: 51, addresses: ['10.0.0.100'] };
/** A VLAN tag moves what follows it by four bytes. */
const TAGGED = 4;

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

function realSplitBrains({ events }: Flooded) {
  return events.filter(
    (event) =>
      event.event === 'split-brain-confirmed' &&
      event.router.vlan === null &&
      event.splitBrain.claimants.includes('10.0.0.1') &&
      event.splitBrain.claimants.includes('10.0.0.2'),
  );
}

function raise(): never {
  throw new Error('no such flood');
}
