import type { Report, RouterState } from '../analyzer/report.ts';
import { wrap } from '../output/grid-text.ts';
import type { LineContent, Span } from './paint.ts';
import { contentWidth, spread } from './paint.ts';
import { type Alarm, isAnybodyHeard } from './routers.ts';
import type { Scene } from './scene.ts';
import { WIDE_COLUMNS } from './table.ts';
import type { Role } from './theme.ts';
import { clockOf, dateOf, formatAge, formatCount } from './time.ts';

/** Lines that a reason for a lost capture may take. */
const NOTICE_LINES_MAX = 3;
/** Columns that an interface or file keeps in any case. */
const TITLE_MIN = 8;

/** Verdict and clock, then the health of the capture. */
export function headerLines(scene: Scene, alarms: readonly Alarm[]): readonly LineContent[] {
  const { columns, snapshot } = scene;
  const { capture } = snapshot;
  const name: Span = { text: 'vrrpwatch ', role: 'strong' };
  const judgement = verdict(scene, alarms);
  const mode = modeSpans(scene);
  // A long path gives way to the verdict.
  const own = contentWidth([{ text: capture.title }]);
  const room = columns - contentWidth([name, ...judgement, ...mode]) - '   '.length;
  const align = capture.title.includes('/') ? 'end' : 'middle';
  const place: Span = { text: capture.title, width: Math.min(own, Math.max(room, TITLE_MIN)), align };
  const left: readonly Span[] = [name, place, { text: '  ' }, ...judgement];
  return [spread(left, mode, columns), [...healthSpans(scene), { text: capture.filter, role: 'faint' }]];
}

/** Why the capture was lost and what to do; empty while it is well. */
export function healthNotice(scene: Scene): readonly LineContent[] {
  const { capture } = scene.snapshot;
  if (capture.status !== 'lost' || !isAnybodyHeard(scene.snapshot.report)) return [];
  const since = capture.lastAdvertUs === null ? '' : ` What follows is as of ${clockOf(capture.lastAdvertUs)} UTC.`;
  const reason = wrap(`CAPTURE LOST: ${capture.detail ?? 'no reason given'}; trying again.${since}`, scene.columns);
  return reason.slice(0, NOTICE_LINES_MAX).map((text): LineContent => [{ text, role: 'alarm' }]);
}

function verdict({ snapshot }: Scene, alarms: readonly Alarm[]): readonly Span[] {
  const { report } = snapshot;
  const count = report.virtualRouters.length;
  const routers = count === 1 ? '1 router' : `${count} routers`;
  if (alarms.length > 0) {
    const affected = new Set(alarms.map((alarm) => alarm.router)).size;
    return badge(' SPLIT BRAIN ', 'alarm-badge', ` on ${affected} of ${routers}${commonDeafText(alarms)}`);
  }
  switch (report.verdict) {
    case 'ok':
      return badge(' OK ', 'badge', ` ${routers}`);
    case 'warning':
      return badge(report.exitStatus === 2 ? ' CRITICAL ' : ' WARNING ', 'badge', ` ${routers}${concerns(report)}`);
    case 'split-brain':
      return isTroubled(report)
        ? badge(' WARNING ', 'badge', ` ${routers}${concerns(report)}; ${endedText(report)}`)
        : badge(' OVER ', 'badge', ` ${endedText(report)}; ${routers}`);
    case 'unknown':
      return badge(' UNKNOWN ', 'badge', count === 0 ? ' nothing heard' : ` ${routers}`);
  }
}

/** One deaf host has a banner for each of its virtual routers, and one repair. */
function commonDeafText(alarms: readonly Alarm[]): string {
  const [deaf, ...others] = new Set(alarms.map(({ splitBrain }) => splitBrain.deaf.join(' ')));
  return alarms.length > 1 && deaf && others.length === 0 ? `, ${deaf} deaf` : '';
}

function endedText({ virtualRouters }: Report): string {
  const count = virtualRouters.reduce((sum, { splitBrains }) => sum + splitBrains.length, 0);
  return count === 1 ? 'a split brain ended' : `${count} split brains ended`;
}

/** True when a virtual router is not as it should be now, whatever was before. */
function isTroubled({ virtualRouters }: Report): boolean {
  return virtualRouters.some(({ state }) => state === 'silent' || state === 'contested');
}

/** What asks for attention: `1 silent, 2 findings`. */
function concerns({ virtualRouters, findings }: Report): string {
  const count = (state: RouterState) => virtualRouters.filter((router) => router.state === state).length;
  const all = [...findings, ...virtualRouters.flatMap((router) => router.findings)];
  const parts: readonly (readonly [number, string])[] = [
    [count('silent'), 'silent'],
    [count('contested'), 'contested'],
    [all.filter(({ severity }) => severity !== 'info').length, 'findings'],
  ];
  const named = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return named.length > 0 ? `: ${named.join(', ')}` : '';
}

function badge(word: string, role: Role, text: string): readonly Span[] {
  return [{ text: word, role }, { text }];
}

function modeSpans({ state, replay, snapshot, columns, alarmsSinceFreeze }: Scene): readonly Span[] {
  const date = columns >= WIDE_COLUMNS ? `${dateOf(snapshot.nowUs)} ` : '';
  const clock: Span = { text: ` ${date}${clockOf(snapshot.nowUs)} UTC` };
  if (state.isFrozen) {
    const news = alarmsSinceFreeze > 0 ? ` ${alarmsSinceFreeze} NEW ALARM ` : '';
    return [{ text: ' FROZEN ', role: 'badge' }, { text: news, role: 'alarm-badge' }, clock];
  }
  if (replay === null) return [{ text: 'LIVE', role: 'strong' }, clock];
  const word = replay.ended ? ' END ' : replay.paused ? ' PAUSED ' : ` REPLAY ${replay.speed}x `;
  return [{ text: word, role: 'badge' }, clock];
}

function healthSpans({ snapshot, replay }: Scene): readonly Span[] {
  const { capture, nowUs } = snapshot;
  const spans: Span[] = [];
  if (replay === null) {
    const status = {
      ok: 'capture ok',
      waiting: 'waiting',
      lost: 'CAPTURE LOST',
    }[capture.status];
    spans.push({
      text: capture.engine === null ? status : `${status} (${capture.engine})`,
      role: capture.status === 'lost' ? 'alarm-badge' : capture.status === 'ok' ? 'ok' : 'strong',
    });
  } else {
    const end = replay.endUs === null ? '' : ` of ${formatAge(replay.endUs - replay.startUs)}`;
    spans.push({ text: `at ${formatAge(replay.positionUs - replay.startUs)}${end}` });
  }
  spans.push({ text: `  ${capture.advertsPerSecond.toFixed(1)} adverts/s  ${formatCount(capture.adverts)} heard` });
  if (capture.lastAdvertUs !== null) spans.push({ text: `, last ${lastHeard(nowUs - capture.lastAdvertUs)} ago` });
  const unknown = replay === null ? 'drops unknown' : '';
  const drops = capture.dropped === null ? unknown : `${formatCount(capture.dropped)} dropped`;
  spans.push({ text: `  ${drops}  `, role: capture.dropped !== null && capture.dropped > 0 ? 'warning' : 'plain' });
  return spans;
}

/** Tenths matter in the first seconds: adverts come each second or faster. */
function lastHeard(ageUs: number): string {
  return ageUs < 10_000_000 ? `${(Math.max(0, ageUs) / 1_000_000).toFixed(1)}s` : formatAge(ageUs);
}
