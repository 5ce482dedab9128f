import type { Difference, Evidence, Remedy, SplitBrainReport, VirtualRouterReport } from '../analyzer/report.ts';
import { advertiserNamed, rankedName } from './advertiser-name.ts';
import { printable } from './escape.ts';
import { claimedPriority, lastingText, listed } from './headline.ts';
import { hanging } from './layout.ts';
import { paint, type ReportStyle } from './style.ts';
import { clockTime, isSameDay } from './time.ts';

const INDENT = '  ';

/** Split brains that are told in full; of more, the last ones. */
const TOLD_MAX = 5;

const EVIDENCE_TEXT: Readonly<Record<Evidence, string>> = {
  adverts: 'both advertised at once',
  arp: 'both claimed the address (ARP or neighbour discovery)',
  mismatch: 'each discards what the other sends',
};

/** When, who, why, and what to type, for each split brain of a virtual router. */
export function splitBrainLines(router: VirtualRouterReport, untilUs: number, style: ReportStyle): readonly string[] {
  const { splitBrains } = router;
  const told = splitBrains.slice(-TOLD_MAX);
  const earlier = splitBrains.length - told.length;
  const lines = earlier > 0 ? [`${INDENT}${earlier} earlier split brains are left out here`] : [];
  const given = new Set<string>();
  for (const splitBrain of told) lines.push(...tellSplitBrain(router, splitBrain, untilUs, given, style));
  return lines;
}

function tellSplitBrain(
  router: VirtualRouterReport,
  splitBrain: SplitBrainReport,
  untilUs: number,
  given: Set<string>,
  style: ReportStyle,
): readonly string[] {
  const { winner, deaf, evidence, cause, endUs } = splitBrain;
  const [does, doNot] = endUs === null ? ['does', 'do'] : ['did', 'did'];
  const verb = deaf.length > 1 ? doNot : does;
  const facts: (readonly [string, string])[] = [
    ['masters', claimantsText(router, splitBrain)],
    // Of two nodes with one address, or of unknown rank, none can be named.
    ...(deaf.includes(winner) || !areRanked(router, splitBrain)
      ? []
      : [['deaf', `${listed(deaf)} should yield to ${winner} and ${verb} not`] as const]),
    ['evidence', evidence.map((each) => EVIDENCE_TEXT[each]).join('; ')],
    ['cause', `${cause.code} (${cause.confidence}): ${cause.summary}`],
  ];
  if (cause.differs !== null) facts.push(['differs', differenceText(cause.differs)]);
  const title = titleText(splitBrain, untilUs);
  return [
    '',
    ...hanging(INDENT, title, style.width).map((line, i) =>
      i === 0 ? line.replace('SPLIT BRAIN', (word) => paint(word, 'alarm', style)) : line,
    ),
    ...facts.flatMap(([name, text]) =>
      hanging(`${INDENT}${INDENT}${name.padEnd(10)}`, printable(text, style.ascii), style.width),
    ),
    ...remedyLines(cause.remedies, given, style),
  ];
}

function titleText(splitBrain: SplitBrainReport, untilUs: number): string {
  const { startUs, endUs } = splitBrain;
  const from = `SPLIT BRAIN  from ${clockTime(startUs, true)} UTC`;
  if (endUs === null) return `${from}, still going on after ${lastingText(splitBrain, untilUs)}`;
  const to = clockTime(endUs, !isSameDay(startUs, endUs));
  return `${from} to ${to} UTC, ${lastingText(splitBrain, endUs)}`;
}

/** False when somebody was heard to resign alone, so that nobody knows which of them outranked the other. */
function areRanked({ advertisers }: VirtualRouterReport, { claimants }: SplitBrainReport): boolean {
  const known = claimants.map((name) => advertiserNamed(advertisers, name));
  return known.every((advertiser) => advertiser === undefined || claimedPriority(advertiser) > 0);
}

function claimantsText(router: VirtualRouterReport, splitBrain: SplitBrainReport): string {
  const { claimants, winner } = splitBrain;
  const rightful = areRanked(router, splitBrain) ? ', the rightful one' : '';
  if (new Set(claimants).size < claimants.length) return `${claimants.length} nodes with the address ${winner}`;
  return claimants
    .map((name) => `${rankedName(name, router.advertisers)}${name === winner ? rightful : ''}`)
    .join('; ');
}

function differenceText({ field, values }: Difference): string {
  const each = Object.entries(values).map(([source, value]) => `${source} has ${value}`);
  return `${field}: ${each.join(', ')}`;
}

/** Commands stand on a line of their own, whole, so that they can be copied. */
function remedyLines(remedies: readonly Remedy[], given: Set<string>, style: ReportStyle): readonly string[] {
  if (remedies.length === 0) return [];
  const key = JSON.stringify(remedies);
  if (given.has(key)) return [`${INDENT}${INDENT}repair    as above`];
  given.add(key);
  return [
    `${INDENT}${INDENT}repair    the most likely first`,
    ...remedies.flatMap(({ on, why, command }, i) => [
      ...hanging(`${INDENT}${INDENT}${i + 1}. on `, printable(`${on}: ${why}`, style.ascii), style.width),
      `${' '.repeat(10)}${paint(printable(command, style.ascii), 'strong', style)}`,
    ]),
  ];
}
