import type { AdvertiserReport, Report, VirtualRouterReport } from '../analyzer/report.ts';
import { isNamed, shortName } from '../output/advertiser-name.ts';
import type { LineContent, Span } from './paint.ts';
import { isAlarming, leadAdvertiser, ongoingSplitBrain, otherClaimants, stateRole, stateWord } from './routers.ts';
import type { Role } from './theme.ts';
import { clockOf, formatAge, formatCount, formatShortInterval } from './time.ts';

/** From this width on the table has the columns that answer a second look. */
export const WIDE_COLUMNS = 110;
/** Addresses and master at their shortest, `192.168.100.200` each. */
const NAMES_MIN = 32;
/** Below this the settings give way to the addresses; the detail view has them. */
const SETTINGS_COLUMNS = 76;

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align?: 'right' | 'middle';
  readonly cell: (entry: Entry) => string | Span;
}

/** One line of the table: a virtual router, or another claimant of the router above. */
interface Entry {
  readonly router: VirtualRouterReport;
  readonly advertiser: AdvertiserReport | null;
  readonly isFirst: boolean;
  readonly isSelected: boolean;
  readonly nowUs: number;
}

export interface Table {
  readonly head: LineContent;
  /** How many lines there are; of hundreds only those in sight are made. */
  readonly length: number;
  /** The first of the selected router's lines, -1 without one. */
  readonly selectedLine: number;
  readonly lines: (first: number, count: number) => readonly LineContent[];
}

export function createTable(options: {
  readonly report: Report;
  readonly routers: readonly VirtualRouterReport[];
  readonly selected: string | null;
  readonly nowUs: number;
  readonly width: number;
}): Table {
  const columns = columnsFor(options.report, options.width);
  const entries: Entry[] = [];
  let selectedLine = -1;
  for (const router of options.routers) {
    const isSelected = router.key === options.selected;
    if (isSelected) selectedLine = entries.length;
    const base = { router, isSelected, nowUs: options.nowUs };
    entries.push({ ...base, advertiser: leadAdvertiser(router), isFirst: true });
    for (const advertiser of otherClaimants(router)) {
      entries.push({ ...base, advertiser, isFirst: false });
    }
  }
  const head = columns.flatMap(({ title, width, align }): Span[] => [
    { text: title, width: width - 1, align: align === 'right' ? 'right' : undefined, role: 'faint' },
    { text: ' ' },
  ]);
  return {
    head,
    length: entries.length,
    selectedLine,
    lines: (first, count) => entries.slice(first, first + count).map((entry) => lineOf(columns, entry)),
  };
}

/** `10.0.0.1 +2`: as many addresses as fit, and how many do not. */
export function addressList(addresses: readonly string[], width: number): string {
  let text = addresses[0] ?? '-';
  for (let shown = 1; shown < addresses.length; shown++) {
    const more = addresses.length - shown - 1;
    const longer = `${text} ${addresses[shown]}`;
    if (longer.length + (more > 0 ? ` +${more}`.length : 0) > width) {
      const rest = ` +${addresses.length - shown}`;
      return text.length + rest.length <= width ? text + rest : `${text.slice(0, width - rest.length - 1)}…${rest}`;
    }
    text = longer;
  }
  return text;
}

function lineOf(columns: readonly Column[], entry: Entry): LineContent {
  const alarming = isAlarming(entry.router.state);
  const role: Role = entry.isSelected || alarming ? 'strong' : 'plain';
  const spans: Span[] = [];
  for (const { width, align, cell } of columns) {
    const content = cell(entry);
    const own: Span = typeof content === 'string' ? { text: content, role } : content;
    spans.push({ ...own, width: width - 1, align }, { text: ' ' });
  }
  return spans;
}

/** Widths of the columns whose texts are of one length; 0 for those that are left out. */
function fixedWidths({ virtualRouters }: Report, width: number, wide: boolean) {
  const hasVlan = virtualRouters.some((router) => router.vlan !== null);
  const segments = new Set(virtualRouters.map((router) => router.interface ?? router.capture));
  const hasSettings = width >= SETTINGS_COLUMNS;
  return {
    mark: 3,
    vrid: 5,
    family: 3,
    vlan: hasVlan ? (wide ? 8 : 5) : 0,
    segment: segments.size > 1 ? (wide ? 11 : 7) : 0,
    mac: wide ? 18 : 0,
    priority: 5,
    version: hasSettings ? 2 : 0,
    interval: wide ? 7 : hasSettings ? 6 : 0,
    auth: wide ? 7 : hasSettings ? 6 : 0,
    adverts: wide ? 8 : 0,
    last: wide ? 6 : 0,
    state: wide ? 36 : 18,
  };
}

/** What is left for addresses and master. */
function namesWidth(fixed: Readonly<Record<string, number>>, width: number): number {
  return width - Object.values(fixed).reduce((sum, part) => sum + part, 0);
}

