import { spawn } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { ANY_LINK_FILTER } from '../../src/capture/filter.ts';
import { type InterfaceWatcher, type WatchOptions, watchInterface } from '../../src/capture/live.ts';
import { frame } from '../support/build.ts';
import { pcapFile, pcapHeader, pcapRecord } from '../support/capture-files.ts';
import { childless } from '../support/childless.ts';
import { type FakeTcpdump, fakeTcpdump } from '../support/fake-tcpdump.ts';
import { recorder } from '../support/recorded-frames.ts';
import { type WatchLog, watchLog } from '../support/watch-log.ts';

vi.mock('node:child_process', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:child_process')>();
  return { ...actual, spawn: vi.fn(actual.spawn) };
});

const FIRST = frame({ from: '10.0.0.1' });
const SECOND = frame({ from: '10.0.0.2', priority: 150 });
const CAPTURE = pcapFile([
  { bytes: FIRST, timeUs: 1_700_000_000_000_001 },
  { bytes: SECOND, timeUs: 1_700_000_000_500_000 },
]);

/** Captures until it is told to end, as tcpdump does. */
const RUN_UNTIL_STOPPED = 'exec sleep 60';

let tcpdump: FakeTcpdump | undefined;
let watcher: InterfaceWatcher | undefined;

afterEach(async () => {
  await watcher?.stop();
  tcpdump?.remove();
  watcher = undefined;
  tcpdump = undefined;
});

/** Starts a watcher over a fake tcpdump that is this script. `any` has no link that could go down meanwhile. */
function watch(
  script: string,
  options: Partial<WatchOptions> = {},
): { log: WatchLog; sink: ReturnType<typeof recorder> } {
  tcpdump = fakeTcpdump(script);
  tcpdump.put('capture', CAPTURE);
  const log = watchLog();
  const sink = recorder();
  const defaults = {
    interface: 'any',
    interfaceIndex: 3,
    engine: 'tcpdump',
    filter: null,
    bufferSizeKib: null,
  } as const;
  watcher = watchInterface({ ...defaults, ...options }, sink, log);
  return { log, sink };
}

test('frames arrive with the time, the lengths and the link type of the stream and the number of the watcher', async () => {
  const { log, sink } = watch('cat $DIR/capture; exit 1');
  expect(await log.next('started')).toBe('started tcpdump, link type 1');
  await log.next('lost');
  expect(sink.frames).toEqual([
    { bytes: hex(FIRST), originalLength: FIRST.length, timeUs: 1_700_000_000_000_001, interfaceIndex: 3, linkType: 1 },
    {
      bytes: hex(SECOND),
      originalLength: SECOND.length,
      timeUs: 1_700_000_000_500_000,
      interfaceIndex: 3,
      linkType: 1,
    },
  ]);
});

test('a stream that arrives in single bytes gives the same frames', async () => {
  const { log, sink } = watch(`
    i=0; while [ $i -lt ${CAPTURE.length} ]; do dd if=$DIR/capture bs=1 skip=$i count=1 2>/dev/null; i=$((i+1)); done
    exit 1`);
  await log.next('lost');
  expect(sink.frames.map(({ bytes }) => bytes)).toEqual([hex(FIRST), hex(SECOND)]);
});

test('a frame that the snapshot length cut keeps its length on the wire', async () => {
  const { log, sink } = watch('cat $DIR/cut; exit 1');
  tcpdump?.put('cut', pcapFile([{ bytes: FIRST.subarray(0, 20), timeUs: 0, originalLength: 54 }]));
  await log.next('lost');
  expect(sink.frames).toMatchObject([{ bytes: hex(FIRST.subarray(0, 20)), originalLength: 54 }]);
});

test('tcpdump is told the interface, the sizes and the filter, and to hold nothing back', async () => {
  const { log } = watch(`cat $DIR/capture; ${RUN_UNTIL_STOPPED}`, {
    interface: 'any',
    filter: 'host 10.0.0.1',
    bufferSizeKib: 4096,
    snapLength: 1500,
  });
  await log.next('started');
  const expected = '-i any -U --immediate-mode -n -w - -s 1500 -B 4096 -- host 10.0.0.1';
  expect(tcpdump?.lastArguments().join(' ')).toBe(expected);
});

