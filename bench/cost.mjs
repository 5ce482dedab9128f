// What one more advertisement costs, by the number of virtual routers and of their members.
import { rmSync } from 'node:fs';
import { advertFrame, CaptureWriter } from './capture-writer.mjs';
import { median, timeOf } from './measure.mjs';

const START_US = 1_700_000_000e6;
const SHORT = 100_000;
const LONG = 700_000;
/** Seconds that each member is master in a story of handovers. */
const TURN = 40;

/** Nanoseconds per advertisement: a long capture less a short one, so that the start of the process does not count. */
export function costPerAdvert(story, watch, path, runs) {
  const costs = [];
  for (const routers of [1, 16, 255]) {
    for (const nodes of [2, 8]) {
      const files = [SHORT, LONG].map((count) => makeCapture(`${path}-${count}.pcap`, story, routers, nodes, count));
      const differences = Array.from({ length: runs }, () => {
        const [short, long] = files.map((file) => timeOf([...watch, '--pcap', file, '--json']));
        return long - short;
      });
      for (const file of files) rmSync(file);
      costs.push({ routers, nodes, ns: (median(differences) * 1e6) / (LONG - SHORT) });
    }
  }
  return costs;
}

function makeCapture(path, story, routers, nodes, count) {
  const out = new CaptureWriter(path, false);
  const frame = Buffer.alloc(64);
  const ids = new Uint16Array(256 * nodes);
  let written = 0;
  const send = (vrid, node, priority, timeUs) => {
    if (written++ >= count) return;
    const id = ++ids[vrid * nodes + node];
    const length = advertFrame(frame, { vrid, priority, source: 0x0a090001 + node, address: 0x0a096400 + vrid, id });
    out.record(frame, length, timeUs);
  };
  for (let second = 0; written < count; second++) {
    for (let vrid = 1; vrid <= routers; vrid++) {
      const timeUs = START_US + second * 1e6 + vrid * 3000;
      if (story === 'split brain') {
        for (let node = 0; node < nodes; node++) send(vrid, node, 100 + node, timeUs + node * 100);
      } else {
        const node = Math.floor((second + vrid) / TURN) % nodes;
        send(vrid, node, (second + vrid) % TURN === TURN - 1 ? 0 : 100 + node, timeUs);
      }
    }
  }
  out.close();
  return path;
}
