import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaptureFileError, type ReadOptions, readCaptureFile } from '../../src/capture/file.ts';
import { concat, type Packet, PcapngBlocks, pcapFile, pcapHeader, pcapngFile } from '../support/capture-files.ts';
import { everyFrame, recorder } from '../support/recorded-frames.ts';

const TIME_US = 1_700_000_000_000_000;

function packetsOf(count: number, length = 60): Packet[] {
  return Array.from({ length: count }, (_, i) => ({
    bytes: Uint8Array.from({ length }, (_byte, n) => (n * 7 + i * 13) & 0xff),
    timeUs: TIME_US + i * 1000,
  }));
}

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-file-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileOf(name: string, bytes: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string, options: ReadOptions = {}) {
  const sink = recorder();
  const summary = await readCaptureFile(path, everyFrame, sink, options);
  return { ...summary, frames: sink.frames };
}

function readBytes(...portions: Uint8Array[]) {
  return read('-', { stdin: Readable.from(portions.map((portion) => Buffer.from(portion))) });
}

describe('a file', () => {
  it('is summed up when it has been read', async () => {
    const { frames, ...summary } = await read(fileOf('a.pcap', pcapFile(packetsOf(3))));
    expect(frames).toHaveLength(3);
    expect(summary).toEqual({
      format: 'pcap',
      linkType: 'ETHERNET',
      packets: 3,
      firstUs: TIME_US,
      lastUs: TIME_US + 2000,
      truncated: false,
      error: null,
      hint: null,
      untimed: 0,
      dropped: null,
      interfaceNames: [null],
    });
  });

  it('larger than what is read at once loses nothing at the seams', async () => {
    const packets = packetsOf(3000, 777);
    const { frames, packets: count } = await read(fileOf('large.pcap', pcapFile(packets)));
    expect(count).toBe(3000);
    expect(frames.map((frame) => frame.bytes)).toEqual(packets.map(({ bytes }) => Buffer.from(bytes).toString('hex')));
  });

  it('tells how far it is read', async () => {
    const bytes = concat([
      pcapHeader(),
      ...Array.from({ length: 35 }, () => pcapFile(packetsOf(4, 262_000)).subarray(24)),
    ]);
    const progress: [number, number | null][] = [];
    let packets = 0;
    const onProgress = (...args: [number, number | null]) => progress.push(args);
    const path = fileOf('progress.pcap', bytes);
    await readCaptureFile(path, everyFrame, { frame: () => packets++ }, { onProgress });
    expect(packets).toBe(140);
    expect(progress).toHaveLength(1);
    expect(progress[0]?.[0]).toBeGreaterThanOrEqual(32 * 1024 * 1024);
    expect(progress[0]?.[1]).toBe(bytes.length);
  });

  it('cut in a packet yields what stands before, and says where', async () => {
    const { frames, truncated, error } = await read(fileOf('cut.pcap', pcapFile(packetsOf(3)).subarray(0, -10)));
    expect(frames).toHaveLength(2);
    expect(truncated).toBe(true);
    expect(error).toBe('cut short in the middle of packet 3 (offset 176: 76 bytes wanted, 66 there)');
  });

  it('may be a named pipe', async () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    const source = fileOf('pipe.pcap', pcapFile(packetsOf(5)));
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', source, path]);
    const { frames, truncated } = await read(path);
    expect(frames).toHaveLength(5);
    expect(truncated).toBe(false);
    if (writer.exitCode === null) await new Promise((resolve) => writer.once('exit', resolve));
  });

  it('of a capture that still runs is read to its present end', async () => {
    const path = fileOf('growing.pcap', pcapFile(packetsOf(2)));
    let isGrown = false;
    let packets = 0;
    const growOnce = () => {
      packets++;
      if (!isGrown) writeFileSync(path, pcapFile(packetsOf(4)).subarray(24 + 2 * 76), { flag: 'a' });
      isGrown = true;
    };
    const { truncated } = await readCaptureFile(path, everyFrame, { frame: growOnce });
    expect(packets).toBe(4);
    expect(truncated).toBe(false);
  });
});

