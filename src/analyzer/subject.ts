import type { WatchEvent } from './event.ts';

/** The virtual router of an event, by its key; an interface for events of the capture. */
export function subjectOf(event: WatchEvent): string {
  if (!('router' in event)) return event.interface;
  return event.router === null ? '' : event.router.key;
}
