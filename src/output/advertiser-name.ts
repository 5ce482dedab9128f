import type { AdvertiserReport, VirtualRouterReport } from '../analyzer/report.ts';
import { claimedPriority } from './headline.ts';

/** True when they are among those that a split brain names: two nodes with one address by their hardware addresses. */
export function isNamed(names: readonly string[], { source, mac }: AdvertiserReport): boolean {
  return names.includes(source) || names.includes(`${source} (${mac ?? 'no hardware address'})`);
}

/** Whom a split brain calls by that name, if it was heard to advertise. */
export function advertiserNamed(advertisers: readonly AdvertiserReport[], name: string): AdvertiserReport | undefined {
  return advertisers.find((advertiser) => isNamed([name], advertiser));
}

/**
 * `10.0.0.2 (priority 150)`, of two nodes with one address `10.0.0.2 (00:50:56:aa:01:02, priority 150)`. Whoever was heard
 * to resign alone has told no priority.
 */
export function rankedName(name: string, advertisers: readonly AdvertiserReport[]): string {
  const advertiser = advertiserNamed(advertisers, name);
  if (advertiser === undefined) return name;
  const rank = `priority ${claimedPriority(advertiser) || 'unknown'})`;
  return name.endsWith(')') ? `${name.slice(0, -1)}, ${rank}` : `${name} (${rank}`;
}

/** What stands before its line: two nodes with one address are told apart by their hardware address. */
export function shortName({ source, mac }: AdvertiserReport, advertisers: readonly AdvertiserReport[]): string {
  const isTwin = advertisers.filter((other) => other.source === source).length > 1;
  return isTwin && mac !== null ? mac : source;
}

/** Whom a virtual router calls its master: of two nodes with that address the rightful one, or the one that still claims. */
export function masterAmong({ advertisers, master, splitBrains }: VirtualRouterReport): AdvertiserReport | undefined {
  const candidates = advertisers.filter(({ source }) => source === master);
  const split = splitBrains.find(({ endUs }) => endUs === null);
  const rightful = split === undefined ? undefined : advertiserNamed(candidates, split.winner);
  return rightful ?? candidates.find(({ claiming }) => claiming) ?? candidates[0];
}
