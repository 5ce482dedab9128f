import type { Scene } from '../../src/ui/scene.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { INITIAL_STATE } from '../../src/ui/ui-state.ts';
import { snapshot, splitEvents, splitReport } from './reports.ts';

/** A scene at 80x24 without colour; the split brain unless told otherwise. */
export function scene(overrides: Partial<Scene> = {}): Scene {
  return {
    snapshot: snapshot(splitReport()),
    events: splitEvents(),
    state: INITIAL_STATE,
    replay: null,
    theme: createTheme({ color: false, ascii: false }),
    columns: 80,
    rows: 24,
    showSecrets: false,
    interfaces: ['eth0', 'eth1'],
    alarmsSinceFreeze: 0,
    ...overrides,
  };
}
