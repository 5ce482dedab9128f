import type { Report, VirtualRouterReport } from '../analyzer/report.ts';
import { ranges, wrap } from '../text.ts';
import type { LineContent, Span } from './paint.ts';
import { isAlarming } from './routers.ts';
import { addressList } from './table.ts';

const VRID_MAX = 255;
const PER_LINE = 16;

/** Where VRIDs must not be used twice: one interface or file, one VLAN, one address family. */
export interface Segment {
  readonly name: string;
  readonly routers: readonly VirtualRouterReport[];
}

function segmentsOf(report: Report): readonly Segment[] {
  const segments = new Map<string, VirtualRouterReport[]>();
  for (const router of report.virtualRouters) {
    const vlan = router.vlan === null ? '' : `, VLAN ${router.vlan}`;
    const name = `${router.interface ?? router.capture}${vlan}, IPv${router.family}`;
    const known = segments.get(name);
    if (known === undefined) segments.set(name, [router]);
    else known.push(router);
  }
  return [...segments].map(([name, routers]) => ({ name, routers }));
}

/** All 255 VRIDs of a segment, who uses which, and which are free as far as was heard. */
export function inventoryPage(report: Report, chosen: number, width: number): readonly LineContent[] {
  const segments = segmentsOf(report);
  const segment = segments[chosen % Math.max(1, segments.length)];
  const place = segments.length > 1 ? `  (${(chosen % segments.length) + 1} of ${segments.length}, s: next)` : '';
  const used = new Map((segment?.routers ?? []).map((router) => [router.vrid, router]));
  const free: number[] = [];
  for (let vrid = 1; vrid <= VRID_MAX; vrid++) if (!used.has(vrid)) free.push(vrid);
  return [
    [
      { text: `VRIDs on ${segment?.name ?? 'no segment yet'}`, role: 'strong' },
      { text: `: ${used.size} used, ${free.length} not heard${place}` },
    ],
    ...grid(used),
    [
      { text: '[51]', role: 'strong' },
      { text: ' used   ' },
      { text: '!51!', role: 'alarm-badge' },
      { text: ' used and in alarm   51 not heard while watching' },
    ],
    ...wrap(`free: ${ranges(free)}`, width),
    '',
    ...[...used.values()].sort((a, b) => a.vrid - b.vrid).map((router) => usedLine(router, width)),
  ];
}

function grid(used: ReadonlyMap<number, VirtualRouterReport>): readonly LineContent[] {
  const lines: LineContent[] = [];
  for (let start = 0; start <= VRID_MAX; start += PER_LINE) {
    const spans: Span[] = [];
    for (let vrid = start; vrid < start + PER_LINE; vrid++) spans.push(gridCell(vrid, used.get(vrid)));
    lines.push(spans);
  }
  return lines;
}

function gridCell(vrid: number, router: VirtualRouterReport | undefined): Span {
  // VRID 0 does not exist; its place keeps the columns straight.
  if (vrid === 0) return { text: '', width: 5 };
  const number = String(vrid).padStart(3);
  if (router === undefined) return { text: ` ${number} `, role: 'faint' };
  return isAlarming(router.state)
    ? { text: `!${number}!`, role: 'alarm-badge' }
    : { text: `[${number}]`, role: 'strong' };
}

function usedLine(router: VirtualRouterReport, width: number): LineContent {
  const sources = router.advertisers.map((advertiser) => advertiser.source).join(' ');
  return [
    { text: String(router.vrid), width: 4, align: 'right', role: 'strong' },
    { text: `  ${addressList(router.addresses, Math.floor(width / 3))}`, width: Math.floor(width / 3) + 3 },
    { text: `by ${sources}` },
  ];
}
