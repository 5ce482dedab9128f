import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInterface, ticksToUs } from '../../src/capture/pcapng-interface.ts';
import { NO_TIME } from '../../src/frame.ts';
import { concat, type InterfaceOptions, type Packet, PcapngBlocks, pcapngFile } from '../support/capture-files.ts';
import { feed } from '../support/feed.ts';

const TIME_US = 1_700_000_000_123_456;
const blocks = new PcapngBlocks();

function packet(length: number, more: Partial<Packet> = {}): Packet {
  return { bytes: Uint8Array.from({ length }, (_, i) => i & 0xff), timeUs: TIME_US, ...more };
}

/** A section with one interface, then these blocks. */
function capture(...rest: Uint8Array[]): Uint8Array {
  return concat([blocks.section(), blocks.interface(), ...rest]);
}

describe('pcapng', () => {
  it.each([
    { bigEndian: false, resolution: 6 },
    { bigEndian: true, resolution: 6 },
    { bigEndian: false, resolution: 9 },
    { bigEndian: true, resolution: 9 },
  ])('reads enhanced packets, %o', (options) => {
    const packets = [packet(60, { extraNs: 999 }), packet(41, { timeUs: TIME_US + 7, originalLength: 1500 })];
    const { frames, error, reader } = feed(pcapngFile(packets, options));
    expect(error).toBeNull();
    expect(reader.parser).toMatchObject({ format: 'pcapng', packets: 2, firstUs: TIME_US, lastUs: TIME_US + 7 });
    expect(frames).toEqual(
      packets.map(({ bytes, timeUs, originalLength }) => ({
        bytes: Buffer.from(bytes).toString('hex'),
        originalLength: originalLength ?? bytes.length,
        timeUs,
        interfaceIndex: 0,
        linkType: 1,
      })),
    );
  });

  it('numbers interfaces across sections of different byte order', () => {
    const big = new PcapngBlocks({ bigEndian: true });
    const bytes = concat([
      blocks.section(),
      blocks.interface({ linkType: 1, name: 'eth0' }),
      blocks.interface({ linkType: 276, name: 'any' }),
      blocks.enhancedPacket(packet(60, { interfaceId: 1 })),
      blocks.enhancedPacket(packet(60, { interfaceId: 0 })),
      big.section(),
      big.interface({ linkType: 113 }),
      big.enhancedPacket(packet(60, { interfaceId: 0, timeUs: TIME_US + 5 })),
    ]);
    const { frames, error, reader } = feed(bytes);
    expect(error).toBeNull();
    expect(frames.map((frame) => [frame.interfaceIndex, frame.linkType])).toEqual([
      [1, 276],
      [0, 1],
      [2, 113],
    ]);
    expect(reader.parser?.interfaceNames).toEqual(['eth0', 'any', null]);
    expect(reader.parser?.linkTypes).toEqual([1, 276, 113]);
    expect(reader.parser?.lastUs).toBe(TIME_US + 5);
  });

  describe('with several sections', () => {
    /** Numbers that the packets of the sections have, each with these interfaces and a packet of each of them. */
    function indexes(...sections: (readonly InterfaceOptions[])[]): number[] {
      const { frames, error } = feed(
        concat(
          sections.flatMap((interfaces) => [
            blocks.section(),
            ...interfaces.map((each) => blocks.interface(each)),
            ...interfaces.map(({ resolution }, interfaceId) =>
              blocks.enhancedPacket(packet(60, { interfaceId }), BigInt(TIME_US) * (resolution === 9 ? 1000n : 1n)),
            ),
          ]),
        ),
      );
      expect(error).toBeNull();
      return frames.map(({ interfaceIndex }) => interfaceIndex);
    }
    const [eth0, eth1] = [{ name: 'eth0' }, { name: 'eth1' }];

    it.each([
      ['the same name', [eth0], [eth0], [0, 0]],
      ['the same names in another order', [eth0, eth1], [eth1, eth0], [0, 1, 1, 0]],
      ['a name that is new', [eth0], [eth1], [0, 1]],
      ['the same name, counted in other units', [eth0], [{ name: 'eth0', resolution: 9 }], [0, 0]],
      ['the same name with another link type', [eth0], [{ name: 'eth0', linkType: 113 }], [0, 1]],
      ['a name that two have, in both sections', [eth0, eth0], [eth0, eth0], [0, 1, 0, 1]],
      ['no name and the same number', [{}, {}], [{}, {}], [0, 1, 0, 1]],
      ['no name and another number', [eth0, {}], [{}], [0, 1, 2]],
      ['no name and another link type', [{}], [{ linkType: 113 }], [0, 1]],
    ])('knows an interface again: %s', (_, first, second, expected) => {
      expect(indexes(first, second)).toEqual(expected);
    });

    it('names each interface once', () => {
      const section = concat([blocks.section(), blocks.interface(eth0), blocks.interface(eth1)]);
      expect(feed(concat([section, section])).reader.parser?.interfaceNames).toEqual(['eth0', 'eth1']);
    });

    it('reads times by the clock of the section', () => {
      const bytes = concat([
        blocks.section(),
        blocks.interface(eth0),
        blocks.enhancedPacket(packet(60)),
        blocks.section(),
        blocks.interface({ name: 'eth0', resolution: 9 }),
        blocks.enhancedPacket(packet(60), BigInt(TIME_US) * 1000n),
      ]);
      expect(feed(bytes).frames.map(({ timeUs }) => timeUs)).toEqual([TIME_US, TIME_US]);
    });

    it('counts drops anew in each', () => {
      const section = (dropped: bigint) =>
        concat([
          blocks.section(),
          blocks.interface(eth0),
          blocks.statistics(0, { interfaceDropped: dropped - 1n }),
          blocks.statistics(0, { interfaceDropped: dropped }),
        ]);
      const untold = concat([blocks.section(), blocks.interface(eth0)]);
      expect(feed(concat([section(3n), section(10n), untold])).reader.parser?.dropped).toBe(13);
    });

    /** A section of an interface, with a packet at each of these seconds. */
    function section(name: string, ...atS: number[]): Uint8Array {
      const packets = atS.map((each) => blocks.enhancedPacket(packet(60, { timeUs: TIME_US + each * 1_000_000 })));
      return concat([blocks.section(), blocks.interface({ name }), ...packets]);
    }

    it.each([
      ['after the one before', [section('eth0', 0, 10), section('eth0', 11, 20)], 4],
      ['a second before its end', [section('eth0', 0, 10), section('eth0', 9, 20)], 4],
      ['within a second of the latest, whichever that is', [section('a', 0, 10), section('b'), section('c', 9.5)], 3],
      ['and is set back later', [section('eth0', 0, 10), section('eth0', 11, 2)], 4],
    ])('goes on where the next begins %s', (_, sections, count) => {
      const { frames, error } = feed(concat(sections));
      expect(error).toBeNull();
      expect(frames).toHaveLength(count);
    });

    it.each([
      ['during it', [section('eth0', 0, 10), section('eth0', 3, 13)], '2 (offset 304) begins 7.000'],
      ['before it', [section('eth0', 0, 10), section('eth1', -5, 20)], '2 (offset 304) begins 15.000'],
      [
        'during one further ahead',
        [section('a', 0, 10), section('b', 9.5), section('c', 8)],
        '3 (offset 456) begins 2.000',
      ],
    ])('ends with the first that begins %s', (_, sections, where) => {
      const { frames, error, reader } = feed(concat([...sections, section('eth0', 30)]));
      expect(frames).toHaveLength(Number(where[0]));
      expect(error).toBe(
        `has sections that overlap in time: the one after packet ${where} s before the end of what stands before it`,
      );
      expect(reader.wantsMore).toBe(false);
      expect(reader.parser?.lastUs).toBe(frames.at(-1)?.timeUs);
    });

    it('takes any number of them', () => {
      const section = concat([blocks.section(), blocks.interface(eth0)]);
      expect(feed(concat(Array.from({ length: 70_000 }, () => section))).error).toBeNull();
    });
  });

  it('reads obsolete packet blocks, whose drop count shares the field of the interface', () => {
    const { frames, reader } = feed(capture(blocks.obsoletePacket(packet(33, { originalLength: 99 }))));
    expect(frames).toMatchObject([{ originalLength: 99, timeUs: TIME_US, interfaceIndex: 0 }]);
    expect(frames[0]?.bytes).toHaveLength(66);
    expect(reader.parser).toMatchObject({ firstUs: TIME_US, lastUs: TIME_US });
  });

  it('says of a simple packet that it has no time, and cuts it at the snapshot length', () => {
    const bytes = concat([
      blocks.section(),
      blocks.interface({ snapLength: 40 }),
      blocks.enhancedPacket(packet(20)),
      blocks.simplePacket({ ...packet(40), originalLength: 1500 }),
      blocks.simplePacket(packet(30)),
    ]);
    const { frames, error, reader } = feed(bytes);
    expect(error).toBeNull();
    expect(frames.map((frame) => [frame.bytes.length / 2, frame.originalLength, frame.timeUs])).toEqual([
      [20, 20, TIME_US],
      [40, 1500, NO_TIME],
      [30, 30, NO_TIME],
    ]);
    expect(reader.parser).toMatchObject({ packets: 3, untimed: 2, firstUs: TIME_US, lastUs: TIME_US });
  });

  it('skips blocks that it does not know, and names', () => {
    const unknown = blocks.block(0x0bad, new Uint8Array(33));
    const names = blocks.block(4, new Uint8Array(8));
    const { frames, error } = feed(
      capture(unknown, blocks.enhancedPacket(packet(60)), names, blocks.enhancedPacket(packet(61)), unknown),
    );
    expect(error).toBeNull();
    expect(frames).toHaveLength(2);
  });

  it('skips a block that would be a packet in the other byte order', () => {
    const big = new PcapngBlocks({ bigEndian: true });
    const unknown = big.block(0x0600_0000, new Uint8Array(0x1_0000 - 12));
    // Its length, 00 01 00 00, backwards: where the packet would end.
    unknown[253] = 1;
    const { frames, error } = feed(concat([big.section(), big.interface(), unknown, big.enhancedPacket(packet(60))]));
    expect(error).toBeNull();
    expect(frames).toHaveLength(1);
  });

  it('reads packets after a block far larger than what is read at once', () => {
    const large = blocks.block(0x0bad, new Uint8Array(3_000_000));
    const { frames, error } = feed(capture(large, blocks.enhancedPacket(packet(60))), [65_536]);
    expect(error).toBeNull();
    expect(frames).toHaveLength(1);
  });

  it('sums the drops of all interfaces by the latest statistics of each', () => {
    const bytes = concat([
      blocks.section(),
      blocks.interface(),
      blocks.interface(),
      blocks.statistics(0, { interfaceDropped: 3n }),
      blocks.statistics(1, { interfaceDropped: 10n, systemDropped: 5n }),
      blocks.statistics(0, { interfaceDropped: 4n }),
      blocks.statistics(1, {}),
    ]);
    expect(feed(bytes).reader.parser?.dropped).toBe(19);
  });

  it('does not claim to know drops where the capture does not tell', () => {
    expect(feed(capture(blocks.statistics(0, {}))).reader.parser?.dropped).toBeNull();
  });

  it('shortens an interface name that no interface has', () => {
    const bytes = concat([blocks.section(), blocks.interface({ name: 'x'.repeat(60_000) })]);
    expect(feed(bytes).reader.parser?.interfaceNames[0]).toHaveLength(128);
  });

  it('is whole with a section header alone', () => {
    const { error, reader } = feed(blocks.section());
    expect(error).toBeNull();
    expect(reader.unreadable).toBeNull();
    expect(reader.parser?.packets).toBe(0);
  });
});

