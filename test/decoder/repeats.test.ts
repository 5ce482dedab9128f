import { describe, expect, test } from 'vitest';
import { Repeats } from '../../src/decoder/repeats.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { type FrameOptions, frame } from '../support/build.ts';
import { everyVariant } from '../support/frame-variants.ts';
import { concat } from '../support/wire-bytes.ts';

const IDENTIFICATION = [18, 19];
const HEADER_CHECKSUM = [24, 25];

const lengths: readonly [string, FrameOptions][] = [
  ['54 bytes', { from: '10.0.0.1' }],
  ['padded to 60 bytes', { from: '10.0.0.1', padTo: 60 }],
  ['50 bytes', { from: '10.0.0.1', authData: false, addresses: ['10.0.0.7', '10.0.0.8'] }],
  ['55 bytes', { from: '10.0.0.1', trailing: Uint8Array.of(1) }],
  ['46 bytes of version 3', { from: '10.0.0.1', version: 3 }],
];

/** Place of a frame, and whether it repeats what is remembered there. */
function look(repeats: Repeats, bytes: Uint8Array, interfaceIndex = 0): boolean {
  const place = repeats.placeOf(bytes, 0, bytes.length, bytes.length, LINK_TYPE.ethernet);
  return place >= 0 && repeats.has(place, bytes, 0, bytes.length, interfaceIndex);
}

function memoryOf(bytes: Uint8Array, interfaceIndex = 0): Repeats {
  const repeats = new Repeats();
  const place = repeats.placeOf(bytes, 0, bytes.length, bytes.length, LINK_TYPE.ethernet);
  repeats.remember(place, bytes, 0, bytes.length, interfaceIndex);
  return repeats;
}

describe.each(lengths)('an advertisement of %s', (_, options) => {
  const bytes = frame({ ...options, id: 1 });

  test('is repeated by the next one, whose identification and header checksum are others', () => {
    expect(look(memoryOf(bytes), frame({ ...options, id: 0xbeef }))).toBe(true);
  });

  test('is not repeated by one that differs in any other bit', () => {
    const repeats = memoryOf(bytes);
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const other = bytes.slice();
        other[i] = (other[i] ?? 0) ^ (1 << bit);
        const isFree = IDENTIFICATION.includes(i) || HEADER_CHECKSUM.includes(i);
        expect(look(repeats, other), `byte ${i}, bit ${bit}`).toBe(isFree);
      }
    }
  });

  test('is found wherever it lies in a block', () => {
    const repeats = memoryOf(bytes);
    for (let before = 0; before < 9; before++) {
      const block = concat(new Uint8Array(before).fill(0xff), bytes, new Uint8Array(3).fill(0xff));
      const place = repeats.placeOf(block, before, bytes.length, bytes.length, LINK_TYPE.ethernet);
      expect(repeats.has(place, block, before, bytes.length, 0)).toBe(true);
      expect(repeats.ipId(block, before)).toBe(1);
    }
  });
});

test('the same advertisement on another interface, or with a byte more or less, is another one', () => {
  const bytes = frame({ from: '10.0.0.1', trailing: Uint8Array.of(0, 0) });
  const repeats = memoryOf(bytes, 3);
  expect(look(repeats, bytes, 3)).toBe(true);
  expect(look(repeats, bytes, 2)).toBe(false);
  expect(look(repeats, bytes.subarray(0, -1), 3)).toBe(false);
  expect(look(repeats, concat(bytes, Uint8Array.of(0)), 3)).toBe(false);
});

test('sixteen neighbours in each virtual router are remembered beside each other', () => {
  const repeats = new Repeats();
  const frames = [1, 255].flatMap((vrid) =>
    Array.from({ length: 16 }, (_, i) => frame({ from: `10.0.0.${i + 1}`, vrid })),
  );
  for (const bytes of frames) {
    const place = repeats.placeOf(bytes, 0, bytes.length, bytes.length, LINK_TYPE.ethernet);
    repeats.remember(place, bytes, 0, bytes.length, 0);
  }
  expect(frames.filter((bytes) => !look(repeats, bytes))).toEqual([]);
});

test('what is no whole advertisement over IPv4 in untagged Ethernet has no place', () => {
  const placed = everyVariant.filter(({ bytes, linkType }) => {
    const place = new Repeats().placeOf(bytes, 0, bytes.length, bytes.length, linkType);
    return place >= 0;
  });
  expect(placed.every(({ linkType }) => linkType === LINK_TYPE.ethernet)).toBe(true);
  expect(placed.map(({ name }) => name).filter((name) => /IPv6|VLAN|tag|authentication header/.test(name))).toEqual([]);
  expect(placed.map(({ name }) => name)).toContain('version 2');
  const { bytes } = placed[0] ?? { bytes: new Uint8Array(0) };
  expect(new Repeats().placeOf(bytes, 0, bytes.length - 1, bytes.length, LINK_TYPE.ethernet)).toBe(-1);
});
