import type { Report, VirtualRouterReport } from '../analyzer/report.ts';
import { ranges } from '../text.ts';
import { printable } from './escape.ts';
import { columns, hanging } from './layout.ts';
import { paint, type ReportStyle } from './style.ts';

const VRID_MAX = 255;

/** The VRIDs of each broadcast domain: who uses which for what, and which nobody was heard to use. */
export function vridLines(report: Report, style: ReportStyle): readonly string[] {
  const segments = new Map<string, VirtualRouterReport[]>();
  for (const router of report.virtualRouters) {
    if (router.advertisers.length === 0) continue;
    const name = segmentName(router);
    const known = segments.get(name);
    if (known === undefined) segments.set(name, [router]);
    else known.push(router);
  }
  return [...segments].flatMap(([name, routers]) => segmentLines(name, routers, style));
}

function segmentName({ capture, interface: interfaceName, vlan }: VirtualRouterReport): string {
  const place = interfaceName === null || interfaceName === capture ? capture : `${interfaceName} in ${capture}`;
  return vlan === null ? place : `${place}, VLAN ${vlan}`;
}

function segmentLines(name: string, routers: readonly VirtualRouterReport[], style: ReportStyle): readonly string[] {
  const used = new Set(routers.map(({ vrid }) => vrid));
  const free: number[] = [];
  for (let vrid = 1; vrid <= VRID_MAX; vrid++) if (!used.has(vrid)) free.push(vrid);
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
    ...hanging('  free, as far as was heard: ', ranges(free).replaceAll(' ', ', '), style.width),
  ];
}
