import type { WatchEvent } from '../analyzer/event.ts';
import { isUnexpected } from '../analyzer/takeover.ts';
import { wrap } from '../output/grid-text.ts';
import type { LineContent, Span } from './paint.ts';
import { contentWidth } from './paint.ts';
import type { Role } from './theme.ts';
import { clockOf, clockWithMsOf, formatAge, formatGap } from './time.ts';

/** How loud an event is in the log. */
type Loudness = 'info' | 'WARN' | 'ALARM';

const ROLES: Readonly<Record<Loudness, Role>> = { info: 'faint', WARN: 'warning', ALARM: 'alarm' };

/** Time, loudness, vrid, what happened; one line of the log. */
export function eventLine(event: WatchEvent, withMs: boolean): LineContent {
  const { loudness, text } = describe(event);
  return [...margin(event, loudness, withMs), { text, role: textRole(loudness) }];
}

/** As `eventLine`, but what is longer than the screen goes on in the next line. */
export function eventLines(event: WatchEvent, width: number): readonly LineContent[] {
  const { loudness, text } = describe(event);
  const before = margin(event, loudness, true);
  const indent = contentWidth(before);
  return wrap(text, width - indent).map(
    (line, index): LineContent => [
      ...(index === 0 ? before : [{ text: '', width: indent }]),
      { text: line, role: textRole(loudness) },
    ],
  );
}

function textRole(loudness: Loudness): Role {
  return loudness === 'ALARM' ? 'strong' : 'plain';
}

function margin(event: WatchEvent, loudness: Loudness, withMs: boolean): readonly Span[] {
  const time = withMs ? clockWithMsOf(event.atUs) : clockOf(event.atUs);
  const vrid = 'router' in event && event.router !== null ? String(event.router.vrid) : '-';
  return [
    { text: `${time} `, role: 'faint' },
    { text: loudness, width: 6, role: ROLES[loudness] },
    { text: vrid, width: 3, align: 'right' },
    { text: '  ' },
  ];
}

function describe(event: WatchEvent): { readonly loudness: Loudness; readonly text: string } {
  switch (event.event) {
    case 'router-seen':
      return { loudness: 'info', text: `new virtual router, addresses ${event.router.addresses.join(' ')}` };
    case 'advertiser-seen':
      return { loudness: 'info', text: `new advertiser ${event.source}, priority ${event.priority}` };
    case 'priority-changed':
      return { loudness: 'info', text: `${event.source} changed its priority from ${event.from} to ${event.to}` };
    case 'takeover':
      return { loudness: isUnexpected(event.takeover) ? 'WARN' : 'info', text: takeoverText(event) };
    case 'contested':
      return { loudness: 'WARN', text: `contested: ${event.claimants.join(' and ')}; ${event.winner} is rightful` };
    case 'split-brain-confirmed': {
      const { winner, deaf, claimants } = event.splitBrain;
      const others = deaf.length > 0 ? deaf : claimants.filter((source) => source !== winner);
      const what = event.isCorrection ? 'SPLIT BRAIN, correction' : 'SPLIT BRAIN';
      return { loudness: 'ALARM', text: `${what}: ${others.join(', ')} does not yield to ${winner}` };
    }
    case 'split-brain-ended':
      return {
        loudness: 'info',
        text: `split brain ended at ${clockOf(event.splitBrain.endUs ?? event.atUs)} after ${event.splitBrain.isAtLeast ? 'at least ' : ''}${formatAge(event.durationUs)}`,
      };
    case 'silent':
      return {
        loudness: 'ALARM',
        text:
          event.lastAdvertUs === null
            ? 'silent: expected and never heard'
            : `silent: nobody advertises, last master ${event.lastMaster ?? 'unknown'}`,
      };
    case 'finding':
      return {
        loudness: event.finding.severity === 'info' ? 'info' : event.finding.severity === 'warning' ? 'WARN' : 'ALARM',
        text: event.finding.summary,
      };
    case 'capture-started':
      return { loudness: 'info', text: `capture started on ${event.interface}: ${event.detail}` };
    case 'capture-lost':
      return { loudness: 'ALARM', text: `capture lost on ${event.interface}: ${event.detail}` };
    case 'capture-resumed':
      return { loudness: 'info', text: `capture resumed on ${event.interface}: ${event.detail}` };
  }
}

function takeoverText({ takeover }: Extract<WatchEvent, { event: 'takeover' }>): string {
  const expected = takeover.expectedGapUs === null ? '' : ` (expected ${formatGap(takeover.expectedGapUs)})`;
  return `${takeover.kind}: ${takeover.from} -> ${takeover.to} after ${formatGap(takeover.gapUs)}${expected}`;
}
