import type { WatchEvent } from '../analyzer/event.ts';

export type EventName = WatchEvent['event'];

/** Every event by name, true for those that are told unless the user picks. */
const TOLD_UNASKED: Readonly<Record<EventName, boolean>> = {
  'router-seen': false,
  'advertiser-seen': false,
  'priority-changed': false,
  takeover: true,
  contested: false,
  'split-brain-confirmed': true,
  'split-brain-ended': true,
  silent: true,
  finding: true,
  'capture-started': false,
  'capture-lost': true,
  'capture-resumed': true,
};

export const EVENT_NAMES = Object.keys(TOLD_UNASKED) as readonly EventName[];

export const DEFAULT_EVENTS: readonly EventName[] = EVENT_NAMES.filter((name) => TOLD_UNASKED[name]);

/** The events of `a,b` or `all`; null when one of them does not exist. */
export function parseEventNames(list: string): readonly EventName[] | null {
  if (list.trim() === 'all') return EVENT_NAMES;
  const names = list.split(',').map((name) => name.trim());
  return names.every(isEventName) ? names : null;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(TOLD_UNASKED, name);
}