describe('what cannot be read at all', () => {
  it.each<[string, () => string, RegExp, RegExp | null]>([
    ['a missing file', () => '/nonexistent.pcap', /^cannot read \/nonexistent.pcap: no such file or directory$/, null],
    ['a directory', () => directory, /is a directory$/, null],
    ['a path through a file', () => join(fileOf('plain', 'x'), 'y'), /: not a directory$/, null],
    ['an empty file', () => fileOf('empty', ''), /empty is empty$/, null],
    ['an empty gzip', () => fileOf('empty.gz', gzipSync('')), /is empty$/, null],
    [
      'text',
      () => fileOf('text', 'vrrp_instance VI_1 {\n'),
      /is not a capture file \(pcap or pcapng\)$/,
      /^it is text/,
    ],
    [
      "tcpdump's output",
      () => fileOf('listing', '13:06:24.600737 IP 10.9.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 150\n'),
      /is not a capture file/,
      /tcpdump prints.*tcpdump -w FILE$/,
    ],
    ['packed text', () => fileOf('text.gz', gzipSync('hello, world\n')), /is not a capture file/, /^it is text/],
    [
      'zstd',
      () => fileOf('z.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0)),
      /is not a capture file/,
      /zstd -dc FILE \| vrrpwatch --pcap -$/,
    ],
    ['random bytes', () => fileOf('random', Uint8Array.of(1, 2, 3, 4, 5, 6)), /is not a capture file/, null],
    ['two bytes', () => fileOf('two', Uint8Array.of(0xd4, 0xc3)), /offset 0: 24 bytes wanted, 2 there\)$/, null],
    ['one byte', () => fileOf('one', Uint8Array.of(0xd4)), /offset 0: 24 bytes wanted, 1 there\)$/, null],
    ['a cut pcap header', () => fileOf('head', pcapHeader().subarray(0, 20)), /24 bytes wanted, 20 there\)$/, null],
    [
      'a cut pcapng header',
      () => fileOf('headng', pcapngFile([]).subarray(0, 20)),
      /28 bytes wanted, 20 there\)$/,
      null,
    ],
    [
      'corrupt gzip',
      () => fileOf('bad.gz', Uint8Array.of(0x1f, 0x8b, 9, 9, 9, 9)),
      /cannot be read: damaged: the gzip/,
      null,
    ],
    [
      'cut gzip',
      () => fileOf('cut.gz', gzipSync(pcapHeader()).subarray(0, 12)),
      /cannot be read: cut short: the gzip/,
      null,
    ],
  ])('%s is told in one line', async (_, path, message, hint) => {
    const error = await read(path()).then(
      () => expect.fail('was read'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CaptureFileError);
    if (!(error instanceof CaptureFileError)) return;
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    if (hint === null) expect(error.hint).toBeNull();
    else expect(error.hint).toMatch(hint);
  });

  it('a file without permission is told as such', async () => {
    const path = fileOf('secret.pcap', pcapHeader());
    chmodSync(path, 0);
    await asNobody(() => expect(read(path)).rejects.toThrow(/: permission denied$/));
  });
});

