// Compares reading saved captures with tcpdump (and tshark, when asked for): whole processes, runs interleaved, medians.
//
//   npm run build && node bench/make-captures.mjs && node bench/files.mjs [--tshark] [--runs N] [mixed|small|adverts ...]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

const DATA = new URL('data/', import.meta.url).pathname;
const PROGRAM = new URL('../bin/vrrpwatch.js', import.meta.url).pathname;

/** What tcpdump and tshark are asked to do with each capture. */
const FILTER = { mixed: 'host 224.0.0.18', small: 'host 224.0.0.18', adverts: 'vrrp' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tshark: { type: 'boolean', default: false }, runs: { type: 'string', default: '7' } },
});

function contenders(name) {
  const pcap = `${DATA}${name}.pcap`;
  const pcapng = `${DATA}${name}.pcapng`;
  const list = {
    tcpdump: ['tcpdump', '-nn', '-r', pcap, FILTER[name] ?? 'host 224.0.0.18'],
    vrrpwatch: [process.execPath, PROGRAM, '--pcap', pcap, '--json'],
    'vrrpwatch pcapng': [process.execPath, PROGRAM, '--pcap', pcapng, '--json'],
    'empty node': [process.execPath, '-e', '0'],
  };
  if (values.tshark) list.tshark = ['tshark', '-n', '-r', pcap, '-Y', 'vrrp'];
  return list;
}

/** Wall time of one run in milliseconds; output is thrown away. */
function timeOf([command, ...args]) {
  const start = performance.now();
  const { error } = spawnSync(command, args, { stdio: 'ignore' });
  if (error) throw error;
  return performance.now() - start;
}

function median(times) {
  return [...times].sort((a, b) => a - b)[times.length >> 1];
}

console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0].model}, ${values.runs} runs each`);
for (const name of positionals.length > 0 ? positionals : Object.keys(FILTER)) {
  if (!existsSync(`${DATA}${name}.pcap`))
    throw new Error(`${name}.pcap is missing: node bench/make-captures.mjs ${name}`);
  const list = contenders(name);
  const times = Object.fromEntries(Object.keys(list).map((who) => [who, []]));
  // Runs take turns, so that a busy moment of the machine hits all of them; the first turn warms the page cache.
  for (let run = 0; run <= Number(values.runs); run++) {
    for (const who of Object.keys(list)) {
      const time = timeOf(list[who]);
      if (run > 0) times[who].push(time);
    }
  }
  const base = median(times.tcpdump);
  for (const who of Object.keys(list)) {
    const time = median(times[who]);
    console.log(
      `${name.padEnd(8)} ${who.padEnd(17)} ${time.toFixed(0).padStart(7)} ms   ${(time / base).toFixed(2)} of tcpdump`,
    );
  }
}
