import { formatAddress, formatMac, formatVlan } from '../decoder/address.ts';
import type { Advertiser } from './advertiser.ts';
import type { Analyzer } from './analyzer.ts';
import { addressesDiffer, authTypeOf, mismatches, nameOf } from './compatibility.ts';
import { type Expectation, expectedKey, isExpected, type RouterPlace, unheard } from './expectation.ts';
import type { AdvertiserReport, CaptureReport, Finding, Report, Verdict, VirtualRouterReport } from './report.ts';
import { isAbsent } from './timers.ts';
import { compareVantagePoints, type View } from './vantage-points.ts';
import type { VirtualRouter } from './virtual-router.ts';

/** One capture and what its analyzer found. */
export interface Watched {
  readonly analyzer: Analyzer;
  readonly capture: CaptureReport;
  /** Why the capture does not tell everything: damaged, lost; null when it does. */
  readonly trouble: string | null;
}

export interface Describing {
  /** Include plain-text passwords. */
  readonly showSecrets?: boolean;
  /** The captures were made in several places of one segment; those of several interfaces are not. */
  readonly areVantagePoints?: boolean;
}

/**
 * The report over all captures. The worst of them decides; a damaged capture makes the verdict unknown unless another
 * proves worse, and so does silence in all of them.
 */
export function describe(
  watched: readonly Watched[],
  { showSecrets = false, areVantagePoints = false }: Describing = {},
): Report {
  const views: View[] = [];
  const findings: Finding[] = [];
  for (const { analyzer, capture, trouble } of watched) {
    const routers = [...analyzer.routers].sort(byPlace);
    const lastUs = capture.lastUs ?? analyzer.nowUs;
    views.push(...routers.map((router) => ({ router, report: describeRouter(router, showSecrets), lastUs })));
    findings.push(...analyzer.findings.list());
    if (trouble !== null) findings.push(truncation(capture, trouble));
  }
  const virtualRouters = areVantagePoints ? compareVantagePoints(views) : views.map(({ report }) => report);
  const expectations = watched[0]?.analyzer.expectations ?? [];
  virtualRouters.push(...unheard(expectations, virtualRouters).map(unheardRouter));
  const captures = watched.map(({ capture }) => capture);
  return { ...judge(virtualRouters, findings, expectations, watched), captures, virtualRouters, findings };
}

function judge(
  routers: readonly VirtualRouterReport[],
  findings: readonly Finding[],
  expectations: readonly Expectation[],
  watched: readonly Watched[],
): { verdict: Verdict; exitStatus: number } {
  const all = [...findings, ...routers.flatMap((router) => router.findings)];
  if (routers.some((router) => router.splitBrains.length > 0)) return { verdict: 'split-brain', exitStatus: 2 };
  const isTroubled = watched.some(({ trouble }) => trouble !== null);
  const isExpectedSilent = routers.some(
    (router) =>
      router.state === 'silent' &&
      isExpected(expectations, router) &&
      // Who was never heard may have been where the capture has its gap.
      !(isTroubled && router.advertisers.length === 0),
  );
  const isHeard = routers.some((router) => router.advertisers.length > 0);
  if (isExpectedSilent || all.some(({ severity }) => severity === 'critical'))
    return { verdict: 'warning', exitStatus: 2 };
  if (!isHeard || isTroubled) return { verdict: 'unknown', exitStatus: 3 };
  const isUneasy =
    all.some(({ severity }) => severity === 'warning') ||
    routers.some(({ state }) => state !== 'ok') ||
    watched.some(({ analyzer }) => analyzer.routers.some((router) => router.history.contentions.length > 0));
  return isUneasy ? { verdict: 'warning', exitStatus: 1 } : { verdict: 'ok', exitStatus: 0 };
}

