import type { WatchEvent } from '../analyzer/event.ts';
import type { ReplayControl, Snapshot } from './source.ts';
import type { Theme } from './theme.ts';
import type { UiState } from './ui-state.ts';

/** All that a frame is made of. */
export interface Scene {
  readonly snapshot: Snapshot;
  /** Newest last. */
  readonly events: readonly WatchEvent[];
  readonly state: UiState;
  readonly replay: ReplayControl | null;
  readonly theme: Theme;
  readonly columns: number;
  readonly rows: number;
  readonly showSecrets: boolean;
  readonly interfaces: readonly string[];
  /** Alarms that began since the screen was frozen. */
  readonly alarmsSinceFreeze: number;
}
