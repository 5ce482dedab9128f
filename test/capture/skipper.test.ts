import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KnownAddresses } from '../../src/analyzer/known-addresses.ts';
import { u32 } from '../../src/bytes.ts';
import { readCaptureFile } from '../../src/capture/file.ts';
import { CaptureReader } from '../../src/capture/reader.ts';
import { Skipper } from '../../src/capture/skipper.ts';
import { vrrpFilter } from '../../src/decoder/filter.ts';
import type { FrameFilter, FrameSink } from '../../src/frame.ts';
import * as build from '../support/build.ts';
import { gre, type VxlanOptions, vxlan } from '../support/build-tunnels.ts';
import { concat, type Packet, PcapngBlocks, pcapFile, pcapngFile } from '../support/capture-files.ts';
import { everyVariant } from '../support/frame-variants.ts';
import { everyFrame, recorder } from '../support/recorded-frames.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIME_US = 1_700_000_000_000_000;

const ENDS = { src: '10.3.0.1', dst: '10.3.0.2' };
const OVER_V6 = { outerSrc: 'fe80::1', outerDst: 'fe80::2' };

const tcp = build.ethernet({ payload: ipv4(6), padTo: 60 });
const strangers = [
  tcp,
  build.ethernet({ payload: ipv4(17) }),
  build.ethernet({ payload: ipv4(6), vlans: [7] }),
  build.ethernet({
    payload: build.ipv6({ src: 'fe80::1', dst: 'fe80::2', nextHeader: 6, payload: new Uint8Array(9) }),
  }),
  arpOf('10.9.9.9'),
  udpTo(53),
  udpTo(53, { outerVlans: [7] }),
  udpTo(53, OVER_V6),
  udpTo(53, { ...OVER_V6, outerVlans: [7] }),
  // As little-endian numbers, or from port 4789: not the ports.
  udpTo(0xb512),
  udpTo(0x1821),
  build.ethernet({
    payload: build.ipv4({ ...ENDS, proto: 17, payload: Uint8Array.of(0x12, 0xb5, 0, 53, 0, 8, 0, 0) }),
  }),
];
const advert = build.frame({ from: '10.0.0.1', addresses: ['10.0.0.100'] });

function ipv4(proto: number): Uint8Array {
  return build.ipv4({ ...ENDS, proto, payload: new Uint8Array(20) });
}

function udpTo(port: number, options: VxlanOptions = {}): Uint8Array {
  return vxlan(new Uint8Array(40), { port, ...options });
}

function arpOf(sender: string): Uint8Array {
  return build.ethernet({ payload: build.arp({ sender, target: '10.0.0.254' }), type: 0x0806, padTo: 60 });
}

function captureOf(frames: readonly Uint8Array[]): Packet[] {
  return frames.map((bytes, i) => ({ bytes, timeUs: TIME_US + i * 1000 }));
}

/** The filter of a watch that knows the senders of what it was given: an advertisement makes ARP of its sender wanted. */
function watching() {
  const known = new KnownAddresses();
  const recorded = recorder();
  const sink: FrameSink = {
    frame(block, offset, ...rest) {
      known.add(u32(block, offset + 26));
      recorded.frame(block, offset, ...rest);
    },
  };
  return { filter: vrrpFilter(known), sink, frames: recorded.frames };
}

/** What a reader makes of a capture that it gets in two pieces, with a skipper or without one. */
function readIn(bytes: Uint8Array, withSkipper: boolean, cut = bytes.length) {
  const { filter, sink, frames } = watching();
  const reader = new CaptureReader(filter, sink);
  const headroom = 64 * 1024;
  const skipper = withSkipper ? Skipper.create(filter, headroom + bytes.length) : null;
  expect(skipper !== null).toBe(withSkipper);
  const start = Skipper.start + headroom;
  const block = skipper?.memory ?? new Uint8Array(start + bytes.length);
  // The header goes in by itself, as in a file: parsing in place begins when the format is known.
  const header = Math.min(bytes.length, 28);
  reader.push(bytes.subarray(0, header));
  for (const piece of [bytes.subarray(header, Math.max(header, cut)), bytes.subarray(Math.max(header, cut))]) {
    block.set(piece, start);
    reader.pushInPlace(block, start, start + piece.length, skipper);
  }
  const error = reader.finish();
  const { packets, firstUs, lastUs } = reader.parser ?? {};
  return { frames, error, unreadable: reader.unreadable, packets, firstUs, lastUs };
}

