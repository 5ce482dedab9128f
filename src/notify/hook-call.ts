import type { WatchEvent } from '../analyzer/event.ts';
import { printable } from '../output/escape.ts';
import { eventLine } from '../output/event-line.ts';
import { eventDocument, jsonText } from '../output/json.ts';
import type { EventName } from './event-names.ts';

/** What a program is told about one event. */
export interface HookCall {
  /** `INSTANCE`, name, state, priority: the arguments of keepalived's `notify` scripts. */
  readonly args: readonly [string, string, string, string];
  readonly environment: Readonly<Record<string, string>>;
  /** The event as one line of JSON, for standard input. */
  readonly json: string;
}

/**
 * States in keepalived's words where it has one, so that scripts written for it can be used. What it has no word for is
 * the name of the event.
 */
const STATES: Readonly<Partial<Record<EventName, string>>> = {
  takeover: 'MASTER',
  'split-brain-confirmed': 'SPLIT_BRAIN',
  // Whoever should yield has yielded.
  'split-brain-ended': 'BACKUP',
  silent: 'FAULT',
  'capture-lost': 'FAULT',
  // keepalived leaves FAULT for BACKUP.
  'capture-resumed': 'BACKUP',
};

/** @param priority of the master, 0 when it is not known */
export function hookCall(event: WatchEvent, priority: number): HookCall {
  const state = STATES[event.event] ?? event.event.toUpperCase().replaceAll('-', '_');
  const name = hookName(event);
  return {
    args: ['INSTANCE', name, state, String(priority)],
    environment: {
      ...documentVariables(eventDocument(event)),
      ...causeVariables(event),
      VRRPWATCH_NAME: name,
      VRRPWATCH_STATE: state,
      VRRPWATCH_TEXT: eventLine(event, { color: false, ascii: false }),
    },
    json: `${jsonText(eventDocument(event))}\n`,
  };
}

/** Who is master of a virtual router as far as its events tell, and with which priority; 0 while it is not known. */
export interface KnownMaster {
  readonly source: string | null;
  readonly priority: number;
}

export const UNKNOWN_MASTER: KnownMaster = { source: null, priority: 0 };

/** Who is master once the event has happened. */
export function masterAfter(event: WatchEvent, known: KnownMaster): KnownMaster {
  switch (event.event) {
    case 'takeover':
      return { source: event.takeover.to, priority: event.priority };
    case 'split-brain-confirmed':
      return { source: event.splitBrain.winner, priority: event.winnerPriority };
    case 'advertiser-seen':
      // Whoever is heard later is master only once it takes over.
      return known.source === null ? { source: event.source, priority: event.priority } : known;
    case 'priority-changed':
      return known.source === event.source ? { source: event.source, priority: event.to } : known;
    default:
      return known;
  }
}

function hookName(event: WatchEvent): string {
  if (!('router' in event)) return printable(event.interface);
  return event.router === null ? 'VRRP' : `VRID ${event.router.vrid}`;
}

/** `VRRPWATCH_LAST_MASTER` for the field `lastMaster`; lists with blanks between, what is absent empty. */
function documentVariables(document: object): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [field, value] of Object.entries(document)) {
    const text = Array.isArray(value) ? value.join(' ') : value === null ? '' : value;
    if (typeof text === 'object') continue;
    variables[`VRRPWATCH_${field.replace(/[A-Z]/g, '_$&').toUpperCase()}`] = printable(String(text));
  }
  return variables;
}

function causeVariables(event: WatchEvent): Record<string, string> {
  if (!('splitBrain' in event)) return {};
  const { cause } = event.splitBrain;
  const [remedy] = cause.remedies;
  return {
    VRRPWATCH_CAUSE: cause.code,
    VRRPWATCH_CONFIDENCE: cause.confidence,
    VRRPWATCH_SUMMARY: printable(cause.summary),
    VRRPWATCH_REMEDY_ON: printable(remedy?.on ?? ''),
    VRRPWATCH_REMEDY: printable(remedy?.command ?? ''),
  };
}
