import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import pcapParser from 'pcap-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCaptureFile } from '../../src/capture/file.ts';
import { concat, type Packet, PcapngBlocks, pcapFile, pcapngFile } from '../support/capture-files.ts';
import { everyFrame, type RecordedFrame, recorder } from '../support/recorded-frames.ts';

const PCAPS = fileURLToPath(new URL('../pcaps/', import.meta.url));
const recorded = readdirSync(PCAPS).filter((name) => name.endsWith('.pcap'));

const MICROSECONDS_LITTLE_ENDIAN = 0xd4c3b2a1;

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-witness-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function framesOf(path: string): Promise<readonly RecordedFrame[]> {
  const sink = recorder();
  await readCaptureFile(path, everyFrame, sink);
  return sink.frames;
}

function pcapParserFramesOf(path: string): Promise<RecordedFrame[]> {
  return new Promise((resolve, reject) => {
    const frames: RecordedFrame[] = [];
    let linkType = 0;
    const file = createReadStream(path);
    const parser = pcapParser.parse(file);
    parser.on('globalHeader', (header) => {
      linkType = header.linkLayerType;
    });
    parser.on('packet', ({ header, data }) => {
      frames.push({
        bytes: data.toString('hex'),
        originalLength: header.originalLength,
        timeUs: header.timestampSeconds * 1_000_000 + header.timestampMicroseconds,
        interfaceIndex: 0,
        linkType,
      });
    });
    file.once('end', () => resolve(frames));
    parser.on('error', reject);
  });
}

describe('pcap-parser sees the same records', () => {
  const readable = recorded.filter((name) => readFileSync(PCAPS + name).readUInt32BE(0) === MICROSECONDS_LITTLE_ENDIAN);

  it('has recordings to compare', () => {
    expect(readable.length).toBeGreaterThanOrEqual(25);
  });

  it.each(readable)('in %s', async (name) => {
    const frames = await framesOf(PCAPS + name);
    expect(frames.length).toBeGreaterThan(0);
    expect(frames).toEqual(await pcapParserFramesOf(PCAPS + name));
  });

  it.each(readable)('in %s packed with gzip', async (name) => {
    const path = join(directory, `${name}.gz`);
    writeFileSync(path, gzipSync(readFileSync(PCAPS + name)));
    expect(await framesOf(path)).toEqual(await framesOf(PCAPS + name));
  });
});

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) {
  const message = 'tshark is not installed: what it sees in capture files is NOT compared';
  if (process.env['CI']) throw new Error(message);
  console.warn(`\n*** ${message} ***\n`);
}

describe.skipIf(!hasTshark)('tshark sees the same records', () => {
  const packets: Packet[] = Array.from({ length: 20 }, (_, i) => ({
    bytes: Uint8Array.from({ length: 60 + i }, (_byte, n) => (n * i) & 0xff),
    timeUs: 1_700_000_000_999_990 + i,
    extraNs: i * 37,
    originalLength: 60 + i + (i % 3),
  }));
  const big = new PcapngBlocks({ bigEndian: true });
  const little = new PcapngBlocks();
  const [first, second] = packets as [Packet, Packet];

  const built: Readonly<Record<string, Uint8Array>> = {
    'us.pcap': pcapFile(packets),
    'us-big-endian.pcap': pcapFile(packets, { bigEndian: true }),
    'ns.pcap': pcapFile(packets, { magic: 'nanoseconds' }),
    'ns-big-endian.pcap': pcapFile(packets, { magic: 'nanoseconds', bigEndian: true }),
    'fcs.pcap': pcapFile(packets, { linkType: 0x2400_0001 }),
    'above-snapshot-length.pcap': pcapFile(packets, { snapLength: 40 }),
    'us.pcapng': pcapngFile(packets),
    'us-big-endian.pcapng': pcapngFile(packets, { bigEndian: true }),
    'ns.pcapng': pcapngFile(packets, { resolution: 9 }),
    'sections.pcapng': concat([pcapngFile(packets), pcapngFile(packets, { bigEndian: true, linkType: 113 })]),
    'interfaces.pcapng': concat([
      little.section(),
      little.interface({ name: 'eth0' }),
      little.interface({ name: 'any', linkType: 276, resolution: 3 }),
      little.enhancedPacket({ ...first, interfaceId: 1 }, 1_700_000_000_123n),
      little.enhancedPacket({ ...second, interfaceId: 0 }),
    ]),
    'offset.pcapng': concat([
      big.section(),
      big.interface({ offsetSeconds: 3600, resolution: 9 }),
      big.enhancedPacket(first, 1_700_000_000_000_000_999n),
      big.obsoletePacket(second, 1_700_000_000_000_001_000n),
    ]),
    'binary-resolution.pcapng': concat([
      little.section(),
      little.interface({ resolution: 0x80 | 20 }),
      little.enhancedPacket(first, 1_700_000_000n * 2n ** 20n + 524_288n),
    ]),
  };

  function tsharkRecordsOf(path: string): string[] {
    const fields = ['frame.time_epoch', 'frame.cap_len', 'frame.len'].flatMap((field) => ['-e', field]);
    const output = execFileSync('tshark', ['-r', path, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // It prints nanoseconds; ours are floored to microseconds.
    return output
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^(\d+\.\d{6})\d*/, '$1'));
  }

  async function recordsOf(path: string): Promise<string[]> {
    return (await framesOf(path)).map(({ timeUs, bytes, originalLength }) => {
      const fraction = String(timeUs % 1_000_000).padStart(6, '0');
      return `${Math.floor(timeUs / 1_000_000)}.${fraction}\t${bytes.length / 2}\t${originalLength}`;
    });
  }

  it.each(Object.entries(built))('in %s and its gzip twin', async (name, bytes) => {
    const path = join(directory, name);
    writeFileSync(path, bytes);
    writeFileSync(`${path}.gz`, gzipSync(bytes));
    const records = await recordsOf(path);
    expect(records).toEqual(tsharkRecordsOf(path));
    expect(await recordsOf(`${path}.gz`)).toEqual(records);
  });

  it('in all recordings', async () => {
    for (const name of recorded) expect(await recordsOf(PCAPS + name), name).toEqual(tsharkRecordsOf(PCAPS + name));
  }, 60_000);
});
