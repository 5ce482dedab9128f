/**
 * The dashboard on made-up reports, to be run in a terminal: `node fixture-app.mjs ok|split|crash|replay [SPLIT_AFTER_SECONDS]`.
 * The clock starts at the time of the fixtures and runs with the wall.
 */

import type { Report } from '../../src/analyzer/report.ts';
import { LANE } from '../../src/analyzer/report.ts';
import type { ReplayControl } from '../../src/ui/source.ts';
import { startDashboard } from '../../src/ui/start.tsx';
import {
  advertiser,
  ago,
  capture,
  lane,
  NOW_US,
  report,
  router,
  SECOND_US,
  splitBrain,
  splitEvents,
  splitRouter,
} from './reports.ts';

const [mode = 'ok', after = '1'] = process.argv.slice(2);
const startedMs = Date.now();
const splitFromUs = NOW_US + Number(after) * SECOND_US;

const nowUs = () => NOW_US + (Date.now() - startedMs) * 1000;

function currentReport(now: number): Report {
  const others = [router(7), router(52)];
  if (mode !== 'split' || now < splitFromUs) return report([...others, healthy(now)]);
  const deaf = advertiser('10.0.0.3', {
    mac: '00:50:56:aa:01:03',
    addresses: ['10.0.0.1', '10.0.0.9'],
    firstUs: splitFromUs,
    lane: lane(splitFromUs, now, LANE.advert | LANE.violation),
  });
  const { advertisers, ...rest } = healthy(now);
  return report([
    ...others,
    {
      ...rest,
      state: 'split-brain',
      stateSinceUs: splitFromUs,
      advertisers: [...advertisers, deaf],
      splitBrains: [splitBrain({ startUs: splitFromUs, confirmedUs: splitFromUs })],
    },
  ]);
}

function healthy(now: number) {
  const [master] = splitRouter().advertisers;
  if (master === undefined) throw new Error('the fixture has a master');
  return splitRouter({
    state: 'ok',
    stateSinceUs: ago(600),
    splitBrains: [],
    advertisers: [{ ...master, lastUs: now - 200_000, lane: lane(ago(900), now) }],
  });
}

const replay: ReplayControl & { paused: boolean; speed: number } = {
  paused: false,
  speed: 1,
  ended: false,
  startUs: NOW_US,
  endUs: NOW_US + 600 * SECOND_US,
  get positionUs() {
    return nowUs();
  },
  toggle: () => {
    replay.paused = !replay.paused;
  },
  step: () => {},
  faster: () => {
    replay.speed *= 2;
  },
  slower: () => {
    replay.speed /= 2;
  },
  jumpToNextEvent: () => {},
};

let hasCrashed = false;
const dashboard = startDashboard({
  source: {
    snapshot: () => {
      const now = nowUs();
      return { nowUs: now, report: currentReport(now), capture: capture({ lastAdvertUs: now - 200_000 }) };
    },
    events: splitEvents(),
  },
  replay: mode === 'replay' ? replay : null,
  color: process.env['NO_COLOR'] === undefined,
  ascii: process.env['ASCII'] !== undefined,
  bell: true,
  showSecrets: false,
  interfaces: ['eth0', 'eth1'],
});
if (mode === 'crash') {
  setTimeout(() => {
    hasCrashed = true;
    throw new Error('crashed on purpose');
  }, 700);
}
const end = await dashboard.done;
if (!hasCrashed) {
  console.log(`summary after ${end}`);
  process.exit(end === 'quit' ? 0 : 1);
}
