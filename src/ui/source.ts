import type { WatchEvent } from '../analyzer/event.ts';
import type { Report } from '../analyzer/report.ts';

/** How the capture is doing; the caller knows, the dashboard shows it. */
export interface CaptureHealth {
  /** Interfaces or file, as the user named them. */
  readonly title: string;
  /** Who captures, null for a file. */
  readonly engine: string | null;
  readonly filter: string;
  readonly status: 'ok' | 'waiting' | 'lost';
  /** Why it was lost. */
  readonly detail: string | null;
  readonly packets: number;
  readonly adverts: number;
  readonly advertsPerSecond: number;
  /** Frames that the capture lost, null where it does not say. */
  readonly dropped: number | null;
  readonly lastAdvertUs: number | null;
  readonly startedUs: number;
}

export interface Snapshot {
  /** Wall time when live, packet time in a replay; microseconds since the Unix epoch. */
  readonly nowUs: number;
  readonly report: Report;
  readonly capture: CaptureHealth;
}

export interface DashboardSource {
  /** Called once for every frame that is drawn, also while the screen is frozen. What it returned must not change later. */
  snapshot(): Snapshot;
  /** Newest last. The caller drops the oldest; the dashboard copies what it shows. */
  readonly events: readonly WatchEvent[];
}

/** The player of a saved capture. The dashboard shows the getters and calls the methods on keys. */
export interface ReplayControl {
  readonly paused: boolean;
  /** 1 is real time. */
  readonly speed: number;
  readonly ended: boolean;
  /** Packet time of the first packet, of the place that the player is at, and of the last packet (null while unknown). */
  readonly startUs: number;
  readonly positionUs: number;
  readonly endUs: number | null;
  toggle(): void;
  /** Goes on to the next packet and stays paused. */
  step(): void;
  faster(): void;
  slower(): void;
  jumpToNextEvent(): void;
}
