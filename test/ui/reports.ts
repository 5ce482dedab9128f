import type { RouterEvent, RouterIdentity } from '../../src/analyzer/event.ts';
import type {
  AdvertiserReport,
  Lane,
  Report,
  SplitBrainReport,
  TakeoverReport,
  Verdict,
  VirtualRouterReport,
} from '../../src/analyzer/report.ts';
import { LANE } from '../../src/analyzer/report.ts';
import type { CaptureHealth, Snapshot } from '../../src/ui/source.ts';

/** 2026-11-22 14:07:33 UTC, the time that the screens of these tests show. */
export const NOW_US = Date.UTC(2026, 10, 22, 14, 7, 33) * 1000;
export const SECOND_US = 1_000_000;

const SLOT_US = 400_000;
const SLOTS = 512;

/** `ago(41)`: 41 s before the time that the screens show. */
export function ago(seconds: number): number {
  return NOW_US - seconds * SECOND_US;
}

/** An advert each second from `fromUs` to `toUs`, with `bits` of LANE. */
export function lane(fromUs: number, toUs = NOW_US, bits: number = LANE.advert): Lane {
  const slots = new Uint8Array(SLOTS);
  const startUs = Math.floor(Math.max(fromUs, toUs - (SLOTS - 1) * SLOT_US) / SLOT_US) * SLOT_US;
  for (let atUs = fromUs; atUs <= toUs; atUs += SECOND_US) {
    const slot = Math.floor((atUs - startUs) / SLOT_US);
    if (slot >= 0) slots[slot] = (slots[slot] ?? 0) | bits;
  }
  return { startUs, slotUs: SLOT_US, slots };
}

export function advertiser(source: string, overrides: Partial<AdvertiserReport> = {}): AdvertiserReport {
  const firstUs = overrides.firstUs ?? ago(900);
  return {
    source,
    mac: '00:50:56:aa:01:02',
    version: 2,
    priority: 100,
    priorities: [100],
    intervalUs: SECOND_US,
    authType: 'simple',
    password: null,
    addresses: ['10.0.0.1'],
    unicast: false,
    group: '224.0.0.18',
    adverts: 936,
    firstUs,
    lastUs: ago(0.2),
    resignedUs: null,
    claiming: true,
    lane: overrides.lane ?? lane(firstUs),
    ...overrides,
  };
}

export function router(vrid: number, overrides: Partial<VirtualRouterReport> = {}): VirtualRouterReport {
  const addresses = overrides.addresses ?? [`10.0.${vrid}.1`];
  const source = `10.0.${vrid}.2`;
  return {
    key: `eth0/${overrides.vrid ?? vrid}`,
    capture: 'eth0',
    interface: 'eth0',
    vlan: null,
    family: 4,
    vrid,
    state: 'ok',
    stateSinceUs: ago(900),
    addresses,
    master: source,
    advertisers: [advertiser(source, { addresses, priority: 120, version: 3, authType: 'none' })],
    splitBrains: [],
    contentions: [],
    takeovers: [],
    findings: [],
    ...overrides,
  };
}

export function splitBrain(overrides: Partial<SplitBrainReport> = {}): SplitBrainReport {
  return {
    startUs: ago(41),
    confirmedUs: ago(38),
    isAtLeast: false,
    endUs: null,
    claimants: ['10.0.0.2', '10.0.0.3'],
    winner: '10.0.0.2',
    deaf: ['10.0.0.3'],
    evidence: ['adverts'],
    cause: {
      code: 'filtered',
      confidence: 'likely',
      summary:
        '10.0.0.3 does not receive the adverts of 10.0.0.2: both agree in every field, so a firewall or lost multicast stands between them',
      differs: null,
      remedies: [
        {
          on: '10.0.0.3',
          why: 'let adverts of the other node in',
          command: 'iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT',
        },
        {
          on: 'switch',
          why: 'IGMP snooping may keep 224.0.0.18 from the port',
          command: 'show ip igmp snooping groups',
        },
      ],
    },
    ...overrides,
  };
}

export const takeovers: readonly TakeoverReport[] = [
  { atUs: ago(600), from: '10.0.0.3', to: '10.0.0.2', kind: 'preempted', gapUs: 1_000_000, expectedGapUs: null },
  { atUs: ago(300), from: '10.0.0.2', to: '10.0.0.3', kind: 'timed-out', gapUs: 3_689_000, expectedGapUs: 3_609_000 },
];

