// Speed and memory against the bars: whole processes, runs interleaved, medians, ratios. npm run bench [-- options]
//
//   --runs N          runs of each contender, default 7
//   --tshark-runs N   default 1, 0 leaves tshark out; one run of the largest file takes minutes
//   --only LIST       of files, memory, start, cost
//
// Needs tcpdump, tshark and script(1); makes its inputs (5 GB at most, in bench/data/) when they are not there.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { costPerAdvert } from './cost.mjs';
import { median, mediansOf, peakMemoryOf, timeOf, timeUntil } from './measure.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DATA = `${ROOT}bench/data/`;
const WATCH = [process.execPath, `${ROOT}bin/vrrpwatch.js`];
const EMPTY = [process.execPath, `${ROOT}scripts/empty.mjs`];
const FILE_HEADER_LENGTH = 24;

/** What tcpdump is asked to do with each capture, and how much of its time we may take. */
const FILES = {
  mixed: { filter: 'host 224.0.0.18', bar: 0.6 },
  small: { filter: 'host 224.0.0.18', bar: 0.6 },
  adverts: { filter: 'vrrp', bar: 0.3 },
};

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    'tshark-runs': { type: 'string', default: '1' },
    only: { type: 'string', default: 'files,memory,start,cost' },
  },
});
const runs = Number(values.runs);

execFileSync(process.execPath, [`${ROOT}scripts/build.mjs`]);
for (const name of Object.keys(FILES)) {
  if (!existsSync(`${DATA}${name}.pcapng`)) execFileSync(process.execPath, [`${ROOT}bench/make-captures.mjs`, name]);
}
const tcpdump = execFileSync('tcpdump', ['--version'], { encoding: 'utf8' }).split('\n')[0];
console.log(
  `node ${process.version}, ${tcpdump}, ${cpus().length} x ${cpus()[0].model}, ${runs} runs, load ${loadavg()[0].toFixed(1)}`,
);
const parts = { files: benchFiles, memory: benchMemory, start: benchStart, cost: benchCost };
for (const part of values.only.split(',')) await parts[part]();
console.log(`load at the end ${loadavg()[0].toFixed(1)}`);

function row(work, measured, bar, unit, detail) {
  const verdict = measured <= bar ? 'met' : 'MISSED';
  const number = (value) => value.toFixed(unit === '' ? 2 : 0) + unit;
  console.log(
    `${work.padEnd(34)} ${number(measured).padStart(8)}   bar ${number(bar).padEnd(7)} ${verdict.padEnd(7)} ${detail}`,
  );
}

function benchFiles() {
  for (const [name, { filter, bar }] of Object.entries(FILES)) {
    const pcap = `${DATA}${name}.pcap`;
    const times = mediansOf(
      {
        tcpdump: ['tcpdump', '-nn', '-r', pcap, filter],
        pcap: [...WATCH, '--pcap', pcap, '--json'],
        pcapng: [...WATCH, '--pcap', `${DATA}${name}.pcapng`, '--json'],
      },
      runs,
    );
    const ms = (time) => `${time.toFixed(0)} ms`;
    row(`${name} to tcpdump`, times.pcap / times.tcpdump, bar, '', `${ms(times.pcap)} to ${ms(times.tcpdump)}`);
    row(`${name} pcapng to pcap`, times.pcapng / times.pcap, 1.2, '', `${ms(times.pcapng)} to ${ms(times.pcap)}`);
    const tsharkTimes = Array.from({ length: Number(values['tshark-runs']) }, () =>
      timeOf(['tshark', '-n', '-r', pcap, '-Y', 'vrrp']),
    );
    if (tsharkTimes.length === 0) continue;
    const tshark = median(tsharkTimes);
    row(`${name} to tshark`, times.pcap / tshark, 0.05, '', `${ms(times.pcap)} to ${ms(tshark)}`);
  }
}

async function benchMemory() {
  const path = `${DATA}memory.pcap`;
  for (const megabytes of [10, 100, 1000, 4000]) {
    growTo(path, megabytes * 1e6);
    const peak = await peakMemoryOf([...WATCH, '--pcap', path, '--json']);
    row(`peak memory, ${megabytes} MB of capture`, peak, 110, ' MB', '');
  }
  rmSync(path);
  row(
    'the same, adverts alone',
    await peakMemoryOf([...WATCH, '--pcap', `${DATA}adverts.pcap`, '--json']),
    110,
    ' MB',
    '',
  );
}

/** A capture of about that length: the records of `mixed`, over and over. */
function growTo(path, length) {
  const source = `${DATA}mixed.pcap`;
  if (!existsSync(path)) copyFileSync(source, path);
  if (length <= statSync(source).size) {
    copyFileSync(source, path);
    truncateSync(path, length);
    return;
  }
  const [from, to] = [openSync(source, 'r'), openSync(path, 'r+')];
  const block = Buffer.alloc(8 << 20);
  let at = FILE_HEADER_LENGTH;
  while (at < length) {
    for (let read = FILE_HEADER_LENGTH; at < length; ) {
      const count = readSync(from, block, 0, block.length, read);
      if (count === 0) break;
      writeSync(to, block, 0, count, at);
      read += count;
      at += count;
    }
  }
  closeSync(from);
  closeSync(to);
}

async function benchStart() {
  const times = mediansOf(
    { empty: EMPTY, version: [...WATCH, '--version'], help: [...WATCH, '--help'] },
    Math.max(runs, 15),
  );
  const detail = `beyond ${times.empty.toFixed(0)} ms of an empty node`;
  row('--version', times.version - times.empty, 25, ' ms', detail);
  row('--help', times.help - times.empty, 25, ' ms', detail);
  const capture = `${ROOT}test/pcaps/02_drop_in_backup_oneway_heal.pcap`;
  const [frames, bare] = [[], []];
  for (let run = 0; run < runs; run++) {
    frames.push(await timeUntil(`${WATCH.join(' ')} --replay --pcap ${capture}`, /vrrpwatch/));
    bare.push(await timeUntil(`${process.execPath} -e 'console.log(1)'`, /1/));
  }
  const empty = median(bare);
  row(
    'first frame of the dashboard',
    median(frames) - empty,
    250,
    ' ms',
    `beyond ${empty.toFixed(0)} ms in a terminal`,
  );
}

function benchCost() {
  for (const story of ['handovers', 'split brain']) {
    const costs = costPerAdvert(story, WATCH, `${DATA}cost`, Math.max(3, runs >> 1));
    const all = costs.map(({ ns }) => ns);
    const detail = costs.map(({ routers, nodes, ns }) => `${routers}x${nodes} ${ns.toFixed(0)} ns`).join(', ');
    row(`cost per advert, ${story}`, Math.max(...all) / Math.min(...all), 1.3, '', detail);
  }
}
