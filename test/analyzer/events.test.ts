import { describe, expect, test } from 'vitest';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import { A, B, C, every, play, type Step, sinceStart, together } from '../support/story.ts';

test('the life of a segment is told in order, each thing once, at the time of its packet', () => {
  const story: Step[] = [
    ...every([0, 2], 'A', 150),
    ...every([3, 5], 'A', 140),
    [5.2, 'A', 0],
    ...every([5.809375, 8.809375], 'B', 100),
    ...together(every([9.2, 14.2], 'A', 150), every([9.809375, 13.809375], 'B', 100)),
    ...every([15.2, 18.2], 'A', 150),
    [30, 'tick'],
  ];
  const { events } = play(story);
  expect(events.map(({ event, atUs }) => [event, sinceStart(atUs)])).toEqual([
    ['router-seen', 0],
    ['advertiser-seen', 0],
    ['priority-changed', 3],
    ['advertiser-seen', 5.809375],
    ['takeover', 5.809375],
    ['priority-changed', 9.2],
    ['takeover', 9.2],
    ['contested', 9.809375],
    ['split-brain-confirmed', 10.809375],
    ['split-brain-ended', expect.any(Number)],
    ['silent', expect.any(Number)],
  ]);
});

test('an event says where it happened', () => {
  const { events } = play(every([0, 2], 'A', 150, 1, { vlans: [7], vrid: 9 }));
  for (const event of events) {
    expect(event).toMatchObject({
      router: { capture: 'story.pcap', interface: null, vlan: 7, family: 4, vrid: 9, addresses: ['10.0.0.100'] },
    });
  }
});

test('a change of priority says from what to what', () => {
  const { events, router } = play([...every([0, 2], 'A', 150), ...every([3, 5], 'A', 90)]);
  expect(events.filter(({ event }) => event === 'priority-changed')).toMatchObject([{ source: A, from: 150, to: 90 }]);
  expect(router.advertisers).toMatchObject([{ priority: 90, priorities: [150, 90] }]);
});

test('a resignation is no change of priority', () => {
  const { eventNames } = play([...every([0, 2], 'A', 150), [2.5, 'A', 0], ...every([5, 8], 'A', 150)]);
  expect(eventNames).not.toContain('priority-changed');
});

test('a split brain is announced with claimants, winner and cause', () => {
  const { events } = play(together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100)));
  expect(events.filter(({ event }) => event === 'split-brain-confirmed')).toMatchObject([
    { splitBrain: { claimants: [A, B], winner: A, deaf: [B], cause: { code: 'filtered' } }, winnerPriority: 150 },
  ]);
});

describe('a split brain that goes on is announced once more', () => {
  const confirmed = (events: readonly WatchEvent[]) =>
    events.flatMap((event) => {
      if (event.event !== 'split-brain-confirmed') return [];
      const { winner, deaf, cause, startUs } = event.splitBrain;
      return [[sinceStart(event.atUs), winner, deaf, cause.code, sinceStart(startUs), event.isCorrection]];
    });

  test('when another one is rightful, because the priorities have changed', () => {
    const { events } = play(
      together([...every([0, 5], 'A', 150), ...every([6, 12], 'A', 50)], every([0.4, 12], 'B', 100)),
    );
    expect(confirmed(events)).toEqual([
      [1.4, A, [B], 'filtered', 0.4, false],
      [7, B, [A], 'filtered', 0.4, true],
    ]);
  });

  test('when a third one joins', () => {
    const { events } = play(together(every([0, 20], 'A', 150), every([0.4, 20], 'B', 100), every([5.7, 9.7], 'C', 90)));
    expect(confirmed(events).map(([, winner, deaf, , , isCorrection]) => [winner, deaf, isCorrection])).toEqual([
      [A, [B], false],
      [A, [B, C], true],
    ]);
  });

  test('but not of two with one address, of whom neither has to yield', () => {
    const twins = { nodes: { A: { from: '10.0.0.77' }, B: { from: '10.0.0.77', mac: '02:00:00:00:00:02' } } };
    const { events } = play(together(every([0, 20], 'A', 100), every([0.4, 20], 'B', 100)), twins);
    expect(confirmed(events)).toHaveLength(1);
  });

  test('but not when it goes on as it was', () => {
    const { events } = play(together(every([0, 60], 'A', 150), every([0.4, 60], 'B', 100)));
    expect(confirmed(events)).toHaveLength(1);
  });

  test('no faster than once a second, however fast it changes', () => {
    const changing = every([6, 12], 'A', 50, 0.2).map(([atS], i): Step => [Number(atS), 'A', i % 2 === 0 ? 50 : 150]);
    const { events } = play(together(every([0, 5], 'A', 150), changing, every([0.41, 12], 'B', 100, 0.1)));
    const times = confirmed(events).map(([atS]) => Number(atS));
    for (const [i, atS] of times.entries()) expect(atS - (times[i - 1] ?? -1)).toBeGreaterThanOrEqual(1);
  });
});

test('a router of which nothing but a resignation was heard is in handover', () => {
  const { router } = play([[0, 'A', 0]]);
  expect(router).toMatchObject({ state: 'handover', master: null });
});

test('a silent router whose old master comes back is seen again', () => {
  const { eventNames } = play([...every([0, 5], 'A', 150), [20, 'tick'], ...every([30, 35], 'A', 150)]);
  expect(eventNames).toEqual(['router-seen', 'advertiser-seen', 'silent', 'router-seen']);
});
