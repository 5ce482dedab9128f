import { render } from 'ink';
import { createElement } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import { LANE } from '../../src/analyzer/report.ts';
import { Dashboard } from '../../src/ui/Dashboard.tsx';
import { createView } from '../../src/ui/view.ts';
import { fakeTerminal } from '../support/terminal.ts';
import {
  advertiser,
  ago,
  lane,
  NOW_US,
  report,
  router,
  SECOND_US,
  snapshot,
  splitBrain,
  splitRouter,
} from './reports.ts';
import { scene } from './screen.ts';

const FRAMES = 2000;
/** One blank per width that a terminal was given, here one. */
const STRINGS_MAX = 4;

const measured = vi.hoisted(() => new Set<unknown>());

vi.mock('ink', async (importOriginal) => {
  const ink = await importOriginal<typeof import('ink')>();
  const react = await import('react');
  const recording =
    <P extends { readonly children?: React.ReactNode }>(component: React.ComponentType<P>) =>
    (props: P) => {
      measured.add(props.children);
      return react.createElement(component, props);
    };
  return { ...ink, Text: recording(ink.Text), Transform: recording(ink.Transform) };
});

beforeEach(() => measured.clear());

test('2000 different frames hand Ink, which keeps every string that it measured, a handful of strings', () => {
  const frames = new Set<string>();
  const master = lane(ago(60));
  const deaf = Array.from({ length: 50 }, (_, i) => lane(ago(i), NOW_US, LANE.advert | LANE.violation));
  const { stdin, stdout } = fakeTerminal(80, 24);
  const ink = render(createElement('ink-box'), { stdin, stdout, patchConsole: false });
  for (let i = 0; i < FRAMES; i++) {
    const nowUs = NOW_US + i * 700_000;
    const others = Array.from({ length: 5 }, (_, vrid) =>
      router(vrid + 1, {
        advertisers: [advertiser(`10.${i % 256}.0.${vrid}`, { lane: master, adverts: i * 7, priority: i % 255 })],
      }),
    );
    const split = splitRouter({
      stateSinceUs: NOW_US,
      splitBrains: [splitBrain({ startUs: NOW_US })],
      advertisers: [
        advertiser('10.0.0.2', { adverts: i * 3, lane: master }),
        advertiser('10.0.0.3', { adverts: i, lane: deaf[i % deaf.length] ?? master }),
      ],
    });
    const health = { adverts: i * 5, advertsPerSecond: i / 7, lastAdvertUs: nowUs - (i % 9) * SECOND_US };
    const of = scene({ snapshot: { ...snapshot(report([...others, split]), health), nowUs } });
    const { columns, theme } = of;
    const view = createView(of);
    const dashboard = createElement(Dashboard, { view, columns, theme, hasKeyboard: false, onKey: () => {} });
    ink.rerender(dashboard);
    frames.add(JSON.stringify(view.lines));
  }
  ink.unmount();
  expect(frames.size).toBe(FRAMES);
  expect(measured.size).toBeGreaterThan(0);
  expect(measured.size).toBeLessThanOrEqual(STRINGS_MAX);
});
