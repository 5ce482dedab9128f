import { expect, test } from 'vitest';
import { clockTime, formatDuration, isoTime, seconds } from '../../src/output/time.ts';

const AT_US = Date.UTC(2026, 10, 22, 13, 6, 24) * 1000 + 600_737;

test('a time has microseconds and is UTC', () => {
  expect(isoTime(AT_US)).toBe('2026-11-22T13:06:24.600737Z');
  expect(isoTime(AT_US - 600_737)).toBe('2026-11-22T13:06:24.000000Z');
  expect(clockTime(AT_US)).toBe('13:06:24.600');
  expect(clockTime(AT_US, true)).toBe('2026-11-22 13:06:24.600');
});

test('a fraction of a microsecond makes neither a seventh digit nor a sixtieth second', () => {
  expect(isoTime(AT_US - 600_737 - 0.4)).toBe('2026-11-22T13:06:24.000000Z');
  expect(isoTime(AT_US + 399_262.6)).toBe('2026-11-22T13:06:25.000000Z');
});

test('times of one hour and of the next do not mix', () => {
  const hourUs = Date.UTC(2026, 10, 22, 23) * 1000;
  expect([hourUs - 1, hourUs, hourUs - 1, hourUs + 3_599_999_999, hourUs + 3_600_000_000].map(isoTime)).toEqual([
    '2026-11-22T22:59:59.999999Z',
    '2026-11-22T23:00:00.000000Z',
    '2026-11-22T22:59:59.999999Z',
    '2026-11-22T23:59:59.999999Z',
    '2026-11-23T00:00:00.000000Z',
  ]);
});

test('a time before 1970 or beyond what a date can hold is still a time', () => {
  expect(isoTime(-1)).toBe('1969-12-31T23:59:59.999999Z');
  expect(isoTime(1.8e25)).toBe('+275760-09-13T00:00:00.000000Z');
  expect(isoTime(Number.NEGATIVE_INFINITY)).toMatch(/^-271821-/);
});

test('seconds are exact to the microsecond', () => {
  expect(seconds(3_609_375)).toBe(3.609375);
  expect(seconds(100_000.4)).toBe(0.1);
});

test.each([
  [400, '0.4 ms'],
  [3_100, '3.1 ms'],
  [61_000, '61 ms'],
  [99_400, '99 ms'],
  [99_500, '0.10 s'],
  [612_000, '0.61 s'],
  [9_994_000, '9.99 s'],
  [9_996_000, '10 s'],
  [41_000_000, '41 s'],
  [59_700_000, '1 min 0 s'],
  [200_000_000, '3 min 20 s'],
  [3_599_600_000, '1 h 0 min'],
  [7_500_000_000, '2 h 5 min'],
  [86_399_000_000, '1 d 0 h'],
  [360_000_000_000, '4 d 4 h'],
])('%d us is said as %s', (us, text) => {
  expect(formatDuration(us)).toBe(text);
});
