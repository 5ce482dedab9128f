/** What a key can ask for. */
export type Action =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'open'
  | 'back'
  | 'filter'
  | 'freeze'
  | 'acknowledge'
  | 'next-alarm'
  | 'copy'
  | 'zoom-in'
  | 'zoom-out'
  | 'events'
  | 'inventory'
  | 'next-segment'
  | 'play-pause'
  | 'step'
  | 'faster'
  | 'slower'
  | 'next-event'
  | 'help'
  | 'suspend'
  | 'quit';

export interface Binding {
  readonly action: Action;
  /** Names as `keyNames` gives them. */
  readonly keys: readonly string[];
  /** How the keys are written in the footer and in the help. */
  readonly shown: string;
  /** One word for the footer; null where the help is enough. */
  readonly label: string | null;
  readonly help: string;
  /** Only there while a saved capture is played. */
  readonly replayOnly?: true;
}

/** Every key. The footer shows the labelled ones in this order as far as they fit, the help shows all. */
export const BINDINGS: readonly Binding[] = [
  { action: 'up', keys: ['up', 'k'], shown: '↑ k', label: null, help: 'up' },
  { action: 'down', keys: ['down', 'j'], shown: '↓ j', label: null, help: 'down' },
  { action: 'page-up', keys: ['pageup', 'ctrl-b'], shown: 'PgUp', label: null, help: 'one page up' },
  { action: 'page-down', keys: ['pagedown', 'ctrl-f'], shown: 'PgDn', label: null, help: 'one page down' },
  { action: 'first', keys: ['home', 'g'], shown: 'Home g', label: null, help: 'to the first line' },
  { action: 'last', keys: ['end', 'G'], shown: 'End G', label: null, help: 'to the last line' },
  {
    action: 'open',
    keys: ['return', 'l', 'right'],
    shown: 'Enter',
    label: 'detail',
    help: 'claimants side by side, takeovers, findings',
  },
  {
    action: 'back',
    keys: ['escape', 'h', 'left', 'backspace'],
    shown: 'Esc',
    label: 'back',
    help: 'back; on the table: clear the filter',
  },
  {
    action: 'copy',
    keys: ['c', 'y'],
    shown: 'c',
    label: 'command',
    help: 'show the repair command in full and copy it to the clipboard',
  },
  {
    action: 'acknowledge',
    keys: ['a'],
    shown: 'a',
    label: 'ack',
    help: 'acknowledge the alarm: its banner shrinks to a line',
  },
  { action: 'next-alarm', keys: ['n'], shown: 'n', label: 'next', help: 'next alarm' },
  { action: 'play-pause', keys: ['space'], shown: 'Space', label: 'pause', help: 'pause and go on', replayOnly: true },
  { action: 'step', keys: ['.'], shown: '.', label: 'step', help: 'one packet on', replayOnly: true },
  { action: 'faster', keys: ['>', ']'], shown: '>', label: 'faster', help: 'play faster', replayOnly: true },
  { action: 'slower', keys: ['<', '['], shown: '<', label: 'slower', help: 'play slower', replayOnly: true },
  {
    action: 'next-event',
    keys: ['N', 'tab'],
    shown: 'N',
    label: 'event',
    help: 'jump to the next event',
    replayOnly: true,
  },
  {
    action: 'filter',
    keys: ['/'],
    shown: '/',
    label: 'filter',
    help: 'filter by vrid, address, VLAN, interface or state',
  },
  { action: 'freeze', keys: ['f'], shown: 'f', label: 'freeze', help: 'freeze the screen; capture and alarms go on' },
  { action: 'zoom-in', keys: ['+', '='], shown: '+', label: 'zoom', help: 'timeline: less time per column' },
  { action: 'zoom-out', keys: ['-'], shown: '-', label: null, help: 'timeline: more time per column' },
  { action: 'events', keys: ['e'], shown: 'e', label: 'events', help: 'the event log on the whole screen' },
  { action: 'inventory', keys: ['i'], shown: 'i', label: 'vrids', help: 'inventory of VRIDs, the free ones included' },
  {
    action: 'next-segment',
    keys: ['s'],
    shown: 's',
    label: null,
    help: 'inventory: next segment (interface, VLAN)',
  },
  { action: 'help', keys: ['?'], shown: '?', label: 'help', help: 'this page' },
  {
    action: 'suspend',
    keys: ['ctrl-z'],
    shown: 'Ctrl-Z',
    label: null,
    help: 'suspend; `fg` brings the dashboard back',
  },
  { action: 'quit', keys: ['q', 'ctrl-c'], shown: 'q', label: 'quit', help: 'quit; the summary stays on the terminal' },
];

const ACTION_BY_KEY: ReadonlyMap<string, Binding> = new Map(
  BINDINGS.flatMap((binding) => binding.keys.map((key) => [key, binding] as const)),
);

/** What the key named `key` does, null for nothing. */
export function actionFor(key: string, hasReplay: boolean): Action | null {
  const binding = ACTION_BY_KEY.get(key);
  if (binding === undefined || (binding.replayOnly && !hasReplay)) return null;
  return binding.action;
}

/** The part of Ink's description of a key press that names keys without a character. */
export interface KeyPress {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageUp: boolean;
  readonly pageDown: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly ctrl: boolean;
}

/** The characters that a terminal sends for keys with a name. */
const CHARACTER_NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  '\r': 'return',
  '\n': 'return',
  '\t': 'tab',
  '\u0003': 'ctrl-c',
  '\u001a': 'ctrl-z',
  '\u007f': 'backspace',
};

/** `up`, `return`, `ctrl-c`, `space`, or the character itself. Keys typed faster than they are read arrive together. */
export function keyNames(input: string, key: KeyPress): readonly string[] {
  const special = specialName(key);
  if (special !== null) return [special];
  if (key.ctrl) return [`ctrl-${input}`];
  return [...input].map((character) => CHARACTER_NAMES[character] ?? character);
}

function specialName(key: KeyPress): string | null {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'return';
  if (key.escape) return 'escape';
  if (key.tab) return 'tab';
  return key.backspace || key.delete ? 'backspace' : null;
}