/** vrid 51, split for 41 s because 10.0.0.3 is deaf. */
export function splitRouter(overrides: Partial<VirtualRouterReport> = {}): VirtualRouterReport {
  return router(51, {
    state: 'split-brain',
    stateSinceUs: ago(41),
    addresses: ['10.0.0.1', '10.0.0.9'],
    master: '10.0.0.2',
    advertisers: [
      advertiser('10.0.0.2', { priority: 150, priorities: [150], addresses: ['10.0.0.1', '10.0.0.9'] }),
      advertiser('10.0.0.3', {
        mac: '00:50:56:aa:01:03',
        addresses: ['10.0.0.1', '10.0.0.9'],
        adverts: 41,
        firstUs: ago(41),
        lastUs: ago(0.7),
        lane: lane(ago(41), NOW_US, LANE.advert | LANE.violation),
      }),
    ],
    splitBrains: [splitBrain()],
    takeovers,
    ...overrides,
  });
}

export function report(virtualRouters: readonly VirtualRouterReport[], verdict: Verdict = 'ok'): Report {
  const split = virtualRouters.some(({ splitBrains }) => splitBrains.length > 0);
  const word = split ? 'split-brain' : verdict;
  return {
    verdict: word,
    exitStatus: { ok: 0, warning: 1, 'split-brain': 2, unknown: 3 }[word],
    captures: [],
    virtualRouters,
    findings: [],
  };
}

export function capture(overrides: Partial<CaptureHealth> = {}): CaptureHealth {
  return {
    title: 'eth0',
    engine: 'tcpdump',
    filter: 'ip proto 112 or ip6 proto 112 or (ip proto 51 and dst 224.0.0.18) or arp',
    status: 'ok',
    detail: null,
    packets: 4012,
    adverts: 3785,
    advertsPerSecond: 5,
    dropped: 0,
    lastAdvertUs: ago(0.2),
    startedUs: ago(937),
    ...overrides,
  };
}

export function snapshot(of: Report, health: Partial<CaptureHealth> = {}): Snapshot {
  return { nowUs: NOW_US, report: of, capture: capture(health) };
}

export const okReport = (): Report =>
  report([
    router(52),
    router(53, { family: 6, addresses: ['fe80::1', '2001:db8::1'], master: 'fe80::5054:ff:fe12:3456' }),
  ]);

export const splitReport = (): Report => report([router(52), splitRouter(), router(7, { vlan: 100 })]);

/** Newest is vrid 52. */
export const twoSplitReport = (): Report =>
  report([
    splitRouter(),
    splitRouter({ vrid: 52, stateSinceUs: ago(12), splitBrains: [splitBrain({ startUs: ago(12) })] }),
    router(53),
  ]);

export const contestedReport = (): Report =>
  report([splitRouter({ state: 'contested', stateSinceUs: ago(2), splitBrains: [] })], 'warning');

export const silentReport = (): Report =>
  report([router(52, { state: 'silent', stateSinceUs: ago(8), master: null }), router(53)], 'warning');

/** Every VRID there is. */
export const fullReport = (): Report => report(Array.from({ length: 255 }, (_, i) => router(i + 1)));

export function identity(of: VirtualRouterReport): RouterIdentity {
  const { key, capture: name, interface: interfaceName, vlan, family, vrid, addresses } = of;
  return { key, capture: name, interface: interfaceName, vlan, family, vrid, addresses };
}

/** Oldest first, as the dashboard gets them. */
export function splitEvents(): readonly RouterEvent[] {
  const about = splitRouter();
  const of = identity(about);
  return [
    { event: 'router-seen', atUs: ago(900), router: of },
    { event: 'advertiser-seen', atUs: ago(900), router: of, source: '10.0.0.2', mac: null, priority: 150 },
    ...takeovers.map((takeover) => ({
      event: 'takeover' as const,
      atUs: takeover.atUs,
      router: of,
      takeover,
      priority: 100,
    })),
    { event: 'contested', atUs: ago(41), router: of, claimants: ['10.0.0.2', '10.0.0.3'], winner: '10.0.0.2' },
    {
      event: 'split-brain-confirmed',
      atUs: ago(38),
      router: of,
      splitBrain: splitBrain(),
      winnerPriority: 150,
      isCorrection: false,
    },
  ];
}

export function captureNamed(name: string): Report['captures'][number] {
  return {
    name,
    format: 'pcap',
    linkType: 'ETHERNET',
    packets: 100,
    adverts: 90,
    firstUs: ago(90),
    lastUs: NOW_US,
    truncated: false,
    dropped: null,
  };
}
