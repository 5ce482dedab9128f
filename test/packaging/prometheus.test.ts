import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { metricsText } from '../../src/metrics/exposition.ts';
import { isInstalled } from '../support/installed.ts';
import { every, play, together } from '../support/story.ts';

const CONTRIB = fileURLToPath(new URL('../../contrib/', import.meta.url));

vi.stubGlobal('VRRPWATCH_VERSION', '0.0.0');

test.each(['prometheus/vrrpwatch.rules.yml', 'grafana/vrrpwatch.json', 'prometheus/vrrpwatch.rules.test.yml'])(
  '%s uses metrics that there are',
  async (file) => {
    const { report } = play(together(every([0, 20], 'A', 100), every([5, 20], 'B', 90)), { live: true });
    const exposed = [...(await metricsText(report)).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    const used = readFileSync(`${CONTRIB}${file}`, 'utf8').match(/\bvrrpwatch_\w+/g) ?? [];
    expect(used.length).toBeGreaterThan(5);
    expect([...new Set(used)].filter((name) => !exposed.includes(name))).toEqual([]);
  },
);

test('the dashboard is JSON with a title on every panel and no panel over another', () => {
  const { panels } = JSON.parse(readFileSync(`${CONTRIB}grafana/vrrpwatch.json`, 'utf8')) as {
    panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { title } of panels) expect(title).not.toBe('');
});

describe.runIf(isInstalled('promtool'))('promtool', () => {
  test.each([
    ['check', 'rules', 'vrrpwatch.rules.yml'],
    ['test', 'rules', 'vrrpwatch.rules.test.yml'],
    ['check', 'config', 'prometheus.yml'],
  ])('%s %s %s', (...parameters) => {
    const { status, stderr } = spawnSync('promtool', parameters, { cwd: `${CONTRIB}prometheus`, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

test.runIf(isInstalled('amtool'))('amtool accepts the example of Alertmanager', () => {
  const { status } = spawnSync('amtool', ['check-config', 'alertmanager.yml'], { cwd: `${CONTRIB}prometheus` });
  expect(status).toBe(0);
});
