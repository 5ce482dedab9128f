import type { RouterIdentity, WatchEvent } from '../analyzer/event.ts';
import type { Severity, TakeoverReport } from '../analyzer/report.ts';
import { isUnexpected } from '../analyzer/takeover.ts';
import { printable } from './escape.ts';
import { lastingText, listed, splitBrainText } from './headline.ts';
import { routerName } from './router-name.ts';
import { paint, type ReportStyle, type Role } from './style.ts';
import { clockTime, formatDuration } from './time.ts';

type Level = 'info' | 'notice' | 'warning' | 'crit';

/** `syslog` is the priority of syslog(3). */
const LEVELS: Readonly<Record<Level, { readonly word: string; readonly role: Role | null; readonly syslog: number }>> =
  {
    info: { word: 'info   ', role: 'faint', syslog: 6 },
    notice: { word: 'notice ', role: null, syslog: 5 },
    warning: { word: 'WARNING', role: 'warning', syslog: 4 },
    crit: { word: 'CRIT   ', role: 'alarm', syslog: 2 },
  };

const SEVERITY_LEVELS: Readonly<Record<Severity, Level>> = { info: 'notice', warning: 'warning', critical: 'crit' };

/** One line for an event of live mode: time in UTC, level, place, what happened. */
export function eventLine(event: WatchEvent, style: Pick<ReportStyle, 'color' | 'ascii'>): string {
  const { level, text } = describe(event);
  const { word, role } = LEVELS[level];
  const time = `${clockTime(event.atUs, true).replace(' ', 'T')}Z`;
  const line = printable(text, style.ascii);
  return `${time}  ${role === null ? word : paint(word, role, style)}  ${line}`;
}

/** As `eventLine`, after the priority that the journal of systemd takes from a line (sd-daemon(3)). */
export function journalLine(event: WatchEvent, style: Pick<ReportStyle, 'color' | 'ascii'>): string {
  return `<${LEVELS[describe(event).level].syslog}>${eventLine(event, style)}`;
}

/** What a takeover says about the time without a master: `timed out, 3.61 s without an advertisement (expected 3.61 s)`. */
export function takeoverText({ kind, gapUs, expectedGapUs }: TakeoverReport): string {
  const gap = formatDuration(gapUs);
  const expected = expectedGapUs === null ? '' : ` (expected ${formatDuration(expectedGapUs)})`;
  switch (kind) {
    case 'resigned':
      return `resigned, next advert after ${gap}${expected}`;
    case 'timed-out':
      if (expectedGapUs === null) return `${gap} after its last advert, with no timer to compare that with`;
      return `timed out after ${gap} of silence${expected}`;
    case 'preempted':
      return `preempted, ${gap} after its last advert`;
    case 'early':
      return `taken over early, ${gap} after its last advert${expected}`;
  }
}

function describe(event: WatchEvent): { readonly level: Level; readonly text: string } {
  switch (event.event) {
    case 'router-seen':
      return inform(event.router, `is heard, addresses ${event.router.addresses.join(' ') || 'none'}`);
    case 'advertiser-seen': {
      const { source, mac, priority } = event;
      return inform(event.router, `${source} (${mac ?? 'no hardware address'}) advertises with priority ${priority}`);
    }
    case 'priority-changed':
      return about('notice', event.router, `${event.source} changed its priority from ${event.from} to ${event.to}`);
    case 'takeover': {
      const { from, to } = event.takeover;
      const level = isUnexpected(event.takeover) ? 'warning' : 'notice';
      const text = `master ${from} -> ${to} (priority ${event.priority}): ${takeoverText(event.takeover)}`;
      return about(level, event.router, text);
    }
    case 'contested': {
      const text = `contested by ${listed(event.claimants)}; ${event.winner} is the rightful one`;
      return about('warning', event.router, text);
    }
    case 'split-brain-confirmed':
      return about('crit', event.router, confirmationText(event));
    case 'split-brain-ended': {
      const { winner, endUs } = event.splitBrain;
      const lasting = lastingText(event.splitBrain, endUs ?? event.atUs);
      const text = `split brain ended after ${lasting}; ${winner} was the rightful master`;
      return about('notice', event.router, text);
    }
    case 'silent': {
      if (event.lastAdvertUs === null) return about('crit', event.router, 'silent: it is expected and was never heard');
      const last = event.lastMaster === null ? '' : `, ${event.lastMaster} was master last`;
      const since = formatDuration(event.atUs - event.lastAdvertUs);
      return about('crit', event.router, `silent: nobody has advertised for ${since}${last}`);
    }
    case 'finding': {
      const { code, severity, summary } = event.finding;
      return about(SEVERITY_LEVELS[severity], event.router, `${code}: ${summary}`);
    }
    case 'capture-started':
      return { level: 'info', text: `capture on ${event.interface} started: ${event.detail}` };
    case 'capture-lost':
      return { level: 'crit', text: `capture on ${event.interface} lost: ${event.detail}` };
    case 'capture-resumed':
      return { level: 'notice', text: `capture on ${event.interface} resumed: ${event.detail}` };
  }
}

function confirmationText(event: Extract<WatchEvent, { event: 'split-brain-confirmed' }>): string {
  const { winner, deaf, cause } = event.splitBrain;
  const [remedy] = cause.remedies;
  const advice = remedy === undefined ? '' : `; on ${remedy.on}: ${remedy.command}`;
  const rank = event.winnerPriority === 0 ? '' : ` (priority ${event.winnerPriority})`;
  const what = event.isCorrection ? 'SPLIT BRAIN, correction' : 'SPLIT BRAIN';
  const text = `${what}: ${splitBrainText(event.splitBrain)}, ${winner}${rank} is the rightful one`;
  return `${text}; ${listed(deaf)} should yield and ${deaf.length > 1 ? 'do' : 'does'} not; ${cause.code} (${cause.confidence}): ${cause.summary}${advice}`;
}

function inform(router: RouterIdentity, text: string): { readonly level: Level; readonly text: string } {
  return about('info', router, text);
}

function about(
  level: Level,
  router: RouterIdentity | null,
  text: string,
): { readonly level: Level; readonly text: string } {
  return { level, text: router === null ? text : `${routerName(router)} ${text}` };
}
