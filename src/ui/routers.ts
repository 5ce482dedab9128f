import type {
  AdvertiserReport,
  Report,
  RouterState,
  SplitBrainReport,
  VirtualRouterReport,
} from '../analyzer/report.ts';
import { isNamed, masterAmong } from '../output/advertiser-name.ts';
import { routerName } from '../output/router-name.ts';
import type { Role } from './theme.ts';

/** A split brain and where it is. */
export interface Alarm {
  readonly key: string;
  readonly router: VirtualRouterReport;
  readonly splitBrain: SplitBrainReport;
}

/** Newest first. */
export function alarmsOf(report: Report): readonly Alarm[] {
  const alarms: Alarm[] = [];
  for (const router of report.virtualRouters) {
    for (const splitBrain of router.splitBrains) {
      if (splitBrain.endUs !== null) continue;
      alarms.push({ key: `${router.key}|${splitBrain.startUs}`, router, splitBrain });
    }
  }
  return alarms.sort((a, b) => b.splitBrain.startUs - a.splitBrain.startUs || a.router.vrid - b.router.vrid);
}

/** The split brain that ended last, for a post-mortem; `only` looks at one virtual router. */
export function lastEnded(report: Report, only: VirtualRouterReport | null = null): Alarm | null {
  let last: Alarm | null = null;
  for (const router of only === null ? report.virtualRouters : [only]) {
    for (const splitBrain of router.splitBrains) {
      if (splitBrain.endUs === null || splitBrain.endUs < (last?.splitBrain.endUs ?? 0)) continue;
      last = { key: `${router.key}|${splitBrain.startUs}`, router, splitBrain };
    }
  }
  return last;
}

/** Those with an alarm first, then by interface, VLAN, family and number; only what contains `filter`. */
export function shownRouters(report: Report, filter: string): readonly VirtualRouterReport[] {
  const words = filter.toLowerCase().split(' ').filter(Boolean);
  return report.virtualRouters
    .filter((router) => words.every((word) => matches(router, word)))
    .sort((a, b) => stateOrder(a) - stateOrder(b) || compareIdentity(a, b));
}

/** False also when virtual routers are expected and none of them was heard. */
export function isAnybodyHeard({ virtualRouters }: Report): boolean {
  return virtualRouters.some(({ advertisers }) => advertisers.length > 0);
}

/** How a state is written: capitals for what asks for a look, so that it shows without colour. */
export function stateWord(state: RouterState): string {
  switch (state) {
    case 'split-brain':
      return 'SPLIT BRAIN';
    case 'contested':
      return 'CONTESTED';
    case 'silent':
      return 'SILENT';
    case 'ok':
    case 'handover':
      return state;
  }
}

export function stateRole(state: RouterState): Role {
  switch (state) {
    case 'split-brain':
      return 'alarm-badge';
    case 'silent':
      return 'alarm';
    case 'contested':
      return 'warning';
    case 'ok':
      return 'ok';
    case 'handover':
      return 'plain';
  }
}

/** True for the states that ask for a look. */
export function isAlarming(state: RouterState): boolean {
  return state === 'split-brain' || state === 'silent' || state === 'contested';
}

export function ongoingSplitBrain(router: VirtualRouterReport): SplitBrainReport | null {
  return router.splitBrains.find((splitBrain) => splitBrain.endUs === null) ?? null;
}

/** The one whose settings stand for the virtual router: its master, else whoever was heard last. */
export function leadAdvertiser(router: VirtualRouterReport): AdvertiserReport | null {
  const master = masterAmong(router);
  if (master !== undefined) return master;
  return router.advertisers.reduce<AdvertiserReport | null>(
    (latest, advertiser) => (latest === null || advertiser.lastUs > latest.lastUs ? advertiser : latest),
    null,
  );
}

/** The advertisers that claim the addresses beside the lead, those of a split brain included. */
export function otherClaimants(router: VirtualRouterReport): readonly AdvertiserReport[] {
  const lead = leadAdvertiser(router);
  const claimants = ongoingSplitBrain(router)?.claimants ?? [];
  return router.advertisers.filter(
    (advertiser) =>
      advertiser !== lead && (isNamed(claimants, advertiser) || (router.state === 'contested' && advertiser.claiming)),
  );
}

function stateOrder(router: VirtualRouterReport): number {
  return router.state === 'split-brain' ? 0 : 1;
}

function compareIdentity(a: VirtualRouterReport, b: VirtualRouterReport): number {
  return (
    compareText(a.interface ?? a.capture, b.interface ?? b.capture) ||
    compareText(String(a.vlan ?? ''), String(b.vlan ?? '')) ||
    a.family - b.family ||
    a.vrid - b.vrid
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function matches(router: VirtualRouterReport, word: string): boolean {
  // A bare number is meant as a VRID: as text, 1 would match every address.
  if (/^\d{1,3}$/.test(word)) return router.vrid === Number(word) || String(router.vlan) === word;
  const text = [
    routerName(router),
    stateWord(router.state),
    router.state,
    router.capture,
    ...router.addresses,
    ...router.advertisers.map((advertiser) => advertiser.source),
  ];
  return text.some((part) => part.toLowerCase().includes(word));
}