test('a tcpdump that ends is reported at once in its own words, and started again', async () => {
  const { log, sink } = watch(`
    cat $DIR/capture
    if [ $RUN -eq 1 ]; then echo 'tcpdump: pcap_loop: The interface disappeared' >&2; exit 1; fi
    ${RUN_UNTIL_STOPPED}`);
  await log.next('resumed');
  expect(log.lines).toEqual([
    'started tcpdump, link type 1',
    'lost: tcpdump ended: The interface disappeared',
    'resumed',
  ]);
  await expect.poll(() => sink.frames.length).toBe(4);
});

test('a tcpdump that is killed is started again', async () => {
  const { log } = watch(`cat $DIR/capture; ${RUN_UNTIL_STOPPED}`);
  await log.next('started');
  process.kill(tcpdump?.lastPid() ?? 0, 'SIGKILL');
  expect(await log.next('lost')).toBe('lost: tcpdump was ended by SIGKILL');
  await log.next('resumed');
  expect(tcpdump?.runs()).toBe(2);
});

test.each([
  ['file descriptors', 'EMFILE', childless],
  [
    'memory',
    'ENOMEM',
    () => {
      throw new Error('spawn ENOMEM');
    },
  ],
])('a machine short of %s (%s) is waited for', async (_what, _code, spawnInNeed) => {
  const { log } = watch(`cat $DIR/capture; [ $RUN -gt 1 ] || exit 1; ${RUN_UNTIL_STOPPED}`);
  await log.next('started');
  vi.mocked(spawn).mockImplementationOnce(spawnInNeed).mockImplementationOnce(spawnInNeed);
  await log.next('resumed');
  expect(log.lines).toEqual(['started tcpdump, link type 1', 'lost: tcpdump ended with status 1', 'resumed']);
  expect(tcpdump?.runs()).toBe(2);
});

test('short of memory at the start is said in one line', async () => {
  vi.mocked(spawn).mockImplementationOnce(() => {
    throw new Error('spawn ENOMEM');
  });
  const { log } = watch(RUN_UNTIL_STOPPED);
  expect(await log.next('failed')).toBe('failed (other): cannot capture on any: tcpdump: spawn ENOMEM');
});

test('a loss is reported once, however many attempts fail before the capture resumes', async () => {
  const { log } = watch(`
    case $RUN in
      1) cat $DIR/capture; exit 1 ;;
      2) echo 'tcpdump: eth0: No such device exists' >&2; exit 1 ;;
      3) echo 'tcpdump: eth0: You do not have permission to capture on that device' >&2; exit 1 ;;
    esac
    cat $DIR/capture; ${RUN_UNTIL_STOPPED}`);
  await log.next('resumed');
  expect(log.lines).toEqual(['started tcpdump, link type 1', 'lost: tcpdump ended with status 1', 'resumed']);
});

test('an interface that is down at the start is waited for', async () => {
  const { log } = watch(`
    if [ $RUN -eq 1 ]; then echo 'tcpdump: any: That device is not up' >&2; exit 1; fi
    cat $DIR/capture; ${RUN_UNTIL_STOPPED}`);
  await log.next('started');
  expect(log.lines).toEqual(['lost: any is down', 'started tcpdump, link type 1']);
});

test.each([
  {
    said: 'tcpdump: any: No such device exists\n(No such device exists)',
    heard: /^failed \(no-interface\): no interface any; there is .*, any$/,
  },
  {
    said: "tcpdump: any: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)",
    heard: /^failed \(no-permission\): no permission .*CAP_NET_RAW.*sudo.*AmbientCapabilities=CAP_NET_RAW/,
  },
  {
    said: "tcpdump: warning: something\ntcpdump: can't parse filter expression: syntax error",
    heard: /^failed \(bad-filter\): bad filter "foo bar": can't parse filter expression: syntax error$/,
  },
  {
    said: "tcpdump: unknown host 'nowhere'",
    heard: /^failed \(bad-filter\): bad filter "foo bar": unknown host 'nowhere'$/,
  },
  {
    said: 'tcpdump: any: That device is on fire',
    heard: /^failed \(other\): cannot capture on any: That device is on fire$/,
  },
])('what no waiting would cure fails in one line: $said', async ({ said, heard }) => {
  const { log } = watch('cat $DIR/said >&2; exit 1', { filter: 'foo bar' });
  tcpdump?.put('said', new TextEncoder().encode(said));
  expect(await log.next('failed')).toMatch(heard);
  expect(log.lines).toHaveLength(1);
  expect(tcpdump?.runs()).toBe(1);
});

