import { networkInterfaces } from 'node:os';
import type { Report } from '../analyzer/report.ts';

/**
 * What the place of listening keeps from view, in a sentence; null when somebody else was heard for every virtual router.
 *
 * A node hears itself always. When it hears nobody else, its neighbour may be a proper backup, or a second master
 * behind a broken path: the wire of this host cannot tell.
 */
export function vantageOf(report: Report): string | null {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => bare(address)) ?? []),
  );
  const heard = report.virtualRouters.filter(({ advertisers }) => advertisers.length > 0);
  const lone = heard.filter(({ advertisers }) => advertisers.every(({ source }) => own.has(source)));
  if (lone.length === 0) return null;
  const vrids = [...new Set(lone.map(({ vrid }) => vrid))].join(', ');
  const where = lone.length === heard.length ? '' : ` for vrid ${vrids}`;
  return `heard only this host itself${where}; another master may be out of hearing`;
}

/** Without the zone of a link-local address. */
function bare(address: string): string {
  return address.split('%')[0] ?? address;
}
