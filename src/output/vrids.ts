import type { Report, VirtualRouterReport } from '../analyzer/report.ts';
import { printable } from './escape.ts';
import { ranges } from './grid-text.ts';
import { columns, hanging } from './layout.ts';
import { paint, type ReportStyle } from './style.ts';

/** 0 is none (RFC 9568 §5.2.3). */
export const VRID_MAX = 255;

/** Where a VRID must not be used twice: one interface or file, one VLAN. */
export interface VridSpace {
  readonly name: string;
  /** Those that were heard, of both families. */
  readonly routers: readonly VirtualRouterReport[];
}

/** The VRIDs of each broadcast domain: who uses which for what, and which nobody was heard to use. */
export function vridLines(report: Report, style: ReportStyle): readonly string[] {
  return vridSpaces(report).flatMap((space) => spaceLines(space, style));
}

/** The broadcast domains of the report in which anybody was heard. */
export function vridSpaces(report: Report): readonly VridSpace[] {
  const spaces = new Map<string, VirtualRouterReport[]>();
  for (const router of report.virtualRouters) {
    if (router.advertisers.length === 0) continue;
    const name = spaceName(router);
    const known = spaces.get(name);
    if (known === undefined) spaces.set(name, [router]);
    else known.push(router);
  }
  return [...spaces].map(([name, routers]) => ({ name, routers }));
}

/** VRIDs that nobody was heard to use, for either family. */
export function unheardVrids({ routers }: VridSpace): readonly number[] {
  const used = new Set(routers.map(({ vrid }) => vrid));
  const unheard: number[] = [];
  for (let vrid = 1; vrid <= VRID_MAX; vrid++) if (!used.has(vrid)) unheard.push(vrid);
  return unheard;
}

function spaceName({ capture, interface: interfaceName, vlan }: VirtualRouterReport): string {
  const place = interfaceName === null || interfaceName === capture ? capture : `${interfaceName} in ${capture}`;
  return vlan === null ? place : `${place}, VLAN ${vlan}`;
}

function spaceLines(space: VridSpace, style: ReportStyle): readonly string[] {
  const { name, routers } = space;
  const rows = [...routers]
    .sort((a, b) => a.vrid - b.vrid || a.family - b.family)
    .map(({ vrid, family, addresses, advertisers }) => [
      String(vrid),
      `IPv${family}`,
      `${addresses.join(' ') || 'no addresses'}  by ${advertisers.map(({ source }) => source).join(' ')}`,
    ]);
  const heads = columns(
    rows.map(([vrid = '', family = '']) => [vrid, family]),
    new Set([0]),
  );
  const title = hanging('', printable(`VRIDs on ${name}`, style.ascii), style.width);
  return [
    ...title.map((line) => paint(line, 'strong', style)),
    ...rows.flatMap((row, i) => hanging(`  ${heads[i] ?? ''}  `, printable(row[2] ?? '', style.ascii), style.width)),
    ...hanging('  free, as far as was heard: ', ranges(unheardVrids(space)).replaceAll(' ', ', '), style.width),
  ];
}
