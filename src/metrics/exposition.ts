import { Counter, Gauge, Registry } from 'prom-client';
import type { AdvertiserReport, Report, VirtualRouterReport } from '../analyzer/report.ts';
import { printable } from '../output/escape.ts';
import { mastersOf } from '../output/headline.ts';
import { seconds } from '../output/time.ts';

declare const VRRPWATCH_VERSION: string;

/** Virtual routers with series of their own. A segment has few; Prometheus must not drown in a flood of invented ones. */
const ROUTERS_MAX = 512;

/** Advertisers and addresses of one virtual router with series of their own. */
const SOURCES_MAX = 16;
const ADDRESSES_MAX = 32;

/** Series per source and address altogether: 512 virtual routers of two nodes with three addresses are 3072. */
const SOURCE_SERIES_MAX = 8192;

const ROUTER_LABELS = ['intf', 'vlan', 'family', 'vrid'] as const;
const SOURCE_LABELS = [...ROUTER_LABELS, 'source'] as const;

type RouterLabels = Readonly<Record<(typeof ROUTER_LABELS)[number], string>>;

/** What happened to a virtual router since the start. */
export interface RouterCounts {
  readonly transitions: number;
  readonly splitBrains: number;
}

/** The format that Prometheus and the textfile collector read. */
export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * The report in Prometheus' text format. What changes is a value and never a label, so that no series jumps.
 *
 * @param countsOf by default what the report remembers
 */
export function metricsText(
  report: Report,
  countsOf: (router: VirtualRouterReport) => RouterCounts = remembered,
): Promise<string> {
  const registry = new Registry();
  addProgramMetrics(registry, report);
  addCaptureMetrics(registry, report);
  addRouterMetrics(registry, report, countsOf);
  return registry.metrics();
}

function remembered({ takeovers, splitBrains }: VirtualRouterReport): RouterCounts {
  return { transitions: takeovers.length, splitBrains: splitBrains.length };
}

function addProgramMetrics(registry: Registry, report: Report): void {
  const info = gauge(registry, 'build_info', 'The version that runs, always 1.', ['version'] as const);
  info.set({ version: VRRPWATCH_VERSION }, 1);
  gauge(registry, 'exit_status', 'Verdict: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.', []).set(report.exitStatus);
  const routers = gauge(registry, 'virtual_routers', 'Virtual routers heard, those without series included.', []);
  routers.set(report.virtualRouters.filter(({ advertisers }) => advertisers.length > 0).length);
}

function addCaptureMetrics(registry: Registry, { captures }: Report): void {
  const labels = ['intf'] as const;
  const up = gauge(registry, 'capture_up', 'Whether packets can be seen: 0 while the capture is lost.', labels);
  const packets = counter(registry, 'capture_packets_total', 'Packets that passed the capture filter.', labels);
  const drops = counter(registry, 'capture_drops_total', 'Packets that the capture lost.', labels);
  for (const { name, truncated, packets: seen, dropped } of captures) {
    const intf = printable(name);
    up.set({ intf }, truncated ? 0 : 1);
    packets.inc({ intf }, seen);
    if (dropped !== null) drops.inc({ intf }, dropped);
  }
}

function addRouterMetrics(
  registry: Registry,
  report: Report,
  countsOf: (router: VirtualRouterReport) => RouterCounts,
): void {
  const masters = gauge(registry, 'masters', 'Nodes that claim to be master at the moment.', ROUTER_LABELS);
  const split = gauge(registry, 'split_brain', '1 while there is a split brain.', ROUTER_LABELS);
  const splits = counter(registry, 'split_brains_total', 'Split brains that began.', ROUTER_LABELS);
  const problem = gauge(registry, 'problem', '1 per cause of a split brain that goes on.', [...ROUTER_LABELS, 'cause']);
  const findings = gauge(registry, 'findings', 'How often a finding was made.', [...ROUTER_LABELS, 'code']);
  const moves = counter(registry, 'transitions_total', 'Takeovers: another node became master.', ROUTER_LABELS);
  const gap = gauge(registry, 'advert_gap_seconds', 'Time without a master at the last takeover.', ROUTER_LABELS);
  const last = gauge(registry, 'last_advert_timestamp_seconds', 'Time of the last advertisement.', ROUTER_LABELS);
  const worst = new Worst();
  for (const router of report.virtualRouters.slice(0, ROUTERS_MAX)) {
    const labels = routerLabels(report, router);
    const isSplit = router.splitBrains.some(({ endUs }) => endUs === null);
    worst.set(masters, labels, mastersOf(router));
    worst.set(split, labels, isSplit ? 1 : 0);
    const { transitions, splitBrains } = countsOf(router);
    moves.inc(labels, transitions);
    splits.inc(labels, splitBrains);
    for (const { endUs, cause } of router.splitBrains) {
      // Once it is over the series stays, as 0, for as long as the split brain is remembered.
      worst.set(problem, { ...labels, cause: cause.code }, endUs === null ? 1 : 0);
    }
    for (const { code, count } of router.findings) findings.inc({ ...labels, code }, count);
    const takeover = router.takeovers.at(-1);
    if (takeover !== undefined) worst.set(gap, labels, seconds(takeover.gapUs));
    const lastUs = Math.max(0, ...router.advertisers.map((advertiser) => advertiser.lastUs));
    if (lastUs > 0) worst.set(last, labels, seconds(lastUs));
  }
  // Of no virtual router in particular.
  const none = { intf: '', vlan: '', family: '', vrid: '' };
  for (const { code, count } of report.findings) findings.inc({ ...none, code }, count);
  addSourceMetrics(registry, report);
}

