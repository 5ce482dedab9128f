import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader } from '../../src/capture/reader.ts';
import { concat, type Packet, PcapngBlocks, pcapFile, pcapngFile } from '../support/capture-files.ts';
import { feed } from '../support/feed.ts';
import { everyFrame, recorder } from '../support/recorded-frames.ts';

const packets: Packet[] = Array.from({ length: 12 }, (_, i) => ({
  bytes: Uint8Array.from({ length: (i * 17) % 90 }, (_, n) => (n * i) & 0xff),
  timeUs: 1_700_000_000_000_000 + i * 999_999,
}));

const big = new PcapngBlocks({ bigEndian: true });

const CAPTURES: Readonly<Record<string, Uint8Array>> = {
  pcap: pcapFile(packets),
  'pcap of 24-byte records': pcapFile(packets, { magic: 'kuznetzov', bigEndian: true }),
  pcapng: pcapngFile(packets),
  'pcapng of two sections': concat([
    pcapngFile(packets.slice(0, 5), { name: 'eth0', resolution: 9 }),
    big.section(),
    big.interface({ linkType: 113 }),
    ...packets.slice(5).map((packet) => big.enhancedPacket(packet)),
    big.statistics(0, { interfaceDropped: 1n }),
  ]),
};

describe.each(Object.entries(CAPTURES))('%s', (_, bytes) => {
  const whole = feed(bytes);

  it('gives the same frames in whatever portions it arrives', () => {
    expect(whole.frames).toHaveLength(packets.length);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        const { frames, error, reader } = feed(bytes, lengths);
        expect(error).toBeNull();
        expect(frames).toEqual(whole.frames);
        const { firstUs, lastUs, dropped } = whole.reader.parser ?? {};
        expect(reader.parser).toMatchObject({ packets: packets.length, firstUs, lastUs, dropped });
      }),
    );
  });

  it('gives the same frames from any place in memory', () => {
    for (let start = 0; start < 8; start++) {
      const sink = recorder();
      const reader = new CaptureReader(everyFrame, sink);
      // In place only once the format is known.
      reader.push(bytes.slice(0, 28));
      const memory = concat([new Uint8Array(32 + start), bytes.subarray(28)]).subarray(start);
      reader.pushInPlace(memory, 32, memory.length);
      expect(reader.finish()).toBeNull();
      expect(sink.frames).toEqual(whole.frames);
    }
  });

  it('gives, cut anywhere, the frames before the cut, and says that it is cut', () => {
    let last = -1;
    for (let length = 0; length <= bytes.length; length++) {
      const { frames, error, reader } = feed(bytes.subarray(0, length));
      expect(frames).toEqual(whole.frames.slice(0, frames.length));
      // Between two records there is nothing that tells of a cut.
      if (error === null && reader.unreadable === null) expect(reader.parser?.packets).toBe(frames.length);
      else
        expect(reader.unreadable?.reason ?? error).toMatch(
          /cut short in the middle of .* \(offset \d+: \d+ bytes wanted, \d+ there\)|is empty/,
        );
      expect(frames.length).toBeGreaterThanOrEqual(last);
      last = frames.length;
    }
    expect(last).toBe(packets.length);
  });

  it('survives random damage to any byte', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        const { frames, reader } = feed(damaged);
        expect(frames.length).toBeLessThanOrEqual(bytes.length / 16);
        expect(reader.parser === null || Number.isSafeInteger(reader.parser.lastUs ?? 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

it('survives arbitrary bytes behind a valid start', () => {
  const starts = [pcapFile([]), pcapngFile([]), new Uint8Array(0)];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 2000 }), (start, rest) => {
      const { frames } = feed(concat([start, rest]), [64]);
      for (const frame of frames) expect(frame.timeUs).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    }),
    { numRuns: 500 },
  );
});
