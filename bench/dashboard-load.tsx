/** The dashboard under load, without a terminal: see dashboard.mjs. */
import {
  advertiser,
  ago,
  capture,
  lane,
  NOW_US,
  report,
  router,
  splitEvents,
  splitRouter,
} from '../test/ui/reports.ts';
import { memory, startUnseen } from './unseen-dashboard.ts';

const VIRTUAL_ROUTERS = 255;
const FRAMES = 40_000;
const REST_MS = 20_000;
const FRAME_US = 500_000;

const shared = lane(ago(60));
// Made beforehand, so that only the dashboard is measured.
const reports = Array.from({ length: 97 }, (_, variant) =>
  report([
    ...Array.from({ length: VIRTUAL_ROUTERS - 1 }, (_, i) =>
      router(i + 1, { advertisers: [advertiser(`10.${variant}.1.${i}`, { lane: shared, adverts: variant * i })] }),
    ),
    splitRouter({ vrid: VIRTUAL_ROUTERS }),
  ]),
);

let frames = 0;
const dashboard = startUnseen({
  snapshot: () => {
    frames++;
    const current = reports[frames % reports.length] ?? report([]);
    const health = capture({ adverts: frames * VIRTUAL_ROUTERS });
    return { nowUs: NOW_US + frames * FRAME_US, report: current, capture: health };
  },
  events: splitEvents(),
});

await new Promise((resolve) => setTimeout(resolve, 3000));
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, REST_MS));
const { user, system } = process.cpuUsage(before);
const percent = ((user + system) / REST_MS / 10).toFixed(1);
console.error(`at rest, ${VIRTUAL_ROUTERS} virtual routers on 140x40: ${percent} % of one core`);

for (let i = 0; i <= FRAMES; i++) {
  dashboard.redraw();
  if (i % 10_000 === 0) console.error(`after ${i} frames: ${memory()}`);
  await new Promise((resolve) => setImmediate(resolve));
}
dashboard.stop();
await dashboard.done;
process.exit(0);
