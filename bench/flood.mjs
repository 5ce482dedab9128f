// The whole program beside a flood of forged advertisements: does it tell the split brain of two nodes in it, what does
// it lose, what memory does it take?
//
//   sudo node bench/flood.mjs [sources|clusters] [per second] [seconds] [cap|tcpdump]
//
// Needs root, iproute2, python3 and tcpdump. Works on a veth pair that it makes and removes.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { advertFrame } from './capture-writer.mjs';
import { peakMemorySoFar } from './measure.mjs';

const [kind = 'sources', perSecond = '100000', seconds = '15', engine = 'tcpdump'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const [near, far] = ['vwflood0', 'vwflood1'];

/** Offsets of the source; of source, destination and virtual address. */
const RANDOM = { sources: [26], clusters: [26, 30, 42] };
const NODES = [0x0a090001, 0x0a090002];

execFileSync(process.execPath, [`${root}scripts/build.mjs`]);
ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
try {
  for (const name of [near, far]) ip('link', 'set', name, 'up');
  await sleep(300);
  const program = [`${root}bin/vrrpwatch.js`, '-i', near, '--json', '--engine', engine];
  const watcher = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const stream of Object.keys(output)) watcher[stream].on('data', (text) => (output[stream] += text));
  while (!output.stdout.includes('capture-started')) await sleep(50);
  const [flood] = await Promise.all([
    send({ vrid: 51, priority: 90, source: 0x0a424242, address: 0x0a580001 }, perSecond, seconds, RANDOM[kind]),
    send({ vrid: 51, priority: 150, source: NODES[0], address: 0x0a096433 }, 1, seconds, []),
    // Deaf from a third of the time on.
    sleep((Number(seconds) * 1000) / 3).then(() =>
      send({ vrid: 51, priority: 100, source: NODES[1], address: 0x0a096433 }, 1, (Number(seconds) * 2) / 3, []),
    ),
  ]);
  await sleep(2000);
  const peak = `${peakMemorySoFar(watcher.pid).toFixed(0)} MB`;
  watcher.kill('SIGTERM');
  await once(watcher, 'close');
  const [, claimants = ''] =
    /^SPLIT BRAIN +vrid 51 on \S+: ([\s\S]*?)\s+are\s+(?:both|all)\s+master/m.exec(output.stderr) ?? [];
  const isTold = ['10.9.0.1', '10.9.0.2'].every((node) => claimants.split(/[\s,]+/).includes(node));
  const lines = output.stdout.trimEnd().split('\n').length;
  const [, dropped = 'unknown'] = /(\d+) dropped/.exec(output.stderr) ?? [];
  console.table([{ flood: kind, engine, offered: flood, dropped, 'split brain told': isTold, lines, peak }]);
} finally {
  ip('link', 'del', near);
}

/** Frames sent. */
async function send(advert, rate, forSeconds, offsets) {
  const frame = Buffer.alloc(64);
  const length = advertFrame(frame, { ...advert, id: 1 });
  const words = [far, frame.subarray(0, length).toString('hex'), rate, forSeconds, ...offsets].map(String);
  const sender = spawn('python3', [`${root}test/lab/flooder.py`, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [sent] = await Promise.all([once(sender.stdout, 'data'), once(sender, 'close')]);
  return Number(sent[0]);
}

function ip(...args) {
  execFileSync('ip', args);
}
