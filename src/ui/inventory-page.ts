import type { Report, VirtualRouterReport } from '../analyzer/report.ts';
import { ranges, wrap } from '../output/grid-text.ts';
import { unheardVrids, VRID_MAX, vridSpaces } from '../output/vrids.ts';
import type { LineContent, Span } from './paint.ts';
import { isAlarming } from './routers.ts';
import { addressList } from './table.ts';

const PER_LINE = 16;

/** All 255 VRIDs of a broadcast domain, who uses which, and which are free as far as was heard. */
export function inventoryPage(report: Report, chosen: number, width: number): readonly LineContent[] {
  const spaces = vridSpaces(report);
  const space = spaces[chosen % Math.max(1, spaces.length)] ?? { name: 'no segment yet', routers: [] };
  const place = spaces.length > 1 ? `  (${(chosen % spaces.length) + 1} of ${spaces.length}, s: next)` : '';
  const routers = [...space.routers].sort((a, b) => a.vrid - b.vrid || a.family - b.family);
  const used = new Map<number, VirtualRouterReport[]>();
  for (const router of routers) used.set(router.vrid, [...(used.get(router.vrid) ?? []), router]);
  const free = unheardVrids(space);
  return [
    [
      { text: `VRIDs on ${space.name}`, role: 'strong' },
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
    ...routers.map((router) => usedLine(router, width)),
  ];
}

function grid(used: ReadonlyMap<number, readonly VirtualRouterReport[]>): readonly LineContent[] {
  const lines: LineContent[] = [];
  for (let start = 0; start <= VRID_MAX; start += PER_LINE) {
    const spans: Span[] = [];
    for (let vrid = start; vrid < start + PER_LINE; vrid++) spans.push(gridCell(vrid, used.get(vrid)));
    lines.push(spans);
  }
  return lines;
}

function gridCell(vrid: number, routers: readonly VirtualRouterReport[] | undefined): Span {
  // VRID 0 does not exist; its place keeps the columns straight.
  if (vrid === 0) return { text: '', width: 5 };
  const number = String(vrid).padStart(3);
  if (routers === undefined) return { text: ` ${number} `, role: 'faint' };
  return routers.some(({ state }) => isAlarming(state))
    ? { text: `!${number}!`, role: 'alarm-badge' }
    : { text: `[${number}]`, role: 'strong' };
}

function usedLine(router: VirtualRouterReport, width: number): LineContent {
  const sources = router.advertisers.map((advertiser) => advertiser.source).join(' ');
  return [
    { text: String(router.vrid), width: 4, align: 'right', role: 'strong' },
    { text: `  IPv${router.family}` },
    { text: `  ${addressList(router.addresses, Math.floor(width / 3))}`, width: Math.floor(width / 3) + 3 },
    { text: `by ${sources}` },
  ];
}
