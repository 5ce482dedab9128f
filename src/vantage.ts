import { networkInterfaces } from 'node:os';
import type { Report } from './analyzer/report.ts';

/**
 * What the place of listening keeps from view, in a sentence; null when both sides were heard from outside.
 *
 * A node hears itself always. When it hears nobody else, its neighbour may be a proper backup, or a second master
 * behind a broken path: the wire of this host cannot tell.
 */
export function vantageOf(report: Report): string | null {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => bare(address)) ?? []),
  );
  const sources = report.virtualRouters.flatMap(({ advertisers }) => advertisers.map(({ source }) => source));
  if (sources.length === 0 || !sources.every((source) => own.has(source))) return null;
  return 'heard only this host itself; another master may be out of hearing';
}

/** Without the zone of a link-local address. */
function bare(address: string): string {
  return address.split('%')[0] ?? address;
}