describe('gzip', () => {
  const bytes = pcapFile(packetsOf(400, 300));

  it.each<[string, (packed: Uint8Array) => Uint8Array]>([
    ['a wrong checksum at its end', (packed) => packed.map((byte, i) => (i === packed.length - 6 ? byte ^ 1 : byte))],
    ['text behind its end', (packed) => concat([packed, Buffer.from('that was all\n')])],
  ])('is read up to %s, however short it is', async (_, damage) => {
    const bytes = pcapFile(packetsOf(20));
    const { packets, truncated, error } = await read(fileOf('damaged.gz', damage(gzipSync(bytes))));
    expect({ packets, truncated }).toEqual({ packets: 20, truncated: true });
    expect(error).toMatch(/^damaged: the gzip data is corrupt after \d+ unpacked bytes/);
  });

  it.each([1, 512, 200_000])('with %i bytes of padding behind it is whole', async (length) => {
    const padded = concat([gzipSync(pcapFile(packetsOf(3))), new Uint8Array(length)]);
    expect(await read(fileOf('padded.pcap.gz', padded))).toMatchObject({ packets: 3, truncated: false });
  });

  it('is read up to a damage in its middle but for a few bytes', async () => {
    const packed = gzipSync(pcapFile(packetsOf(200)));
    packed.fill(0xff, Math.floor(packed.length * 0.9));
    const { packets } = await read(fileOf('middle.gz', packed));
    expect(packets).toBeGreaterThan(150);
  });

  it('of pcap and of pcapng is unpacked', async () => {
    const plain = await read(fileOf('twin.pcap', bytes));
    const packed = await read(fileOf('twin.pcap.gz', gzipSync(bytes)));
    expect(packed).toEqual({ ...plain, format: 'pcap.gz' });
    expect(await read(fileOf('twin.gz', gzipSync(pcapngFile(packetsOf(3)))))).toMatchObject({
      format: 'pcapng.gz',
      packets: 3,
    });
  });

  it('of several members is one capture, however it arrives', async () => {
    const half = bytes.length >> 1;
    const packed = concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (length) => {
        const portions: Uint8Array[] = [];
        for (let at = 0; at < packed.length; at += length) portions.push(packed.subarray(at, at + length));
        const { packets, truncated } = await readBytes(...portions);
        expect({ packets, truncated }).toEqual({ packets: 400, truncated: false });
      }),
      { numRuns: 20, examples: [[1], [gzipSync(bytes.subarray(0, half)).length]] },
    );
  });

  it('cut short yields the packets before the cut', async () => {
    const packed = gzipSync(bytes, { level: 0 });
    const { packets, truncated, error } = await read(fileOf('short.gz', packed.subarray(0, packed.length >> 1)));
    expect(truncated).toBe(true);
    expect(error).toMatch(/^cut short: the gzip data ends early, after \d+ unpacked bytes$/);
    expect(packets).toBeGreaterThan(195);
    expect(packets).toBeLessThanOrEqual(200);
  });

  it('cut between two packets is noticed, too', async () => {
    const packed = gzipSync(bytes);
    const { packets, truncated, error } = await read(fileOf('trailer.gz', packed.subarray(0, -8)));
    expect(packets).toBe(400);
    expect(truncated).toBe(true);
    expect(error).toMatch(/^cut short: the gzip data/);
  });

  it('that is corrupt in the middle yields the packets before', async () => {
    const packed = gzipSync(pcapFile(packetsOf(4000, 300)), { level: 0 });
    packed.fill(0xff, packed.length - 70_000, packed.length - 60_000 + 10_000);
    const { packets, truncated, error } = await read(fileOf('corrupt.gz', packed));
    expect(truncated).toBe(true);
    expect(error).not.toBeNull();
    expect(packets).toBeGreaterThan(3000);
  });
});

describe('a file that is left in the middle', () => {
  it.each([
    ['plain', (bytes: Uint8Array) => bytes],
    ['packed', (bytes: Uint8Array) => gzipSync(bytes, { level: 0 })],
  ])('is told as read in part: %s', async (name, pack) => {
    const stop = new AbortController();
    stop.abort();
    const path = fileOf(`left-${name}.pcap`, pack(pcapFile(packetsOf(20_000))));
    const { packets, truncated, error } = await read(path, { signal: stop.signal });
    expect({ truncated, error }).toEqual({ truncated: true, error: 'was read in part only: interrupted' });
    expect(packets).toBeGreaterThan(0);
    expect(packets).toBeLessThan(20_000);
  });

  it('is whole when it was at its end by then', async () => {
    const stop = new AbortController();
    stop.abort();
    const path = fileOf('whole.pcap', pcapFile(packetsOf(3)));
    expect(await read(path, { signal: stop.signal })).toMatchObject({ packets: 3, truncated: false });
  });
});

describe('standard input', () => {
  it('hands packets over as they arrive, not at its end', async () => {
    const stdin = new PassThrough();
    const bytes = pcapFile(packetsOf(3));
    const sink = recorder();
    const done = readCaptureFile('-', everyFrame, sink, { stdin });
    stdin.write(bytes.subarray(0, 1));
    stdin.write(bytes.subarray(1, 24 + 76 + 30));
    await expect.poll(() => sink.frames.length, { interval: 1 }).toBe(1);
    stdin.end(bytes.subarray(24 + 76 + 30));
    expect(await done).toMatchObject({ packets: 3, truncated: false });
  });

  it('without a byte is told as empty', async () => {
    await expect(readBytes()).rejects.toThrow('standard input is empty');
  });

  it('may be left in the middle without its end being taken for damage', async () => {
    const stdin = new PassThrough();
    const stop = new AbortController();
    const sink = recorder();
    const done = readCaptureFile('-', everyFrame, sink, { stdin, signal: stop.signal });
    stdin.write(pcapFile(packetsOf(3)).subarray(0, -1));
    await expect.poll(() => sink.frames.length, { interval: 1 }).toBe(2);
    stop.abort();
    expect(await done).toMatchObject({ packets: 2, truncated: false, error: null });
    expect(stdin.destroyed).toBe(true);
  });

  it('that fails halfway yields what came before', async () => {
    async function* failing() {
      yield Buffer.from(pcapFile(packetsOf(2)));
      throw new Error('EIO: i/o error, read');
    }
    const { packets, truncated, error } = await read('-', { stdin: Readable.from(failing()) });
    expect({ packets, truncated, error }).toEqual({
      packets: 2,
      truncated: true,
      error: 'cannot be read on: i/o error',
    });
  });

  it('is left alone once the capture turned out to be damaged', async () => {
    const endless = Readable.from(
      (function* () {
        yield Buffer.from(pcapFile(packetsOf(2)));
        for (;;) yield Buffer.alloc(1000, 0xff);
      })(),
    );
    const { packets, truncated } = await read('-', { stdin: endless });
    expect({ packets, truncated }).toEqual({ packets: 2, truncated: true });
  });
});