test('a link without VLANs gets the default filter without them', async () => {
  const { log } = watch(
    `
    if [ $RUN -eq 1 ]; then echo 'tcpdump: no VLAN support for Raw IP' >&2; exit 1; fi
    cat $DIR/capture; ${RUN_UNTIL_STOPPED}`,
    { interface: 'lo' },
  );
  await log.next('started');
  expect(tcpdump?.lastArguments().at(-1)).toBe(ANY_LINK_FILTER);
});

test('a length above the snapshot length ends the stream before anything is buffered', async () => {
  const oversized = pcapRecord({ bytes: new Uint8Array(1501), timeUs: 0 });
  const { log, sink } = watch(`cat $DIR/oversized; ${RUN_UNTIL_STOPPED}`, { snapLength: 1500 });
  const parts = [
    pcapHeader(),
    pcapRecord({ bytes: FIRST, timeUs: 0 }),
    oversized,
    pcapRecord({ bytes: SECOND, timeUs: 0 }),
  ];
  tcpdump?.put('oversized', Buffer.concat(parts));
  expect(await log.next('lost')).toBe('lost: tcpdump: frame of 1501 bytes where at most 1500 are captured');
  expect(sink.frames.map(({ bytes }) => bytes)).toEqual([hex(FIRST)]);
});

test('a length of four gigabytes is not waited for', async () => {
  const record = Buffer.from(pcapRecord({ bytes: FIRST, timeUs: 0 }));
  record.writeUInt32LE(0xffff_ffff, 8);
  const { log, sink } = watch(`cat $DIR/endless; exec cat /dev/zero`);
  tcpdump?.put('endless', Buffer.concat([pcapHeader(), record]));
  expect(await log.next('lost')).toContain('frame of 4294967295 bytes');
  expect(sink.frames).toEqual([]);
});

test('a program that writes something else is not taken for a capture', async () => {
  const { log } = watch(`echo 'Welcome to this shell, we hope you like it here'; ${RUN_UNTIL_STOPPED}`);
  expect(await log.next('failed')).toBe(
    'failed (other): cannot capture on any: tcpdump: unknown magic number: 57656c63',
  );
});

test('a program that never begins to capture is given up', async () => {
  const { log } = watch(RUN_UNTIL_STOPPED, { startPatienceMs: 50 });
  expect(await log.next('failed')).toBe('failed (other): cannot capture on any: tcpdump: it did not begin to capture');
});

test('what tcpdump says of drops adds up over its runs', async () => {
  const { log } = watch(`
    cat $DIR/capture
    echo "12 packets captured" >&2; echo "12 packets received by filter" >&2; echo "$RUN packets dropped by kernel" >&2
    [ $RUN -eq 1 ] && exit 1
    ${RUN_UNTIL_STOPPED}`);
  expect(watcher?.dropped).toBe(null);
  await log.next('started');
  await vi.waitFor(() => expect(watcher?.dropped).toBe(1));
  await log.next('resumed');
  await vi.waitFor(() => expect(watcher?.dropped).toBe(3));
});

test('stop ends the process and reports nothing more', async () => {
  const { log } = watch(`cat $DIR/capture; ${RUN_UNTIL_STOPPED}`);
  await log.next('started');
  const pid = tcpdump?.lastPid() ?? 0;
  await watcher?.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(log.lines).toEqual(['started tcpdump, link type 1']);
});

test('a process that ignores SIGTERM is killed', async () => {
  const { log } = watch(`trap '' TERM; cat $DIR/capture; while :; do sleep 0.1; done`);
  await log.next('started');
  const pid = tcpdump?.lastPid() ?? 0;
  await watcher?.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('stop before the first frame, during a wait, and twice is no trouble', async () => {
  watch('exit 1');
  await Promise.all([watcher?.stop(), watcher?.stop()]);
  expect(() => tcpdump?.runs()).toThrow('ENOENT');
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