function addSourceMetrics(registry: Registry, report: Report): void {
  const adverts = counter(
    registry,
    'advertisements_total',
    'Advertisements heard, copies counted once.',
    SOURCE_LABELS,
  );
  const priority = gauge(registry, 'priority', 'Priority in the last advertisement; 0: resigned.', SOURCE_LABELS);
  const labelNames = [...SOURCE_LABELS, 'address'];
  const master = gauge(
    registry,
    'address_master',
    '1 for the node that holds the address by the election.',
    labelNames,
  );
  let series = 0;
  for (const router of report.virtualRouters.slice(0, ROUTERS_MAX)) {
    const labels = routerLabels(report, router);
    const addresses = router.addresses.slice(0, ADDRESSES_MAX);
    for (const advertiser of foremost(router.advertisers)) {
      series += 2 + addresses.length;
      if (series > SOURCE_SERIES_MAX) return;
      const sourceLabels = { ...labels, source: printable(advertiser.source) };
      adverts.inc(sourceLabels, advertiser.adverts);
      priority.set(sourceLabels, advertiser.priority);
      for (const address of addresses) {
        const isMaster = advertiser.source === router.master && advertiser.addresses.includes(address);
        // Two nodes may share an address by mistake: one of them being master counts.
        if (isMaster) master.set({ ...sourceLabels, address }, 1);
        else master.inc({ ...sourceLabels, address }, 0);
      }
    }
  }
}

/** Of a flood of senders those that claim the addresses and those heard the most, in the order in which they came. */
function foremost(advertisers: readonly AdvertiserReport[]): readonly AdvertiserReport[] {
  if (advertisers.length <= SOURCES_MAX) return advertisers;
  const ranked = advertisers.toSorted((a, b) => Number(b.claiming) - Number(a.claiming) || b.adverts - a.adverts);
  const kept = new Set(ranked.slice(0, SOURCES_MAX));
  return advertisers.filter((advertiser) => kept.has(advertiser));
}

/** Virtual routers that share their labels, as those of `-i any` may, show the highest value of any of them. */
class Worst {
  readonly #values = new Map<Gauge<string>, Map<string, number>>();

  set(gauge: Gauge<string>, labels: Readonly<Record<string, string>>, value: number): void {
    const values = this.#values.get(gauge) ?? new Map<string, number>();
    this.#values.set(gauge, values);
    const key = JSON.stringify(labels);
    const highest = Math.max(value, values.get(key) ?? value);
    values.set(key, highest);
    gauge.set(labels, highest);
  }
}

function routerLabels(
  report: Report,
  { capture, interface: name, vlan, family, vrid }: VirtualRouterReport,
): RouterLabels {
  const isOneOfSeveral = name !== null && report.captures.length > 1 && capture !== name;
  return {
    intf: printable(isOneOfSeveral ? `${capture}:${name}` : (name ?? capture)),
    vlan: vlan === null ? '' : String(vlan),
    family: String(family),
    vrid: String(vrid),
  };
}

function gauge<T extends string>(registry: Registry, name: string, help: string, labelNames: readonly T[]): Gauge<T> {
  return new Gauge({ name: `vrrpwatch_${name}`, help, labelNames, registers: [registry] });
}

function counter<T extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly T[],
): Counter<T> {
  return new Counter({ name: `vrrpwatch_${name}`, help, labelNames, registers: [registry] });
}
