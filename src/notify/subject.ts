import type { RouterIdentity, WatchEvent } from '../analyzer/event.ts';

/** The virtual router of an event, by everything that tells it from others; an interface for events of the capture. */
export function subjectOf(event: WatchEvent): string {
  if (!('router' in event)) return event.interface;
  return event.router === null ? '' : routerKey(event.router);
}

export function routerKey(router: Pick<RouterIdentity, 'interface' | 'vlan' | 'family' | 'vrid'>): string {
  return `${router.interface}/${router.vlan}/${router.family}/${router.vrid}`;
}
