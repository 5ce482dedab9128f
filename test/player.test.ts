import { expect, test } from 'vitest';
import { Player } from '../src/player.ts';

/** Plays frames of these times, in seconds, in beats of a second, until the end; what was seen when, by the real clock. */
function play(timesS: readonly number[], endS: number): { seen: [number, number][]; player: Player } {
  const player = new Player(1);
  for (const timeS of timesS) player.frame(new Uint8Array(60), 0, 60, 60, timeS * 1e6, 0, 1);
  const seen: [number, number][] = [];
  let beat = 0;
  const sink = {
    frame: (_: Uint8Array, __: number, ___: number, ____: number, timeUs: number) => seen.push([beat, timeUs / 1e6]),
  };
  player.open({ sink, tick: () => undefined, eventCount: () => 0 }, (timesS[0] ?? 0) * 1e6, endS * 1e6);
  while (!player.ended && beat < 1000) {
    beat++;
    player.advance(1e6);
  }
  return { seen, player };
}

test('frames are played in the rhythm in which they came', () => {
  expect(play([10, 11, 12.5, 14], 15).seen).toEqual([
    [1, 10],
    [1, 11],
    [3, 12.5],
    [4, 14],
  ]);
});

test('frames that are out of order by moments are all played, and the end comes', () => {
  const { seen, player } = play([10, 11, 12.002, 12.001], 12.001);
  expect(seen).toHaveLength(4);
  expect(player.ended).toBe(true);
});

test('after the clock was set back the rhythm goes on', () => {
  const { seen, player } = play([3600, 3601, 3602, 10, 11, 12], 12);
  expect(seen.map(([, timeS]) => timeS)).toEqual([3600, 3601, 3602, 10, 11, 12]);
  expect(seen.map(([beat]) => beat)).toEqual([1, 1, 2, 2, 3, 4]);
  expect(player.ended).toBe(true);
  expect((player.positionUs - player.startUs) / 1e6).toBe(4);
  expect(((player.endUs ?? 0) - player.startUs) / 1e6).toBe(4);
});
