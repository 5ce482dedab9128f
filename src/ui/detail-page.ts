import type { AdvertiserReport, SplitBrainReport, TakeoverReport, VirtualRouterReport } from '../analyzer/report.ts';
import { advertiserNamed, isNamed, masterAmong, shortName } from '../output/advertiser-name.ts';
import { wrap, wrapCommand } from '../output/grid-text.ts';
import { routerName } from '../output/router-name.ts';
import type { LineContent, Span } from './paint.ts';
import { spread } from './paint.ts';
import { ongoingSplitBrain, stateRole, stateWord } from './routers.ts';
import type { Glyphs, Role } from './theme.ts';
import { clockOf, clockWithMsOf, formatAge, formatCount, formatGap, formatShortInterval } from './time.ts';

const LABEL_WIDTH = 16;
/** An IPv6 address in full needs 39 columns; side by side most are link-local and fit in fewer. */
const VALUE_WIDTH_MIN = 20;
const VALUE_WIDTH_MAX = 42;

/** A row of the comparison; with `compared` it is marked when the advertisers differ in it. */
interface Field {
  readonly label: string;
  readonly compared: boolean;
  readonly value: (advertiser: AdvertiserReport) => string;
}

export interface DetailOptions {
  readonly router: VirtualRouterReport;
  readonly nowUs: number;
  readonly width: number;
  readonly glyphs: Glyphs;
  readonly showSecrets: boolean;
}

/** Everything about one virtual router: who claims it and how they differ, cause and remedies, takeovers, findings. */
export function detailPage(options: DetailOptions): readonly LineContent[] {
  const { router, nowUs, width } = options;
  const current = ongoingSplitBrain(router);
  const state: readonly Span[] = [
    { text: ` ${stateWord(router.state)} `, role: stateRole(router.state) },
    { text: stateTime(router, nowUs) },
  ];
  return [
    spread([{ text: routerName(router), role: 'strong' }], state, width),
    ...wrap(`addresses: ${router.addresses.join(' ')}`, width),
    '',
    ...comparison(options, current),
    ...(current === null ? [] : splitBrainLines(current, width)),
    ...pastSplitBrains(router.splitBrains, width),
    ...takeoverLines(router.takeovers, width),
    ...findingLines(router, width),
  ];
}

function stateTime({ stateSinceUs }: VirtualRouterReport, nowUs: number): string {
  if (stateSinceUs === null) return ' never heard';
  return ` for ${formatAge(nowUs - stateSinceUs)}, since ${clockOf(stateSinceUs)} UTC`;
}

function comparison(options: DetailOptions, current: SplitBrainReport | null): readonly LineContent[] {
  const { router, nowUs, width, glyphs } = options;
  const advertisers = inOrder(router, current);
  const room = Math.max(1, Math.floor((width - LABEL_WIDTH) / VALUE_WIDTH_MIN));
  const shown = advertisers.slice(0, room);
  const valueWidth = Math.min(VALUE_WIDTH_MAX, Math.floor((width - LABEL_WIDTH) / Math.max(1, shown.length)));
  const claims =
    current === null
      ? shown.filter((advertiser) => advertiser.claiming)
      : shown.filter((advertiser) => isNamed(current.claimants, advertiser));
  const row = (mark: string, label: string, values: readonly string[], role: Role): LineContent => [
    { text: mark, width: 2, role: 'alarm' },
    { text: label, width: LABEL_WIDTH - 2, role: 'faint' },
    ...values.flatMap((text): Span[] => [{ text, width: valueWidth - 1, align: 'middle', role }, { text: ' ' }]),
  ];
  const lines = [
    row(
      '',
      '',
      shown.map((advertiser) => advertiser.source),
      'strong',
    ),
  ];
  lines.push(
    row(
      '',
      '',
      shown.map((advertiser) => standing(advertiser, router, current)),
      'plain',
    ),
  );
  // Of two nodes with one address, their hardware addresses are what tells them apart.
  const haveTwins = new Set(claims.map(({ source }) => source)).size < claims.length;
  for (const { label, compared, value } of fields(options.showSecrets, nowUs, haveTwins)) {
    const differs = compared && new Set(claims.map(value)).size > 1;
    lines.push(row(differs ? glyphs.differs : '', label, shown.map(value), differs ? 'strong' : 'plain'));
  }
  const more = advertisers.length - shown.length;
  if (more > 0)
    lines.push(
      `  and ${more} more: ${advertisers
        .slice(room)
        .map((advertiser) => shortName(advertiser, advertisers))
        .join(' ')}`,
    );
  return lines;
}

function fields(showSecrets: boolean, nowUs: number, haveTwins: boolean): readonly Field[] {
  const all: Field[] = [
    { label: 'priority', compared: true, value: ({ priority }) => String(priority) },
    { label: 'source MAC', compared: haveTwins, value: ({ mac }) => mac ?? '-' },
    { label: 'VRRP version', compared: true, value: ({ version }) => String(version) },
    { label: 'addresses', compared: true, value: ({ addresses }) => addresses.join(' ') || 'none' },
    { label: 'interval', compared: true, value: ({ intervalUs }) => formatShortInterval(intervalUs) },
    { label: 'auth type', compared: true, value: ({ authType }) => authType },
    { label: 'sent by', compared: true, value: ({ group }) => (group === null ? 'unicast' : `multicast ${group}`) },
    { label: 'adverts', compared: false, value: ({ adverts }) => formatCount(adverts) },
    { label: 'first heard', compared: false, value: ({ firstUs }) => clockOf(firstUs) },
    {
      label: 'last heard',
      compared: false,
      value: ({ lastUs }) => `${clockOf(lastUs)}, ${formatAge(nowUs - lastUs)} ago`,
    },
    {
      label: 'resigned',
      compared: false,
      value: ({ resignedUs }) => (resignedUs === null ? '-' : clockOf(resignedUs)),
    },
  ];
  if (showSecrets) all.splice(6, 0, { label: 'password', compared: true, value: ({ password }) => password ?? '-' });
  return all;
}

