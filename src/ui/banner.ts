import { rankedName } from '../output/advertiser-name.ts';
import { wrap, wrapCommand } from '../output/grid-text.ts';
import { routerName } from '../output/router-name.ts';
import type { LineContent, Span } from './paint.ts';
import { clip, contentWidth, exactly, spread } from './paint.ts';
import type { Alarm } from './routers.ts';
import { addressList } from './table.ts';
import type { Glyphs, Role } from './theme.ts';
import { clockOf, formatAge } from './time.ts';

/** Lines that a long explanation and a long command may take in the banner; the detail view and `c` show all of them. */
const WHY_LINES_MAX = 2;
const COMMAND_LINES_MAX = 3;

const LABEL_WIDTH = 5;
/** Two IPv4 addresses, or one of IPv6 and how many more. */
const ADDRESSES_WIDTH = 24;

/** The frame around the split brain: who, why, and what to type where. */
export function bannerLines(options: {
  readonly alarm: Alarm;
  /** `1 of 3`, null for a single alarm. */
  readonly place: string | null;
  readonly acknowledged: boolean;
  readonly nowUs: number;
  readonly width: number;
  /** How many remedies there is room for; `c` shows the others. */
  readonly remedies: number;
  readonly glyphs: Glyphs;
}): readonly LineContent[] {
  const { alarm, width, glyphs } = options;
  const title = titleSpans(options);
  const place: readonly Span[] = options.place === null ? [] : [{ text: ` ${options.place} `, role: 'alarm' }];
  if (options.acknowledged) {
    const text = `${glyphs.rule} SPLIT BRAIN (acknowledged) `;
    return [spread([{ text, role: 'alarm' }, ...title.slice(1)], place, width)];
  }
  const inner = width - 4;
  const room = inner - contentWidth(place);
  const rule = (length: number): Span => ({ text: glyphs.rule.repeat(Math.max(0, length)), role: 'alarm' });
  const top: readonly Span[] = [
    { text: glyphs.topLeft + glyphs.rule, role: 'alarm' },
    ...clip(title, room),
    rule(width - 3 - Math.min(contentWidth(title), room) - contentWidth(place)),
    ...place,
    { text: glyphs.topRight, role: 'alarm' },
  ];
  const side = (content: readonly Span[]): LineContent => [
    { text: `${glyphs.side} `, role: 'alarm' },
    ...exactly(content, inner),
    { text: ` ${glyphs.side}`, role: 'alarm' },
  ];
  const bottom: LineContent = [
    { text: glyphs.bottomLeft, role: 'alarm' },
    rule(width - 2),
    { text: glyphs.bottomRight, role: 'alarm' },
  ];
  const body = [...whoLines(alarm, inner), ...whyLines(alarm, inner), ...remedyLines(alarm, inner, options.remedies)];
  return [top, ...body.map(side), bottom];
}

function titleSpans(options: { readonly alarm: Alarm; readonly nowUs: number }): readonly Span[] {
  const { router, splitBrain } = options.alarm;
  const age = formatAge(options.nowUs - splitBrain.startUs);
  return [
    { text: ' SPLIT BRAIN ', role: 'alarm-badge' },
    { text: ` ${routerName(router)} for ${age}, since ${clockOf(splitBrain.startUs)} UTC `, role: 'alarm' },
    { text: ` ${addressList(router.addresses, ADDRESSES_WIDTH)} `, role: 'strong' },
  ];
}

function whoLines(alarm: Alarm, width: number): readonly (readonly Span[])[] {
  const { splitBrain } = alarm;
  const { advertisers } = alarm.router;
  const deaf = splitBrain.deaf.map((name) => rankedName(name, advertisers)).join(', ');
  const rightful = `${rankedName(splitBrain.winner, advertisers)} is rightful`;
  const others = splitBrain.deaf.length > 0 ? `DEAF: ${deaf}` : `also claimed by ${otherClaimants(alarm)}`;
  return labelled('WHO', [...wrap(`${rightful}; ${others}`, width - LABEL_WIDTH)].slice(0, 2), 'strong');
}

function whyLines(alarm: Alarm, width: number): readonly (readonly Span[])[] {
  const { cause } = alarm.splitBrain;
  const lines = wrap(`${cause.confidence}: ${cause.summary}`, width - LABEL_WIDTH);
  return labelled('WHY', shorten(lines, WHY_LINES_MAX), 'plain');
}

function remedyLines(alarm: Alarm, width: number, countMax: number): readonly (readonly Span[])[] {
  const { remedies } = alarm.splitBrain.cause;
  const shown = remedies.slice(0, countMax);
  return shown.flatMap((remedy, index) => {
    const more = index === 0 ? ` (c: copy${remedies.length > 1 ? `, 1 of ${remedies.length}` : ''})` : '';
    const where = labelled(index === 0 ? 'DO' : '', [`on ${remedy.on}${more}: ${remedy.why}`], 'plain');
    const command = shorten(wrapCommand(remedy.command, width - LABEL_WIDTH), COMMAND_LINES_MAX);
    return [...where, ...labelled('', command, 'strong')];
  });
}

function labelled(label: string, lines: readonly string[], role: Role): readonly (readonly Span[])[] {
  return lines.map((text, index) => [
    { text: index === 0 ? label : '', width: LABEL_WIDTH, role: 'alarm' },
    { text, role },
  ]);
}

function shorten(lines: readonly string[], count: number): readonly string[] {
  if (lines.length <= count) return lines;
  // The painter cuts at the edge and writes the ellipsis.
  return [...lines.slice(0, count - 1), lines.slice(count - 1).join(' ')];
}

function otherClaimants(alarm: Alarm): string {
  const { claimants, winner } = alarm.splitBrain;
  return claimants
    .filter((name) => name !== winner)
    .map((name) => rankedName(name, alarm.router.advertisers))
    .join(', ');
}
