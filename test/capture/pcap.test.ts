import { describe, expect, it } from 'vitest';
import { type Packet, pcapFile, pcapHeader, pcapRecord } from '../support/capture-files.ts';
import { feed } from '../support/feed.ts';

const TIME_US = 1_700_000_000_123_456;

function packet(length: number, more: Partial<Packet> = {}): Packet {
  return { bytes: Uint8Array.from({ length }, (_, i) => i & 0xff), timeUs: TIME_US, ...more };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('classic pcap', () => {
  const magics = ['microseconds', 'nanoseconds', 'kuznetzov'] as const;
  it.each(magics.flatMap((magic) => [false, true].map((bigEndian) => ({ magic, bigEndian }))))(
    'reads $magic records, big endian $bigEndian',
    ({ magic, bigEndian }) => {
      const packets = [packet(60), packet(42, { timeUs: TIME_US + 7, originalLength: 1500 })];
      const { frames, error, reader } = feed(pcapFile(packets, { magic, bigEndian }));

      expect(error).toBeNull();
      expect(reader.parser).toMatchObject({ format: 'pcap', packets: 2, firstUs: TIME_US, lastUs: TIME_US + 7 });
      expect(frames).toEqual([
        { bytes: hex(packet(60).bytes), originalLength: 60, timeUs: TIME_US, interfaceIndex: 0, linkType: 1 },
        { bytes: hex(packet(42).bytes), originalLength: 1500, timeUs: TIME_US + 7, interfaceIndex: 0, linkType: 1 },
      ]);
    },
  );

  it('floors nanoseconds to microseconds', () => {
    const { frames } = feed(pcapFile([packet(60, { extraNs: 999 })], { magic: 'nanoseconds' }));
    expect(frames[0]?.timeUs).toBe(TIME_US);
  });

  it('takes seconds as unsigned, beyond 2038', () => {
    const timeUs = 0xffff_ffff * 1_000_000 + 999_999;
    expect(feed(pcapFile([packet(60, { timeUs })])).frames[0]?.timeUs).toBe(timeUs);
  });

  it.each([
    ['an FCS length of 4 bytes', 0x2400_0001],
    ['reserved bits', 0x0bff_0001],
  ])('finds the link type below %s', (_, linkType) => {
    const { frames, reader } = feed(pcapFile([packet(60)], { linkType }));
    expect(frames[0]?.linkType).toBe(1);
    expect(reader.parser?.linkTypes).toEqual([1]);
  });

  it('takes the lengths of version 2.2 in the order in which they were written then', () => {
    const swapped = { version: [2, 2], swappedLengths: true } as const;
    const { frames, error } = feed(pcapFile([packet(42, { originalLength: 1500 }), packet(60)], swapped));
    expect(error).toBeNull();
    expect(frames.map((frame) => [frame.bytes.length / 2, frame.originalLength])).toEqual([
      [42, 1500],
      [60, 60],
    ]);
  });

  it.each([true, false])(
    'takes the smaller length of version 2.3 as the captured one, swapped %s',
    (swappedLengths) => {
      const { frames } = feed(pcapFile([packet(42, { originalLength: 1500 })], { version: [2, 3], swappedLengths }));
      expect(frames.map((frame) => [frame.bytes.length / 2, frame.originalLength])).toEqual([[42, 1500]]);
    },
  );

  it.each([0, 40, 0xffff_ffff])('does not mind a frame longer than a snapshot length of %i', (snapLength) => {
    const { frames, error } = feed(pcapFile([packet(60), packet(61)], { snapLength }));
    expect(error).toBeNull();
    expect(frames.map((frame) => frame.bytes.length / 2)).toEqual([60, 61]);
  });

  it('reads a record of 262144 bytes, the largest there is, and of none', () => {
    const { frames, error } = feed(pcapFile([packet(262_144), packet(0), packet(60)]));
    expect(error).toBeNull();
    expect(frames.map((frame) => frame.bytes.length / 2)).toEqual([262_144, 0, 60]);
  });

  it('stops at a record that claims more, and says where', () => {
    const record = pcapRecord(packet(60));
    new DataView(record.buffer).setUint32(8, 300_000, true);
    const { frames, error, reader } = feed(Buffer.concat([pcapFile([packet(60)]), record, pcapRecord(packet(60))]));
    expect(frames).toHaveLength(1);
    expect(reader.wantsMore).toBe(false);
    expect(error).toBe('damaged at packet 2 (offset 100: a length of 300000 bytes, at most 262144 are possible)');
  });

  it('is whole without any packet', () => {
    const { error, reader } = feed(pcapHeader());
    expect(error).toBeNull();
    expect(reader.parser).toMatchObject({ packets: 0, firstUs: null, lastUs: null });
    expect(reader.unreadable).toBeNull();
  });

  it('refuses a version that nobody knows', () => {
    const { reader } = feed(pcapFile([packet(60)], { version: [1, 2] }));
    expect(reader.unreadable?.reason).toBe('cannot be read: pcap version 1.2 is not known');
  });

  it('counts and times packets that the filter dismisses', async () => {
    const { PcapParser } = await import('../../src/capture/pcap.ts');
    let handedOver = 0;
    const parser = new PcapParser((block, offset) => block[offset] === 1, { frame: () => handedOver++ });
    const bytes = pcapFile([0, 1, 0].map((first, i) => ({ bytes: Uint8Array.of(first, 9), timeUs: TIME_US + i })));
    expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length);
    expect(handedOver).toBe(1);
    expect(parser).toMatchObject({ packets: 3, firstUs: TIME_US, lastUs: TIME_US + 2 });
  });
});
