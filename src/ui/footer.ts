import type { Action, Binding } from './keys.ts';
import { BINDINGS } from './keys.ts';
import type { LineContent, Span } from './paint.ts';
import { contentWidth, spread } from './paint.ts';
import { alarmsOf, lastEnded } from './routers.ts';
import type { Scene } from './scene.ts';
import type { Screen } from './ui-state.ts';

/** Keys that are always worth a place; the others give way from the right. */
const ALWAYS: readonly Action[] = ['help', 'quit'];

const WITHOUT_ROUTERS: readonly Action[] = ['freeze', 'events'];
const ALARM_ONLY: readonly Action[] = ['acknowledge', 'next-alarm'];

/** What a page beside the table has use for. */
const ON_PAGES: Readonly<Record<Exclude<Screen, 'table'>, readonly Action[]>> = {
  detail: ['back', 'copy', 'freeze'],
  command: ['back', 'copy'],
  events: ['back', 'freeze'],
  inventory: ['back', 'next-segment'],
  help: ['back'],
};

/** The keys that do something on this screen, and where in a long list it is. */
export function footerLine(scene: Scene, position: string | null): LineContent {
  const { state, columns } = scene;
  if (state.isTypingFilter) {
    return spread(
      [{ text: 'filter: ', role: 'key' }, { text: state.filter }, { text: ' ', role: 'badge' }],
      [{ text: 'Enter keep  Esc clear' }],
      columns,
    );
  }
  const right: Span[] = [];
  if (position !== null) right.push({ text: `${position}  ` });
  if (state.filter !== '') right.push({ text: `/${state.filter}  `, role: 'badge' });
  right.push(...BINDINGS.filter(({ action }) => ALWAYS.includes(action)).flatMap(keySpans));
  const left: Span[] = [];
  let room = columns - contentWidth(right) - 1;
  for (const binding of BINDINGS.filter((candidate) => isUseful(candidate, scene))) {
    const spans = keySpans(binding);
    room -= contentWidth(spans);
    if (room < 0) break;
    left.push(...spans);
  }
  return spread(left, right, columns);
}

function isUseful({ action, label, replayOnly }: Binding, { state, replay, snapshot }: Scene): boolean {
  if (label === null || ALWAYS.includes(action) || (replayOnly && replay === null)) return false;
  const alarms = alarmsOf(snapshot.report).length;
  if ((ALARM_ONLY.includes(action) && alarms === 0) || (action === 'next-alarm' && alarms === 1)) return false;
  if (action === 'copy' && alarms === 0 && lastEnded(snapshot.report) === null) return false;
  if (state.screen === 'table') {
    if (snapshot.report.virtualRouters.length === 0) return replayOnly === true || WITHOUT_ROUTERS.includes(action);
    return action !== 'back' || state.filter !== '';
  }
  return replayOnly === true || ON_PAGES[state.screen].includes(action);
}

function keySpans({ shown, label }: Binding): readonly Span[] {
  return [{ text: shown, role: 'key' }, { text: ` ${label}  ` }];
}
