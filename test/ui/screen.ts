import { stripVTControlCharacters } from 'node:util';
import { renderToString } from 'ink';
import { createElement } from 'react';
import { Dashboard } from '../../src/ui/Dashboard.tsx';
import { actionFor } from '../../src/ui/keys.ts';
import type { Scene } from '../../src/ui/scene.ts';
import { createTheme } from '../../src/ui/theme.ts';
import type { UiState } from '../../src/ui/ui-state.ts';
import { afterAction, afterTyping, INITIAL_STATE } from '../../src/ui/ui-state.ts';
import { createView } from '../../src/ui/view.ts';
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

/** What Ink draws for a scene, without styles and without blanks at the line ends. */
export function draw(overrides: Partial<Scene> = {}): string {
  const of = scene(overrides);
  const dashboard = createElement(Dashboard, {
    view: createView(of),
    columns: of.columns,
    theme: of.theme,
    hasKeyboard: false,
    onKey: () => {},
  });
  const lines = stripVTControlCharacters(renderToString(dashboard, { columns: of.columns })).split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The state after some keys were pressed one after another on the scene. */
export function afterKeys(keys: readonly string[], overrides: Partial<Scene> = {}): UiState {
  let state = overrides.state ?? INITIAL_STATE;
  for (const key of keys) {
    const { onScreen } = createView(scene({ ...overrides, state }));
    const action = actionFor(key, false);
    if (state.isTypingFilter) state = afterTyping(state, key);
    else if (action !== null) state = afterAction(state, action, onScreen);
  }
  return state;
}