it('never takes memory for a length that is only declared', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const claims = new Uint8Array(12);
  new DataView(claims.buffer).setUint32(0, 0x0bad, true);
  new DataView(claims.buffer).setUint32(4, 16 * 1024 * 1024, true);
  const { truncated } = await readBytes(concat([pcapngFile([]), claims]));
  expect(truncated).toBe(true);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024);
});

describe('a file large enough to be read ahead', () => {
  it.each(['pcap', 'pcapng'])('gives every packet of %s once and in order', async (format) => {
    const packets = packetsOf(400, 1200).map((packet, i) => ({ ...packet, bytes: packet.bytes.slice(i) }));
    const one = format === 'pcap' ? pcapFile(packets) : pcapngFile(packets);
    const headLength = format === 'pcap' ? 24 : 28 + 20;
    const copies = Math.ceil(40_000_000 / (one.length - headLength));
    const body = Buffer.from(one.subarray(headLength));
    const path = fileOf(`ahead.${format}`, concat([one.subarray(0, headLength), ...Array(copies).fill(body)]));
    const expected = packets.map(({ bytes }) => `${bytes.length} ${bytes[0]} ${bytes.at(-1)}`);
    let wrong = 0;
    let seen = 0;
    const sink = {
      frame(block: Uint8Array, offset: number, length: number) {
        const found = `${length} ${block[offset]} ${block[offset + length - 1]}`;
        if (found !== expected[seen++ % expected.length]) wrong++;
      },
    };
    const summary = await readCaptureFile(path, everyFrame, sink);
    expect({ wrong, seen, packets: summary.packets, error: summary.error }).toEqual({
      wrong: 0,
      seen: copies * 400,
      packets: copies * 400,
      error: null,
    });
  });

  it('yields, damaged in the middle, exactly what stands before', async () => {
    const one = pcapFile(packetsOf(1000, 1000)).subarray(24);
    const good = concat([pcapHeader(), ...Array(30).fill(one)]);
    const path = fileOf('ahead-damaged.pcap', concat([good, new Uint8Array(16).fill(0xff), ...Array(10).fill(one)]));
    const { packets, truncated, error } = await read(path);
    expect({ packets, truncated }).toEqual({ packets: 30_000, truncated: true });
    expect(error).toContain(`damaged at packet 30001 (offset ${good.length}: `);
  });

  it('yields, cut in the last packet, all the others', async () => {
    const one = pcapFile(packetsOf(1000, 1000)).subarray(24);
    const path = fileOf('ahead-cut.pcap', concat([pcapHeader(), ...Array(35).fill(one)]).subarray(0, -1));
    const { packets, error } = await read(path);
    expect(packets).toBe(34_999);
    expect(error).toMatch(/^cut short in the middle of packet 35000 .*: 1016 bytes wanted, 1015 there\)$/);
  });

  it('skips a block of pcapng longer than the portions', async () => {
    const blocks = new PcapngBlocks();
    const filler = blocks.block(0x0bad, new Uint8Array(15_000_000));
    const packet = pcapngFile(packetsOf(1)).subarray(28 + 20);
    const bytes = concat([pcapngFile(packetsOf(1)), filler, packet, filler, packet]);
    const { packets, error } = await read(fileOf('ahead-block.pcapng', bytes));
    expect({ packets, error }).toEqual({ packets: 3, error: null });
  });
});

/** Nothing is forbidden to root, so what root does here is done as user nobody. */
async function asNobody(action: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65534);
  try {
    await action();
  } finally {
    process.seteuid?.(0);
  }
}
