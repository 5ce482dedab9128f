import { describe, expect, test } from 'vitest';
import { certainAfterUs, isSettled, isSplitProven, masterDownUs } from '../../src/analyzer/certainty.ts';
import type { VirtualRouter } from '../../src/analyzer/virtual-router.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { Watch } from '../../src/watch/watch.ts';
import { AT } from '../hostile/flood.ts';
import { type FrameOptions, frame } from '../support/build.ts';

const SECOND = 1_000_000;
const START_US = 1_700_000_000 * SECOND;

const VLAN_TAG_LENGTH = 4;

const MASTER = { from: '10.0.0.1', priority: 150 };
const BACKUP = { from: '10.0.0.2', priority: 100 };

function newWatch(): Watch {
  return new Watch({
    capture: 'eth0',
    interfaceName: () => null,
    laneHistory: 'none',
    expectations: [],
    onEvent: null,
  });
}

function show(watch: Watch, bytes: Uint8Array, atS: number): void {
  watch.frame(bytes, 0, bytes.length, bytes.length, START_US + atS * SECOND, 0, LINK_TYPE.ethernet);
}

/** The virtual routers when these were heard, second by second, for `seconds`. */
function heard(seconds: number, ...advertisers: FrameOptions[]): readonly VirtualRouter[] {
  const watch = newWatch();
  for (let second = 0; second < seconds; second++) {
    for (const [i, each] of advertisers.entries()) show(watch, frame({ id: second, ...each }), second + 0.4 * i);
  }
  return watch.analyzer.routers;
}

describe('a check', () => {
  test('has its proof when two masters contradict each other', () => {
    expect(isSplitProven(heard(5, MASTER))).toBe(false);
    expect(isSplitProven(heard(5, MASTER, BACKUP))).toBe(true);
  });

  test('is not settled while nobody is heard, two claim it, or somebody expected is missing', () => {
    expect(isSettled([], [])).toBe(false);
    expect(isSettled(heard(5, MASTER), [])).toBe(true);
    expect(isSettled(heard(5, MASTER, BACKUP), [])).toBe(false);
    expect(isSettled(heard(5, MASTER), [{ vrid: 51, sources: null }])).toBe(true);
    expect(isSettled(heard(5, MASTER), [{ vrid: 52, sources: null }])).toBe(false);
  });

  // docs/nagios.md says so.
  test.each([
    { version: 2, intervalS: 3, downS: 10 },
    { version: 2, intervalS: 4, downS: 13 },
    { version: 3, intervalS: 2.5, downS: 10 },
    { version: 3, intervalS: 2.6, downS: 10.4 },
  ] as const)('says OK after $downS s of VRRPv$version every $intervalS s', ({ version, intervalS, downS }) => {
    const routers = heard(1, { ...MASTER, version, intervalS });
    expect(masterDownUs(routers) / SECOND).toBeCloseTo(downS);
    expect(downS).toBeLessThanOrEqual(4 * intervalS + 1);
  });

  test('waits for the slowest', () => {
    const routers = heard(1, MASTER, { ...MASTER, vrid: 52, intervalS: 10 });
    expect(masterDownUs(routers) / SECOND).toBe(31);
    expect(certainAfterUs(routers) / SECOND).toBe(42);
  });

  test('gets along with as many advertisers as are remembered', () => {
    const watch = newWatch();
    for (let vlan = 1; vlan <= 9; vlan++) {
      for (let vrid = 1; vrid <= 255; vrid++) {
        const bytes = frame({ ...MASTER, vrid, vlans: [vlan] });
        for (let host = 1; host <= 64; host++) {
          bytes[AT.source + VLAN_TAG_LENGTH + 3] = host;
          show(watch, bytes, 0.001 * host);
        }
      }
    }
    const { routers } = watch.analyzer;
    expect(routers.reduce((sum, { advertisers }) => sum + advertisers.length, 0)).toBe(146_880);
    expect(certainAfterUs(routers) / SECOND).toBeCloseTo(5.1);
  });
});
