import { describe, expect, test } from 'vitest';
import { LANE, type Lane } from '../../src/analyzer/report.ts';
import { every, type Played, play, type Step, sinceStart, together } from '../support/story.ts';

const HOUR_S = 3600;
const LIVE = { live: true, laneHistory: 'recent' } as const;

/** The seconds of the story in which the lane has any of these marks. */
function secondsOf({ startUs, slotUs, slots }: Lane, bits: number): number[] {
  return Array.from(slots).flatMap((slot, i) => (slot & bits ? [sinceStart(startUs + i * slotUs)] : []));
}

function laneOf({ router }: Played, source: string): Lane {
  const lane = router.advertisers.find((each) => each.source === source)?.lane;
  if (lane === undefined) throw new Error(`${source} was not heard`);
  return lane;
}

function range(fromS: number, untilS: number): number[] {
  return Array.from({ length: untilS - fromS + 1 }, (_, i) => fromS + i);
}

describe('the lane of a node that is watched live', () => {
  const END_S = 7500;
  /** A is master for more than two hours, but for half a minute after 100 min, when it resigns and B stands in. */
  const stoodIn: Step[] = together(
    every([0, 6000], 'A', 150),
    [[6000.5, 'A', 0]],
    every([6001.1, 6030.1], 'B', 100),
    every([6031, END_S], 'A', 150),
  );
  const watched = play(stoodIn, LIVE);

  test('has each second of the latest half hour at least, and of one hour at most', () => {
    const lane = laneOf(watched, '10.0.0.1');
    expect(lane.slotUs).toBe(1_000_000);
    expect(lane.slots).toHaveLength(HOUR_S);
    const heard = secondsOf(lane, LANE.advert);
    const [first = 0] = heard;
    expect(first).toBe(sinceStart(lane.startUs));
    expect(first).toBeGreaterThanOrEqual(END_S - HOUR_S);
    expect(first).toBeLessThanOrEqual(END_S - HOUR_S / 2);
    expect(heard).toEqual([...range(first, 6000), ...range(6031, END_S)]);
  });

  test('has what happened in the second in which it happened, for each node', () => {
    expect(secondsOf(laneOf(watched, '10.0.0.1'), LANE.resigned)).toEqual([6000]);
    expect(secondsOf(laneOf(watched, '10.0.0.2'), LANE.advert)).toEqual(range(6001, 6030));
  });

  test('has nothing of an hour ago when the node comes back after hours', () => {
    const back = play(together(every([0, 100], 'A', 150), every([3 * HOUR_S, 3 * HOUR_S + 9], 'A', 150)), LIVE);
    const lane = laneOf(back, '10.0.0.1');
    expect(lane.slots).toHaveLength(HOUR_S);
    expect(secondsOf(lane, LANE.advert)).toEqual(range(3 * HOUR_S, 3 * HOUR_S + 9));
  });
});