/** Widths include the space behind the column. What is left is shared by the texts that vary most in length. */
function columnsFor(report: Report, width: number): readonly Column[] {
  // Who is master of what comes before the second look.
  const wide = width >= WIDE_COLUMNS && namesWidth(fixedWidths(report, width, true), width) >= NAMES_MIN;
  const fixed = fixedWidths(report, width, wide);
  const names = namesWidth(fixed, width);
  const addresses = Math.ceil(names / 2);
  const source = names - addresses;
  const columns: readonly Column[] = [
    { title: '', width: fixed.mark, cell: markCell },
    {
      title: 'VRID',
      width: fixed.vrid,
      align: 'right',
      cell: vridCell,
    },
    { title: 'IP', width: fixed.family, cell: ({ router, isFirst }) => (isFirst ? `v${router.family}` : '') },
    { title: 'VLAN', width: fixed.vlan, cell: ({ router, isFirst }) => (isFirst ? String(router.vlan ?? '-') : '') },
    {
      title: 'ON',
      width: fixed.segment,
      align: 'middle',
      cell: ({ router, isFirst }) => (isFirst ? (router.interface ?? router.capture) : ''),
    },
    {
      title: 'ADDRESSES',
      width: addresses,
      cell: ({ router, advertiser, isFirst }) => addressesCell(router, advertiser, isFirst, addresses - 1),
    },
    {
      title: 'MASTER',
      width: source,
      align: 'middle',
      cell: masterCell,
    },
    { title: 'SOURCE MAC', width: fixed.mac, cell: ({ advertiser }) => advertiser?.mac ?? '-' },
    {
      title: 'PRIO',
      width: fixed.priority,
      align: 'right',
      cell: ({ advertiser }) => String(advertiser?.priority ?? '-'),
    },
    { title: 'V', width: fixed.version, cell: ({ advertiser }) => String(advertiser?.version ?? '-') },
    {
      title: 'INTV',
      width: fixed.interval,
      align: 'right',
      cell: ({ advertiser }) => (advertiser ? formatShortInterval(advertiser.intervalUs) : '-'),
    },
    {
      title: 'AUTH',
      width: fixed.auth,
      cell: ({ advertiser }) =>
        advertiser === null || advertiser.authType === 'none'
          ? '-'
          : wide
            ? advertiser.authType
            : shortAuth(advertiser.authType),
    },
    {
      title: 'ADVERTS',
      width: fixed.adverts,
      align: 'right',
      cell: ({ advertiser }) => formatCount(advertiser?.adverts ?? 0),
    },
    {
      title: 'LAST',
      width: fixed.last,
      align: 'right',
      cell: ({ advertiser, nowUs }) => (advertiser ? formatAge(nowUs - advertiser.lastUs) : '-'),
    },
    { title: 'STATE', width: fixed.state, cell: (entry) => stateCell(entry, wide) },
  ];
  return columns.filter((column) => column.width > 0);
}

function markCell({ router, isFirst, isSelected }: Entry): Span {
  const selection = isSelected && isFirst ? '>' : ' ';
  return {
    text: `${selection}${isAlarming(router.state) ? '!' : ' '}`,
    role: isAlarming(router.state) ? 'alarm' : 'strong',
  };
}

function vridCell({ router, isFirst, isSelected }: Entry): Span {
  return { text: isFirst ? String(router.vrid) : '', role: isFirst && isSelected ? 'badge' : 'strong' };
}

/** The line of the router calls its master as scripts do; below it, another node with that address has its hardware address. */
function masterCell({ router, advertiser, isFirst }: Entry): string {
  if (isFirst || advertiser === null) return router.master ?? 'none';
  return shortName(advertiser, router.advertisers);
}

function addressesCell(
  router: VirtualRouterReport,
  advertiser: AdvertiserReport | null,
  isFirst: boolean,
  width: number,
): string {
  if (isFirst) return addressList(router.addresses, width);
  // Another claimant's list is worth its place only where it differs.
  const own = advertiser?.addresses ?? [];
  return own.join() === router.addresses.join() ? '' : addressList(own, width);
}

function stateCell({ router, advertiser, isFirst, nowUs }: Entry, wide: boolean): Span {
  if (isFirst) {
    const { stateSinceUs } = router;
    const since = wide && stateSinceUs !== null ? ` since ${clockOf(stateSinceUs)}` : '';
    const age = stateSinceUs === null ? 'unheard' : `${formatAge(nowUs - stateSinceUs)}${since}`;
    return { text: `${stateWord(router.state)} ${age}`, role: stateRole(router.state) };
  }
  const isDeaf = advertiser !== null && isNamed(ongoingSplitBrain(router)?.deaf ?? [], advertiser);
  return { text: isDeaf ? 'must yield, deaf' : 'claims it too', role: 'alarm' };
}

function shortAuth(authType: string): string {
  return authType === 'simple' ? 'pass' : authType;
}