function standing(advertiser: AdvertiserReport, router: VirtualRouterReport, current: SplitBrainReport | null): string {
  if (current !== null && isNamed([current.winner], advertiser)) return 'rightful master';
  if (isNamed(current?.deaf ?? [], advertiser)) return 'MUST YIELD, DEAF';
  if (isNamed(current?.claimants ?? [], advertiser)) return 'claims it too';
  if (advertiser === masterAmong(router)) return 'master';
  return advertiser.claiming ? 'claims it' : 'quiet';
}

/** The rightful one, the deaf, other claimants, then whoever is quiet, the last heard first. */
function inOrder(router: VirtualRouterReport, current: SplitBrainReport | null): readonly AdvertiserReport[] {
  const rightful = current === null ? masterAmong(router) : advertiserNamed(router.advertisers, current.winner);
  const rank = (advertiser: AdvertiserReport): number => {
    if (advertiser === rightful) return 0;
    if (isNamed(current?.deaf ?? [], advertiser)) return 1;
    return advertiser.claiming ? 2 : 3;
  };
  return [...router.advertisers].sort((a, b) => rank(a) - rank(b) || b.lastUs - a.lastUs);
}

/** Cause and remedies in full. */
function splitBrainLines(splitBrain: SplitBrainReport, width: number): readonly LineContent[] {
  const { cause } = splitBrain;
  const proof = `proven by: ${splitBrain.evidence.join(', ')}, at ${clockWithMsOf(splitBrain.confirmedUs)}`;
  const lines: LineContent[] = ['', title('WHY', `${cause.code}, ${cause.confidence}; ${proof}`)];
  lines.push(...indented(cause.summary, width));
  if (cause.differs !== null) {
    const values = Object.entries(cause.differs.values).map(([source, value]) => `${source}: ${value}`);
    lines.push(...indented(`${cause.differs.field} differs: ${values.join(', ')}`, width));
  }
  cause.remedies.forEach((remedy, index) => {
    lines.push('', title(`DO ${index + 1}`, `on ${remedy.on}`));
    lines.push(...indented(remedy.why, width));
    lines.push(...wrapCommand(remedy.command, width).map((text): LineContent => [{ text, role: 'strong' }]));
  });
  return lines;
}

function pastSplitBrains(splitBrains: readonly SplitBrainReport[], width: number): readonly LineContent[] {
  const past = splitBrains.filter((splitBrain) => splitBrain.endUs !== null).reverse();
  if (past.length === 0) return [];
  const lines: LineContent[] = ['', title('EARLIER SPLIT BRAINS', '')];
  for (const { startUs, endUs, winner, deaf, cause } of past) {
    const age = formatAge((endUs ?? startUs) - startUs);
    lines.push(
      ...indented(
        `${clockOf(startUs)} for ${age}: ${deaf.join(', ')} did not yield to ${winner}; ${cause.summary} (c: repair)`,
        width,
      ),
    );
  }
  return lines;
}

function takeoverLines(takeovers: readonly TakeoverReport[], width: number): readonly LineContent[] {
  if (takeovers.length === 0) return ['', title('TAKEOVERS', 'none seen')];
  const source = Math.max(15, Math.floor((width - 52) / 2));
  const head: LineContent = [
    { text: '  AT', width: 16, role: 'faint' },
    { text: 'FROM', width: source, role: 'faint' },
    { text: 'TO', width: source, role: 'faint' },
    { text: 'KIND', width: 11, role: 'faint' },
    { text: 'MEASURED  EXPECTED', role: 'faint' },
  ];
  const rows = [...takeovers]
    .reverse()
    .map(
      ({ atUs, from, to, kind, gapUs, expectedGapUs }): LineContent => [
        { text: `  ${clockWithMsOf(atUs)}`, width: 16 },
        { text: from, width: source - 1, align: 'middle' },
        { text: ` ${to}`, width: source, align: 'middle' },
        { text: ` ${kind}`, width: 12 },
        { text: formatGap(gapUs), width: 9 },
        { text: ` ${expectedGapUs === null ? '-' : formatGap(expectedGapUs)}` },
      ],
    );
  return ['', title('TAKEOVERS', 'newest first'), head, ...rows];
}

function findingLines(router: VirtualRouterReport, width: number): readonly LineContent[] {
  if (router.findings.length === 0) return ['', title('FINDINGS', 'none')];
  const lines: LineContent[] = ['', title('FINDINGS', '')];
  for (const { severity, code, count, summary } of router.findings) {
    const times = count > 1 ? ` (${count} times)` : '';
    const text = `${severity} ${code}${times}: ${summary}`;
    lines.push(
      ...wrap(text, width - 2).map(
        (line): LineContent => [{ text: `  ${line}`, role: severity === 'info' ? 'plain' : 'warning' }],
      ),
    );
  }
  return lines;
}

function title(name: string, text: string): LineContent {
  return [{ text: name, role: 'key' }, { text: text === '' ? '' : `  ${text}` }];
}

function indented(text: string, width: number): readonly string[] {
  return wrap(text, width - 2).map((line) => `  ${line}`);
}
