import type { WatchEvent } from '../analyzer/event.ts';

const LENGTH = 1000;

/** The latest events, for the log of the dashboard. */
export class EventLog {
  readonly latest: WatchEvent[] = [];
  /** All that there have been. */
  count = 0;

  add(event: WatchEvent): void {
    this.count++;
    this.latest.push(event);
    if (this.latest.length > LENGTH) this.latest.shift();
  }
}
