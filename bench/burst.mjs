// A burst of advertisements between two interfaces: what both engines see and lose, beside tcpdump itself.
//
//   sudo node bench/burst.mjs [count] [per second] [buffer size in KiB]
//
// Without a rate, or with 0, they are sent as fast as one process can. 51,000 per second is the liveliest segment that
// VRRP allows for: 255 virtual routers at 0.01 s with two masters each.
//
// Needs root, iproute2, python3 and tcpdump. Works on a veth pair that it makes and removes.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { modernBuffers } from '../scripts/modern-buffers.mjs';

const count = Number(process.argv[2] ?? 100_000);
const offeredPerSecond = Number(process.argv[3] ?? 0);
const bufferSizeKib = process.argv[4] === undefined ? null : Number(process.argv[4]);
const root = fileURLToPath(new URL('..', import.meta.url));
const [near, far] = ['vwburst0', 'vwburst1'];
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-burst-'));

// keepalived's usual VRRPv2 advertisement with one address, 54 bytes; paced in portions of a millisecond.
const SENDER = `
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
frame = bytes.fromhex('01005e00001200005e0001330800' + '45c00028000100 00ff70'.replace(' ', '') + '0000'
    + '0a000001e0000012' + '21336401000100000a000064' + '00' * 8)
count, rate = int(sys.argv[2]), int(sys.argv[3])
send = s.send
start = time.monotonic()
sent = 0
while sent < count:
    due = count if rate == 0 else min(count, int((time.monotonic() - start) * rate))
    for _ in range(due - sent): send(frame)
    sent = max(sent, due)
    if rate: time.sleep(0.001)
print(time.monotonic() - start)
`;

execFileSync(process.execPath, [`${root}scripts/build.mjs`]);
const bundle = `${root}dist/bench-live.js`;
await build({
  entryPoints: [`${root}src/capture/live.ts`],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  plugins: [modernBuffers],
  banner: { js: "import { createRequire as c } from 'node:module'; const require = c(import.meta.url);" },
});
const { watchInterface } = await import(bundle);
ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
try {
  for (const name of [near, far]) ip('link', 'set', name, 'up');
  const rows = [
    await burstAtWatcher('cap'),
    await burstAtWatcher('tcpdump'),
    await burstAtTcpdump('-U --immediate-mode -B 32768', ['-U', '--immediate-mode', '-B', '32768']),
    await burstAtTcpdump('with its defaults', []),
  ];
  console.table(rows);
} finally {
  ip('link', 'del', near);
  rmSync(bundle, { force: true });
  rmSync(directory, { recursive: true });
}

async function burstAtWatcher(engine) {
  let seen = 0;
  let watcher;
  await new Promise((started, failed) => {
    watcher = watchInterface(
      { interface: near, interfaceIndex: 0, engine, filter: null, bufferSizeKib },
      { frame: () => seen++ },
      { started, failed, lost: console.error, resumed() {}, dropped() {} },
    );
  });
  const perSecond = await sendBurst();
  await untilQuiet(() => seen);
  await watcher.stop();
  return row(`vrrpwatch --engine ${engine}`, perSecond, seen, watcher.dropped);
}

async function burstAtTcpdump(title, options) {
  const file = join(directory, 'burst.pcap');
  const tcpdump = spawn('tcpdump', ['-i', near, '-n', '-Z', 'root', '-w', file, ...options, 'ip proto 112']);
  let said = '';
  tcpdump.stderr.on('data', (text) => {
    said += text;
  });
  while (!said.includes('listening')) await once(tcpdump.stderr, 'data');
  const perSecond = await sendBurst();
  await sleep(1500);
  tcpdump.kill('SIGTERM');
  await once(tcpdump, 'close');
  const seen = countRecords(readFileSync(file));
  return row(`tcpdump ${title}`, perSecond, seen, Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1]));
}

/** Advertisements offered per second. */
async function sendBurst() {
  const sender = spawn('python3', ['-c', SENDER, far, String(count), String(offeredPerSecond)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [seconds] = await Promise.all([once(sender.stdout, 'data'), once(sender, 'close')]);
  return Math.round(count / Number(seconds[0]));
}

async function untilQuiet(read) {
  for (let before = -1; before !== read(); await sleep(500)) before = read();
}

function row(capture, perSecond, seen, reportedLost) {
  const lost = `${(((count - seen) / count) * 100).toFixed(2)} %`;
  return { capture, sent: count, 'sent per second': perSecond, seen, lost, 'reported lost': reportedLost };
}

function countRecords(file) {
  let records = 0;
  for (let offset = 24; offset + 16 <= file.length; offset += 16 + file.readUInt32LE(offset + 8)) records++;
  return records;
}

function ip(...args) {
  execFileSync('ip', args);
}
