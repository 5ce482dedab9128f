import { describe, expect, test } from 'vitest';
import { EventLog } from '../../src/ui/event-log.ts';
import { FrameTape } from '../../src/watch/frame-tape.ts';
import { Player } from '../../src/watch/player.ts';

function tapeOf(timesS: readonly number[]): FrameTape {
  const tape = new FrameTape();
  for (const timeS of timesS) tape.frame(new Uint8Array(60), 0, 60, 60, timeS * 1e6, 0, 1);
  return tape;
}

/** Plays frames of these times, in seconds, in beats of a second, until the end; what was seen when, by the real clock. */
function play(timesS: readonly number[], endS: number): { seen: [number, number][]; player: Player } {
  const player = new Player(1, tapeOf(timesS));
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

describe('keys of the player', () => {
  /** A recording with a frame each second, from 100 s to 400 s; `seen` grows as it is played. */
  function recording(speed = 1): { seen: number[]; player: Player } {
    const player = new Player(speed, tapeOf(Array.from({ length: 301 }, (_, i) => 100 + i)));
    const seen: number[] = [];
    const sink = {
      frame: (_: Uint8Array, __: number, ___: number, ____: number, timeUs: number) => seen.push(timeUs / 1e6),
    };
    player.open({ sink, tick: () => undefined, eventCount: () => 0 }, 100e6, 400e6);
    return { seen, player };
  }

  /** How much of the recording is played in a second of real time. */
  function secondsPlayed(player: Player): number {
    const beforeUs = player.positionUs;
    player.advance(1e6);
    return (player.positionUs - beforeUs) / 1e6;
  }

  test('a step plays one frame at once and stays paused', () => {
    const { seen, player } = recording();
    player.advance(2e6);
    expect(seen).toEqual([100, 101, 102]);
    player.step();
    expect(seen).toEqual([100, 101, 102, 103]);
    expect(player).toMatchObject({ paused: true, positionUs: 103e6, played: 4 });
    player.advance(60e6);
    expect(seen).toHaveLength(4);
    player.step();
    expect(seen.at(-1)).toBe(104);
    player.toggle();
    player.advance(1e6);
    expect(seen.at(-1)).toBe(105);
  });

  test('a step behind the last frame does nothing', () => {
    const { seen, player } = recording();
    player.advance(300e6);
    player.step();
    expect(seen).toHaveLength(301);
    expect(player.ended).toBe(true);
  });

  test('faster is twice as fast, slower half as fast', () => {
    const { seen, player } = recording();
    expect(secondsPlayed(player)).toBe(1);
    player.faster();
    expect(secondsPlayed(player)).toBe(2);
    player.faster();
    player.faster();
    expect(secondsPlayed(player)).toBe(8);
    expect(seen.at(-1)).toBe(111);
    player.slower();
    expect(secondsPlayed(player)).toBe(4);
  });

  test('the speed begins as asked for and has its limits', () => {
    expect(secondsPlayed(recording(10).player)).toBe(10);
    const { player } = recording();
    for (let i = 0; i < 20; i++) player.slower();
    expect(secondsPlayed(player)).toBe(1 / 16);
    for (let i = 0; i < 40; i++) player.faster();
    expect(player.speed).toBe(1024);
  });
});

test('a jump goes to the next event, also when the log has long been full', () => {
  const timesS = Array.from({ length: 3000 }, (_, i) => i);
  const player = new Player(1, tapeOf(timesS));
  const log = new EventLog();
  const sink = { frame: () => log.add({ event: 'capture-started', atUs: 0, interface: 'eth0', detail: '' }) };
  player.open({ sink, tick: () => undefined, eventCount: () => log.count }, 0, 3000e6);
  for (let jumps = 1; jumps <= 2000; jumps++) {
    player.jumpToNextEvent();
    expect(player.played).toBe(jumps);
  }
  expect(log.latest).toHaveLength(1000);
});
