import type { Action } from './keys.ts';
import { DEFAULT_ZOOM, ZOOM_STEPS_US } from './lanes.ts';
import type { Alarm } from './routers.ts';

export type Screen = 'table' | 'detail' | 'command' | 'events' | 'inventory' | 'help';

/** What the user chose. The report is not part of it. */
export interface UiState {
  readonly screen: Screen;
  /** Where `back` leads. */
  readonly previous: Screen;
  /** Key of the selected virtual router; null follows the first line, where alarms are. */
  readonly selected: string | null;
  readonly filter: string;
  readonly isTypingFilter: boolean;
  readonly isFrozen: boolean;
  /** Key of the alarm in the banner; null follows the newest that is not acknowledged. */
  readonly alarm: string | null;
  readonly acknowledged: ReadonlySet<string>;
  readonly zoom: number;
  /** First line of the page that is shown. */
  readonly scroll: number;
  readonly segment: number;
  /** Which remedy was copied last. */
  readonly copied: number;
}

export const INITIAL_STATE: UiState = {
  screen: 'table',
  previous: 'table',
  selected: null,
  filter: '',
  isTypingFilter: false,
  isFrozen: false,
  alarm: null,
  acknowledged: new Set(),
  zoom: DEFAULT_ZOOM,
  scroll: 0,
  segment: 0,
  copied: 0,
};

/** What is on the screen, as far as keys depend on it. */
export interface OnScreen {
  /** Keys of the virtual routers in the order of the table. */
  readonly routers: readonly string[];
  /** The one that is selected, also where the user has not chosen one. */
  readonly selected: string | null;
  /** Keys of the alarms, newest first. */
  readonly alarms: readonly string[];
  readonly shownAlarm: string | null;
  /** What the command page repairs. */
  readonly repair: Alarm | null;
  /** Lines that a page key moves by, and the last line that a page scrolls to. */
  readonly pageLines: number;
  readonly scrollMax: number;
  readonly zoom: number;
}

/** The state after an action. Actions that only others can carry out (quit, replay) change nothing here. */
export function afterAction(state: UiState, action: Action, onScreen: OnScreen): UiState {
  switch (action) {
    case 'up':
      return move(state, -1, onScreen);
    case 'down':
      return move(state, 1, onScreen);
    case 'page-up':
      return move(state, -onScreen.pageLines, onScreen);
    case 'page-down':
      return move(state, onScreen.pageLines, onScreen);
    case 'first':
      return move(state, -Infinity, onScreen);
    case 'last':
      return move(state, Infinity, onScreen);
    case 'open':
      return state.screen === 'table' && onScreen.selected !== null
        ? { ...show(state, 'detail'), selected: onScreen.selected }
        : state;
    case 'back':
      if (state.screen === 'table') return { ...state, filter: '' };
      return {
        ...state,
        screen: state.previous === state.screen ? 'table' : state.previous,
        previous: 'table',
        scroll: 0,
      };
    case 'filter':
      return { ...show(state, 'table'), isTypingFilter: true };
    case 'freeze':
      return { ...state, isFrozen: !state.isFrozen };
    case 'acknowledge':
      return acknowledge(state, onScreen);
    case 'next-alarm':
      return nextAlarm(state, onScreen);
    case 'copy':
      if (state.screen === 'command') return { ...state, copied: state.copied + 1 };
      return { ...show(state, 'command'), copied: 0 };
    case 'zoom-in':
      return { ...state, zoom: Math.max(0, onScreen.zoom - 1) };
    case 'zoom-out':
      return { ...state, zoom: Math.min(ZOOM_STEPS_US.length - 1, onScreen.zoom + 1) };
    case 'events':
      return toggle(state, 'events');
    case 'inventory':
      return toggle(state, 'inventory');
    case 'help':
      return toggle(state, 'help');
    case 'next-segment':
      return { ...state, segment: state.segment + 1, scroll: 0 };
    case 'play-pause':
    case 'step':
    case 'faster':
    case 'slower':
    case 'next-event':
    case 'suspend':
    case 'quit':
      return state;
  }
}

/** The state after a key while the filter is typed. */
export function afterTyping(state: UiState, key: string): UiState {
  switch (key) {
    case 'return':
      return { ...state, isTypingFilter: false };
    case 'escape':
      return { ...state, isTypingFilter: false, filter: '' };
    case 'backspace':
      return { ...state, filter: [...state.filter].slice(0, -1).join('') };
    case 'space':
      return { ...state, filter: `${state.filter} ` };
    default:
      // Keys without a character have longer names.
      if (!/^[\x21-\x7e]$/.test(key) || state.filter.length >= FILTER_LENGTH_MAX) return state;
      return { ...state, filter: state.filter + key, selected: null };
  }
}

/** An IPv6 address in full and a word. */
const FILTER_LENGTH_MAX = 60;

function move(state: UiState, by: number, onScreen: OnScreen): UiState {
  if (state.screen !== 'table') {
    return { ...state, scroll: clamp(Math.min(state.scroll, onScreen.scrollMax) + by, onScreen.scrollMax) };
  }
  const last = onScreen.routers.length - 1;
  if (last < 0) return state;
  const at = onScreen.selected === null ? 0 : Math.max(0, onScreen.routers.indexOf(onScreen.selected));
  return { ...state, selected: onScreen.routers[clamp(at + by, last)] ?? null };
}

function show(state: UiState, screen: Screen): UiState {
  return state.screen === screen ? state : { ...state, screen, previous: state.screen, scroll: 0 };
}

function toggle(state: UiState, screen: Screen): UiState {
  if (state.screen !== screen) return show(state, screen);
  return { ...state, screen: state.previous === screen ? 'table' : state.previous, previous: 'table', scroll: 0 };
}

function acknowledge(state: UiState, onScreen: OnScreen): UiState {
  if (onScreen.shownAlarm === null) return state;
  // Those that ended are forgotten, so that the set stays small.
  const acknowledged = new Set([...state.acknowledged].filter((key) => onScreen.alarms.includes(key)));
  acknowledged.add(onScreen.shownAlarm);
  return { ...state, acknowledged, alarm: null };
}

function nextAlarm(state: UiState, onScreen: OnScreen): UiState {
  const { alarms, shownAlarm } = onScreen;
  if (alarms.length === 0) return state;
  const at = shownAlarm === null ? -1 : alarms.indexOf(shownAlarm);
  const inTurn = [...alarms.slice(at + 1), ...alarms.slice(0, at + 1)];
  // What somebody has seen already waits until the others are seen.
  const next = inTurn.find((key) => !state.acknowledged.has(key)) ?? inTurn[0];
  return { ...state, alarm: next ?? null, selected: null };
}

function clamp(value: number, max: number): number {
  return Math.max(0, Math.min(value, max));
}
