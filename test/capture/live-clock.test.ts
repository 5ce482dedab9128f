import { expect, test } from 'vitest';
import { createWallClock } from '../../src/capture/wall-clock.ts';

test('time goes on in microseconds between two readings of the system clock', () => {
  const clock = createWallClock(10, 1_700_000_000_000);
  expect(clock.nowUs(10.25)).toBe(1_700_000_000_000_250);
});

test('within the millisecond that the system shows there is nothing to correct', () => {
  const clock = createWallClock(0, 1000.5);
  clock.correct(500, 1500);
  expect(clock.nowUs(500)).toBe(1_500_500);
});

test('drift is taken back slowly, a millisecond at a time', () => {
  const clock = createWallClock(0, 1000);
  clock.correct(1000, 2010);
  expect(clock.nowUs(1000)).toBe(2_001_000);
  clock.correct(2000, 3010);
  expect(clock.nowUs(2000)).toBe(3_002_000);
});

test('a system clock that was set is followed at once', () => {
  const clock = createWallClock(0, 1000);
  clock.correct(1000, 3_600_000);
  expect(clock.nowUs(1000)).toBe(3_600_000_000);
  clock.correct(2000, 500);
  expect(clock.nowUs(2000)).toBe(501_000);
});
