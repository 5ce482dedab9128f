/** A day of 255 virtual routers, judged by the analyzer and drawn by the dashboard, time compressed: see dashboard.mjs. */
import { describe } from '../src/analyzer/describe.ts';
import { LINK_TYPE } from '../src/frame.ts';
import { EventLog } from '../src/ui/event-log.ts';
import { Watch } from '../src/watch/watch.ts';
import { frame } from '../test/support/build.ts';
import { capture } from '../test/ui/reports.ts';
import { memory, startUnseen } from './unseen-dashboard.ts';

const VIRTUAL_ROUTERS = 255;
const DAY_S = 86_400;
/** Seconds of packet time between two frames that are drawn. */
const DRAW_EVERY_S = 10;
/** A virtual router changes its master this often. */
const TURN_S = 7_200;
/** One of them splits for a minute in each hour. */
const HOUR_S = 3_600;
const START_US = 1_795_000_000_000_000;
const IP_ID_OFFSET = 18;

const log = new EventLog();
const watch = new Watch({
  capture: 'soak0',
  interfaceName: () => 'soak0',
  laneHistory: 'recent',
  expectations: [],
  onEvent: (event) => log.add(event),
});
const nodes = ['10.0.0.1', '10.0.0.2'].map((from, node) =>
  Array.from({ length: VIRTUAL_ROUTERS }, (_, i) => frame({ from, vrid: i + 1, priority: 150 - 50 * node })),
);
let nowUs = START_US;
let adverts = 0;

function send(node: number, router: number, atS: number): void {
  const bytes = nodes[node]?.[router];
  if (bytes === undefined) return;
  nowUs = Math.max(nowUs, START_US + Math.round(atS * 1_000_000));
  bytes[IP_ID_OFFSET] = (atS >> 8) & 0xff;
  bytes[IP_ID_OFFSET + 1] = atS & 0xff;
  watch.frame(bytes, 0, bytes.length, bytes.length, nowUs, 0, LINK_TYPE.ethernet);
  adverts++;
}

const dashboard = startUnseen({
  snapshot: () => {
    const counted = {
      name: 'soak0',
      format: 'live',
      linkType: 'ETHERNET',
      packets: adverts,
      adverts,
      firstUs: START_US,
      lastUs: nowUs,
      truncated: false,
      dropped: 0,
    };
    const report = describe([{ analyzer: watch.analyzer, capture: counted, trouble: null }]);
    return { nowUs, report, capture: capture({ adverts }) };
  },
  events: log.latest,
});

for (let second = 0; second < DAY_S; second++) {
  for (let router = 0; router < VIRTUAL_ROUTERS; router++) {
    const atS = second + (0.9 * router) / VIRTUAL_ROUTERS;
    const turn = second + 17 * router;
    // The first node pauses for its peer's turn now and then, and one virtual router has two masters for a minute.
    const isAway = turn % TURN_S > TURN_S - 60;
    const isSplit = router === 50 && second % HOUR_S < 60;
    if (!isAway) send(0, router, atS);
    if (isSplit || (isAway && turn % TURN_S > TURN_S - 56)) send(1, router, atS + 0.0005);
  }
  watch.analyzer.tick(nowUs);
  if (second % DRAW_EVERY_S === 0) {
    dashboard.redraw();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (second % (4 * HOUR_S) === 0) console.error(`after ${second / HOUR_S} h, ${adverts} adverts: ${memory()}`);
}
console.error(`after 24 h, ${adverts} adverts: ${memory()}`);
dashboard.stop();
await dashboard.done;
process.exit(0);