/** One virtual router as it stands. */
function describeRouter(router: VirtualRouter, showSecrets: boolean): VirtualRouterReport {
  const { segment } = router;
  return {
    key: router.key,
    capture: segment.capture,
    interface: segment.interfaceName,
    vlan: formatVlan(segment.vlan),
    family: router.family,
    vrid: router.vrid,
    state: router.state,
    stateSinceUs: router.stateSinceUs,
    addresses: router.addresses,
    master: (router.holding.rightful ?? router.master)?.source ?? null,
    advertisers: router.advertisers.map((advertiser) => describeAdvertiser(advertiser, showSecrets)),
    splitBrains: router.history.splitBrains.map((splitBrain) => splitBrain.describe()),
    contentions: [...router.history.contentions],
    takeovers: [...router.history.takeovers],
    findings: [...router.findings.list(), ...quarrels(router)],
  };
}

function describeAdvertiser(advertiser: Advertiser, showSecrets: boolean): AdvertiserReport {
  return {
    source: advertiser.source,
    mac: formatMac(advertiser.mac),
    version: advertiser.version,
    priority: advertiser.resignedUs === null ? advertiser.priority : 0,
    priorities: [...advertiser.priorities],
    intervalUs: advertiser.paceUs,
    authType: authTypeOf(advertiser),
    password: showSecrets && advertiser.authType === 1 ? passwordOf(advertiser.auth) : null,
    addresses: advertiser.addresses,
    unicast: !advertiser.multicast,
    group: advertiser.multicast ? formatAddress(advertiser.destination, 0, advertiser.family) : null,
    adverts: advertiser.adverts,
    firstUs: advertiser.firstUs,
    lastUs: advertiser.lastUs,
    resignedUs: advertiser.resignedUs,
    claiming: advertiser.claiming,
    lane: advertiser.lane.copy(),
  };
}

/** Members whose settings differ although none of them claims what another holds: harmless until the next failover. */
function quarrels(router: VirtualRouter): Finding[] {
  if (router.state === 'split-brain') return [];
  const { advertisers } = router;
  for (const [i, a] of advertisers.entries()) {
    for (const b of advertisers.slice(i + 1)) {
      // What one said before the other was set anew is not held against it, nor what its predecessor said.
      if (a.settingsChangedUs > b.lastUs || b.settingsChangedUs > a.lastUs || a.source === b.source) continue;
      if (isAbsent(a.lastUs, b.firstUs) || isAbsent(b.lastUs, a.firstUs)) continue;
      const atUs = Math.max(a.firstUs, b.firstUs);
      const owners = a.priority === 255 && b.priority === 255;
      if (owners) {
        const summary = `${a.source} and ${b.source} both have priority 255, which is for the one owner of the addresses`;
        return [{ code: 'config-mismatch', severity: 'warning', summary, atUs, count: 1 }];
      }
      const [mismatch] = mismatches(a, b);
      if (mismatch === undefined) continue;
      const { field, values } = mismatch.differs;
      const text = [nameOf(a, b), nameOf(b, a)].map((name) => `${name}: ${values[name]}`).join(', ');
      const danger = addressesDiffer(a, b)
        ? 'keepalived up to 2.3.2 splits over it'
        : 'the next failover splits over it';
      const summary = `the members differ in ${field} (${text}); ${danger}`;
      return [{ code: 'config-mismatch', severity: 'warning', summary, atUs, count: 1 }];
    }
  }
  return [];
}

function truncation(capture: CaptureReport, trouble: string): Finding {
  return {
    code: 'capture-truncated',
    severity: 'warning',
    summary: `${capture.name} ${trouble}`,
    atUs: capture.lastUs,
    count: 1,
  };
}

function unheardRouter({ family, vrid }: RouterPlace): VirtualRouterReport {
  return {
    key: expectedKey({ family, vrid }),
    capture: '',
    interface: null,
    vlan: null,
    family,
    vrid,
    state: 'silent',
    stateSinceUs: null,
    addresses: [],
    master: null,
    advertisers: [],
    splitBrains: [],
    contentions: [],
    takeovers: [],
    findings: [],
  };
}

function passwordOf(auth: Uint8Array): string {
  let text = '';
  for (const byte of auth) {
    if (byte === 0) break;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

function byPlace(a: VirtualRouter, b: VirtualRouter): number {
  const [first, second] = [a.segment.interfaceName ?? '', b.segment.interfaceName ?? ''];
  if (first !== second) return first < second ? -1 : 1;
  return a.segment.vlan - b.segment.vlan || a.vrid - b.vrid || a.family - b.family;
}
