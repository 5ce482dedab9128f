import { describe, expect, test } from 'vitest';
import { MAX_VIRTUAL_ROUTERS } from '../../src/analyzer/analyzer.ts';
import { MAX_HISTORY } from '../../src/analyzer/history.ts';
import { MAX_ADVERTISERS } from '../../src/analyzer/senders.ts';
import { frame } from '../support/build.ts';
import { A, B, every, play, type Step, together } from '../support/story.ts';

/** Forged senders of vrid 51, one every millisecond. */
function forgers(fromS: number, count: number, priority: number): Step[] {
  return Array.from({ length: count }, (_, i): Step => {
    const from = `10.9.${Math.floor(i / 250)}.${1 + (i % 250)}`;
    return [fromS + i / 1000, frame({ from, priority, mac: `06:00:00:00:${byte(i >> 8)}:${byte(i & 255)}` })];
  });
}

/** Forged virtual routers, in VLANs of their own, a hundred every millisecond. */
function routers(fromS: number, count: number): Step[] {
  return Array.from({ length: count }, (_, i): Step => {
    const vlans = [2 + Math.floor(i / 255)];
    const addresses = [`10.7.${i >> 8}.${i & 255}`];
    return [fromS + i / 100_000, frame({ from: '10.8.0.1', vrid: 1 + (i % 255), vlans, addresses })];
  });
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

describe('a flood of senders', () => {
  test('leaves a named number of them, and is told', () => {
    const { router, findings } = play([...every([0, 3], 'A', 200), ...forgers(3.1, 500, 50), [4, 'A', 200]]);
    expect(router.advertisers).toHaveLength(MAX_ADVERTISERS);
    expect(findings).toContain('tracking-limit');
    expect(router.advertisers.map(({ source }) => source)).toContain(A);
  });

  test('does not push out the two of a proven split brain', () => {
    const { router } = play(together(every([0, 12], 'A', 200), every([3.61, 12], 'B', 190), forgers(6.1, 2000, 50)));
    const live = router.splitBrains.find(({ claimants }) => claimants.includes(A) && claimants.includes(B));
    expect(live).toMatchObject({ winner: A, endUs: null });
    expect(router).toMatchObject({ state: 'split-brain', master: A });
    const kept = router.advertisers.map(({ source }) => source);
    expect(kept).toEqual(expect.arrayContaining([A, B]));
  });

  test('does not keep a split brain from being proven', () => {
    const { router } = play(together(every([0, 14], 'A', 200), forgers(2.1, 10_000, 50), every([6.61, 14], 'B', 190)));
    expect(router.splitBrains.some(({ claimants }) => claimants.includes(A) && claimants.includes(B))).toBe(true);
  });
});

test('a split brain that strangers join and leave for hours names a bounded number of them, and the nodes', () => {
  const waves = Array.from({ length: 4 }, (_, wave) =>
    Array.from({ length: 60 }, (_, i) => {
      const from = `10.9.${wave}.${i + 1}`;
      const advert = frame({ from, priority: 50, mac: `06:00:00:00:${byte(wave)}:${byte(i)}` });
      return [0, 1, 2, 3].map((s): Step => [100.3 + wave * 400 + s + i / 1000, advert]);
    }).flat(),
  );
  const { router } = play(
    together(every([0, 1700], 'A', 200), every([3.61, 1700.61], 'B', 190), [[1701, 'B', 0]], ...waves),
  );
  const [splitBrain] = router.splitBrains;
  expect(splitBrain).toMatchObject({ winner: A });
  expect(splitBrain?.claimants).toEqual(expect.arrayContaining([A, B]));
  expect(splitBrain?.claimants.length).toBeGreaterThan(10);
  expect(splitBrain?.claimants.length).toBeLessThanOrEqual(MAX_ADVERTISERS);
});

describe('a flood of virtual routers', () => {
  const count = MAX_VIRTUAL_ROUTERS + 2000;

  test('leaves a named number of them, and is told', () => {
    const { report, findings } = play(routers(0, count));
    expect(report.virtualRouters.length).toBeLessThanOrEqual(MAX_VIRTUAL_ROUTERS);
    expect(findings).toContain('tracking-limit');
  });

  test('does not push out a live alarm, although its nodes are silenced', () => {
    const nodes = { A: { password: 'one' }, B: { password: 'two' } };
    const { report } = play([...every([0, 3], 'A', 150), [3.4, 'B', 100], ...routers(3.5, count)], { nodes });
    const router = report.virtualRouters.find(({ vlan, vrid }) => vlan === null && vrid === 51);
    expect(router?.splitBrains).toHaveLength(1);
  });

  test('does not keep a split brain from being proven', () => {
    const { report } = play(together(every([0, 9], 'A', 150), routers(2.05, count), every([5.61, 9], 'B', 100)));
    const router = report.virtualRouters.find(({ vlan, vrid }) => vlan === null && vrid === 51);
    expect(router).toMatchObject({ state: 'split-brain', master: A });
    expect(router?.splitBrains).toMatchObject([{ winner: A, deaf: [B] }]);
  });

  test('pushes out those first that have been away for long, however often they were heard', () => {
    const { report } = play([
      ...every([0, 20], 'A', 150),
      ...every([0, 400], 'C', 150, 1, { vlans: [3999] }),
      ...routers(400.1, count),
      ...every([401, 402], 'B', 150, 1, { vlans: [4000] }),
    ]);
    expect(report.virtualRouters.some(({ vlan }) => vlan === 3999)).toBe(true);
    expect(report.virtualRouters.some(({ vlan }) => vlan === null)).toBe(false);
    expect(report.virtualRouters.some(({ vlan }) => vlan === 4000)).toBe(true);
  });
});

describe('a virtual router that was forgotten in a flood', () => {
  test('is there again when its master has gone on as if nothing had happened', () => {
    const flood = [routers(1.1, MAX_VIRTUAL_ROUTERS + 2000), routers(1.3, MAX_VIRTUAL_ROUTERS + 2000)].flat();
    const afterwards = play([[1, 'A', 150], ...flood]).report.virtualRouters;
    expect(afterwards.some(({ vlan }) => vlan === null)).toBe(false);
    const later = play(together(every([1, 7], 'A', 150), flood)).report.virtualRouters;
    expect(later.filter(({ vlan }) => vlan === null)).toMatchObject([{ master: A, state: 'ok' }]);
  });
});

describe('a history', () => {
  test('keeps the latest of a named number of takeovers', () => {
    const steps = Array.from({ length: MAX_HISTORY + 50 }, (_, i): Step[] => {
      const [from, to] = i % 2 ? ['B', 'A'] : ['A', 'B'];
      return [
        [i * 2, from, 0],
        [i * 2 + 0.61, to, 100],
        [i * 2 + 1.61, to, 100],
      ];
    }).flat();
    const { router } = play([[-1, 'A', 100], ...steps]);
    expect(router.takeovers).toHaveLength(MAX_HISTORY);
    expect(router.takeovers.at(-1)?.atUs).toBeGreaterThan(1_700_000_000_000_000 + MAX_HISTORY * 2_000_000);
  });
});