describe('damaged pcapng', () => {
  const good = blocks.enhancedPacket(packet(60));

  function patched(block: Uint8Array, offset: number, value: number): Uint8Array {
    const copy = block.slice();
    new DataView(copy.buffer).setUint32(offset, value, true);
    return copy;
  }

  it.each([
    [
      'two lengths that differ',
      patched(good, 88, 1000),
      'a block of 92 bytes according to its start, 1000 according to its end',
    ],
    ['a length that is no multiple of 4', patched(good, 4, 93), 'a block of type 6 and 93 bytes'],
    ['a length below the minimum', patched(good, 4, 28), 'a block of type 6 and 28 bytes'],
    ['a length above the limit', patched(good, 4, 16_777_220), 'a block of type 6 and 16777220 bytes'],
    ['the largest length', patched(good, 4, 0xffff_fffc), 'a block of type 6 and 4294967292 bytes'],
    ['a packet longer than its block', patched(good, 20, 61), 'a packet of 61 bytes in a block of 92'],
    ['the longest packet', patched(good, 20, 0xffff_ffff), 'a packet of 4294967295 bytes in a block of 92'],
    ['an interface that is not described', patched(good, 8, 3), 'a packet of interface 3, which is not described'],
    ['the last interface', patched(good, 8, 0xffff_ffff), 'a packet of interface 4294967295, which is not described'],
    ['a section without byte order', patched(blocks.section(), 8, 0), 'a section header without its byte order'],
    ['a section of another version', blocks.section([2, 0]), 'a section of pcapng version 2.0, which is not known'],
  ])('keeps what stands before %s', (_, bad, what) => {
    const { frames, error, reader } = feed(capture(good, bad, good));
    expect(frames).toHaveLength(1);
    expect(reader.wantsMore).toBe(false);
    expect(error).toBe(`damaged after packet 1 (offset 140: ${what})`);
  });

  it.each([
    ['enhanced', good],
    ['obsolete', blocks.obsoletePacket(packet(60))],
    ['simple', blocks.simplePacket(packet(60))],
  ])('refuses an %s packet before any interface', (_, block) => {
    const { frames, error } = feed(concat([blocks.section(), block]));
    expect(frames).toEqual([]);
    expect(error).toMatch(/^damaged after packet 0 \(offset 28: a packet .*describe/);
  });

  it('does not take interfaces over into the next section', () => {
    const { error } = feed(concat([capture(good), blocks.section(), good]));
    expect(error).toContain('a packet of interface 0, which is not described');
  });
});

describe('a pcapng file that describes ever more interfaces', () => {
  const LIMIT = 65_536;
  // Other names in each section, or they would be the same ones.
  const sections = Array.from({ length: LIMIT / 4096 }, (_, n) =>
    concat([blocks.section(), ...Array.from({ length: 4096 }, (_each, i) => blocks.interface({ name: `e${n}.${i}` }))]),
  );
  const last = blocks.enhancedPacket(packet(60, { interfaceId: 4095 }));

  it('is read up to a named number of them, those of all sections together', () => {
    const { frames, error } = feed(concat([...sections, last]));
    expect(error).toBeNull();
    expect(frames).toMatchObject([{ interfaceIndex: LIMIT - 1 }]);
  });

  it('is refused beyond it, and what stands before is kept', () => {
    const { frames, error, reader } = feed(concat([...sections, last, blocks.interface(), last]));
    expect(frames).toHaveLength(1);
    expect(error).toMatch(/^damaged after packet 1 \(offset \d+: more than 65536 interfaces\)$/);
    expect(reader.parser?.interfaceNames).toHaveLength(LIMIT);
  });
});

describe('time of pcapng', () => {
  /** The same, in big integers throughout. */
  function expectedUs(ticks: bigint, ticksPerSecond: bigint, offsetSeconds: bigint): number {
    const us = (ticks * 1_000_000n) / ticksPerSecond + offsetSeconds * 1_000_000n;
    return Math.max(0, Math.min(Number(us), Number.MAX_SAFE_INTEGER));
  }

  const anyTicks = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: 1_600_000_000_000_000_000n, max: 1_900_000_000_000_000_000n }),
  );

  it('is the tick count by the resolution plus the offset, for every resolution', () => {
    fc.assert(
      fc.property(
        anyTicks,
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: -10_000, max: 10_000 }),
        (ticks, resolution, offset) => {
          const body = blocks.interface({ resolution, offsetSeconds: offset });
          const { clock } = readInterface(body, 8, body.length - 4, true);
          const perSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
          const us = ticksToUs(clock, Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
          expect(us).toBe(expectedUs(ticks, perSecond, BigInt(offset)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([6, 7, 9, 12])('is exact without an offset for ticks of 10^-%i s', (resolution) => {
    const body = blocks.interface({ resolution });
    const { clock } = readInterface(body, 8, body.length - 4, true);
    fc.assert(
      fc.property(anyTicks, (ticks) => {
        const us = ticksToUs(clock, Number(ticks >> 32n), Number(ticks & 0xffff_ffffn));
        expect(us).toBe(expectedUs(ticks, 10n ** BigInt(resolution), 0n));
      }),
      { numRuns: 500 },
    );
  });
});