/** Number of records at the start that a skipper passes over. */
function passed(format: 'pcap' | 'pcapng', file: Uint8Array, headLength: number, interfaceId = 0): number {
  const skipper = Skipper.create(watching().filter, file.length);
  if (skipper === null) throw new Error('no WebAssembly');
  const end = Skipper.start + file.length - headLength;
  skipper.memory.set(file.subarray(headLength), Skipper.start);
  if (format === 'pcap') skipper.pcap(Skipper.start, end);
  else skipper.pcapng(Skipper.start, end, interfaceId);
  return skipper.takeCount();
}

const HEAD = { pcap: 24, pcapng: 28 + 20 } as const;

it('runs what its source compiles to', () => {
  const written = execFileSync(process.execPath, [`${ROOT}scripts/skipper.mjs`, '--stdout'], { encoding: 'utf8' });
  expect(readFileSync(`${ROOT}src/capture/skipper-code.ts`, 'utf8')).toBe(written);
});

describe.each(['pcap', 'pcapng'] as const)('in %s', (format) => {
  const fileOf = (frames: readonly Uint8Array[]) =>
    format === 'pcap' ? pcapFile(captureOf(frames)) : pcapngFile(captureOf(frames));
  const passedOf = (frames: readonly Uint8Array[]) => passed(format, fileOf(frames), HEAD[format]);

  it('passes over what is none of the business of VRRP', () => {
    expect(passedOf(strangers)).toBe(strangers.length);
  });

  it.each(everyVariant.filter(({ linkType }) => linkType === 1).map(({ name, bytes }) => [name, bytes] as const))(
    'stops at %s',
    (_, bytes) => {
      const { filter } = watching();
      if (filter(bytes, 0, bytes.length, 1)) expect(passedOf([tcp, bytes, tcp])).toBe(1);
    },
  );

  it('stops at whatever it does not know: LLDP, two tags, spanning tree', () => {
    const lldp = build.ethernet({ type: 0x88cc, payload: new Uint8Array(40) });
    const tagged = build.ethernet({ payload: ipv4(6), vlans: [5, 6] });
    const bridge = build.ethernet({ type: 39, payload: new Uint8Array(46) });
    expect([lldp, tagged, bridge].map((frame) => passedOf([tcp, frame, tcp]))).toEqual([1, 1, 1]);
  });

  it.each([
    ['UDP to the port of VXLAN', udpTo(4789)],
    ['UDP to the other one', udpTo(8472)],
    ['the same in a VLAN', udpTo(8472, { outerVlans: [7] })],
    ['the same over IPv6', udpTo(4789, OVER_V6)],
    ['the same over IPv6 in a VLAN', udpTo(4789, { ...OVER_V6, outerVlans: [7] })],
    ['UDP behind IPv4 options, wherever it goes', udpTo(53, { outerOptions: new Uint8Array(4) })],
    ['GRE', gre(tcp)],
    ['GRE over IPv6', gre(tcp, OVER_V6)],
  ])('stops at %s', (_, bytes) => {
    expect(passedOf([tcp, bytes, tcp])).toBe(1);
  });

  it('stops at an ARP packet that lacks its end', () => {
    expect(passedOf([tcp, arpOf('10.9.9.9').subarray(0, 41), tcp])).toBe(1);
  });

  it('stops at a record that is not all there', () => {
    const whole = fileOf([tcp, tcp, tcp]);
    for (let cut = 1; cut < tcp.length; cut += 4) {
      expect(passed(format, whole.subarray(0, whole.length - cut), HEAD[format])).toBe(2);
    }
  });

  it('hands over ARP that asks for such an address, too', () => {
    const asking = build.ethernet({ payload: build.arp({ sender: '10.9.9.9', target: '10.0.7.1' }), type: 0x0806 });
    const { frames } = readIn(fileOf([asking, tcp, build.frame({ from: '10.0.7.1' }), tcp, asking, tcp]), true);
    expect(frames.map((frame) => frame.timeUs - TIME_US)).toEqual([2000, 4000]);
  });

  it('hands over ARP of an address from the advertisement on that brought it', () => {
    const sent = build.frame({ from: '10.0.7.1' });
    const other = [arpOf('10.0.3.129'), arpOf('10.0.7.2'), arpOf('10.0.6.1')];
    const bytes = fileOf([arpOf('10.0.7.1'), tcp, sent, tcp, arpOf('10.0.7.1'), tcp, ...other, tcp]);
    const { frames, packets } = readIn(bytes, true);
    expect(frames.map((frame) => frame.timeUs - TIME_US)).toEqual([2000, 4000]);
    expect(packets).toBe(10);
  });

  it('makes no difference to what is read, however the capture is damaged', () => {
    const frame = fc.oneof(
      { arbitrary: fc.constantFrom(...strangers), weight: 6 },
      { arbitrary: fc.constantFrom(...everyVariant.map(({ bytes }) => bytes)), weight: 1 },
      { arbitrary: fc.constantFrom(advert, arpOf('10.0.0.1'), arpOf('10.3.0.1')), weight: 1 },
      { arbitrary: fc.uint8Array({ maxLength: 70 }), weight: 1 },
    );
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 30 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
        fc.nat(3000),
        fc.nat(3),
        (frames, changes, cut, missing) => {
          const whole = fileOf(frames);
          const bytes = whole.subarray(0, whole.length - missing);
          for (const [at, value] of changes) bytes[HEAD[format] + (at % (bytes.length - HEAD[format]))] = value;
          expect(readIn(bytes, true, cut)).toEqual(readIn(bytes, false, cut));
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('in pcapng', () => {
  const blocks = new PcapngBlocks();
  const of = (interfaceId: number) => blocks.enhancedPacket({ bytes: tcp, timeUs: TIME_US, interfaceId });

  it('stops at a packet of another interface, which may have another link type', () => {
    expect(passed('pcapng', concat([of(3), of(3), of(4), of(3)]), 0, 3)).toBe(2);
  });

  it('stops at a block of another type', () => {
    expect(passed('pcapng', concat([of(0), blocks.block(5, new Uint8Array(12)), of(0)]), 0)).toBe(1);
  });

  it.each([
    ['too short for a packet', { 4: 28, 24: 28 }],
    ['one that leads back', { [-8]: 0xffff_fffc, 4: 0xffff_fffc }],
    ['no multiple of four', { 4: 94, 90: 94 }],
    ['less than that of its packet', { 20: 61 }],
    ['another one at its end', { 88: 88 }],
  ])('stops where the length is %s', (_, changes) => {
    const blocksThere = concat([of(0), of(0), of(0), of(0)]);
    const view = new DataView(blocksThere.buffer);
    const second = of(0).length;
    for (const [at, value] of Object.entries(changes)) view.setUint32(second + Number(at), value, true);
    expect(passed('pcapng', blocksThere, 0)).toBe(1);
  });
});

it('stops in pcap where a length is more than any record has', () => {
  const odd = pcapFile(captureOf([tcp])).subarray(24);
  new DataView(odd.buffer, odd.byteOffset).setUint32(8, 262_145, true);
  const record = pcapFile(captureOf([tcp])).subarray(24);
  expect(passed('pcap', concat([record, odd, new Uint8Array(300_000)]), 0)).toBe(1);
});

it.each([
  { magic: 'nanoseconds' },
  { magic: 'kuznetzov' },
  { bigEndian: true },
  { linkType: 113 },
  { version: [2, 2], swappedLengths: true },
] as const)('makes no difference to a capture with %o', (options) => {
  const bytes = pcapFile(captureOf([tcp, tcp, advert, tcp, arpOf('10.0.0.1'), tcp, tcp]), options);
  expect(readIn(bytes, true)).toEqual(readIn(bytes, false));
});

describe('a large file', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-skipper-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  afterEach(() => vi.unstubAllGlobals());

  /** 40 MB, of which every 50th frame is an advertisement. */
  async function readLarge(format: 'pcap' | 'pcapng') {
    const bulk = build.ethernet({ payload: ipv4(6), padTo: 1400 });
    const packets = captureOf(Array.from({ length: 500 }, (_, i) => (i % 50 === 49 ? advert : bulk)));
    const one = format === 'pcap' ? pcapFile(packets) : pcapngFile(packets);
    const body = Buffer.from(one.subarray(HEAD[format]));
    const path = join(directory, `large.${format}`);
    writeFileSync(path, concat([one.subarray(0, HEAD[format]), ...Array(60).fill(body)]));
    const { filter, sink, frames } = watching();
    let asked = 0;
    const counting: FrameFilter = (...frame) => {
      asked++;
      return filter(...frame);
    };
    const summary = await readCaptureFile(path, Object.assign(counting, filter), sink);
    return { summary, frames: frames.length, asked };
  }

  it.each(['pcap', 'pcapng'] as const)(
    'of %s is asked about where something is wanted, and little else',
    async (format) => {
      const { summary, frames, asked } = await readLarge(format);
      expect({ packets: summary.packets, error: summary.error, frames }).toEqual({
        packets: 30_000,
        error: null,
        frames: 600,
      });
      expect(summary.lastUs).toBe(TIME_US + 499_000);
      expect(asked).toBeLessThan(3000);
    },
  );

  it.each(['pcap', 'pcapng'] as const)('of %s reads the same without WebAssembly', async (format) => {
    const { summary, frames } = await readLarge(format);
    vi.stubGlobal('WebAssembly', undefined);
    const without = await readLarge(format);
    expect(without).toEqual({ summary, frames, asked: 30_000 });
  });
});

it('is none for a filter that does not tell what it wants', () => {
  expect(Skipper.create(everyFrame, 1000)).toBeNull();
});
