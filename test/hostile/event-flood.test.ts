import { afterEach, describe, expect, test, vi } from 'vitest';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import { EventLimiter } from '../../src/limits/event-limiter.ts';
import { A, B } from '../support/story.ts';
import { identity, NOW_US, router, splitBrain } from '../ui/reports.ts';

const SECOND_MS = 1000;

afterEach(() => vi.useRealTimers());

describe('events of a flood', () => {
  test('about one virtual router become one line a second, and it is said that others are left out', () => {
    const { told, complaints } = tell(60_000, (i) => changedPriority(51, i), 10);
    expect(told.length).toBeGreaterThanOrEqual(600);
    expect(told.length).toBeLessThan(700);
    expect(complaints[0]).toBe('too many events, 1 left out so far');
    expect(complaints).toHaveLength(10);
    expect(complaints.at(-1)).toMatch(/^too many events, 5\d{4} left out so far$/);
  });

  test('that came in one burst are counted a minute later', () => {
    const { complaints } = tell(1000, (i) => changedPriority(51, i), 0);
    expect(complaints).toEqual(['too many events, 1 left out so far']);
    vi.advanceTimersByTime(60 * SECOND_MS);
    expect(complaints.at(-1)).toBe('too many events, 960 left out so far');
    vi.advanceTimersByTime(600 * SECOND_MS);
    expect(complaints).toHaveLength(2);
  });

  test('about ever new virtual routers stay within a number of lines a second', () => {
    const { told } = tell(100_000, (i) => changedPriority(i % 256, i, i >> 8), 10);
    expect(told.length).toBeLessThanOrEqual(4000 + 10 * 600);
  });

  test.each([
    [4095, 10, 'is still known for its burst'],
    [4096, 40, 'is forgotten, and begins anew'],
  ])('about %i other virtual routers: one that was told of before them gets %i lines, it %s', (others, lines) => {
    vi.useFakeTimers();
    const limiter = new EventLimiter(Date.now, () => undefined);
    const linesOf = (vrid: number, vlan: number, count: number) =>
      Array.from({ length: count }, (_, i) => limiter.passes(changedPriority(vrid, i, vlan))).filter(Boolean).length;
    expect(linesOf(51, 4000, 100)).toBe(40);
    for (let i = 0; i < others; i++) linesOf(i % 256, i >> 8, 1);
    vi.advanceTimersByTime(10 * SECOND_MS);
    expect(linesOf(51, 4000, 100)).toBe(lines);
  });

  test('do not keep the split brain among them from the log', () => {
    const about = { atUs: NOW_US, router: identity(router(7)), splitBrain: splitBrain() };
    const confirmed: WatchEvent = {
      event: 'split-brain-confirmed',
      ...about,
      winnerPriority: 150,
      isCorrection: false,
    };
    const ended: WatchEvent = { event: 'split-brain-ended', ...about, durationUs: 1 };
    const { told } = tell(30_000, (i) => (i === 20_000 ? confirmed : i === 25_000 ? ended : changedPriority(7, i)), 1);
    expect(told.filter(({ event }) => event.startsWith('split-brain')).map(({ event }) => event)).toEqual([
      'split-brain-confirmed',
      'split-brain-ended',
    ]);
  });
});

test('a failover of every virtual router at once is told in full', () => {
  const takeover = { from: A, to: B, kind: 'timed-out', gapUs: 1, expectedGapUs: 1, atUs: NOW_US } as const;
  const events = Array.from({ length: 510 }, (_, i) => i).flatMap((i): WatchEvent[] => {
    const of = identity(router(i % 255, { vlan: i < 255 ? null : 7 }));
    return [
      { event: 'router-seen', atUs: NOW_US, router: of },
      { event: 'advertiser-seen', atUs: NOW_US, router: of, source: A, mac: null, priority: 1 },
      { event: 'advertiser-seen', atUs: NOW_US, router: of, source: B, mac: null, priority: 1 },
      { event: 'takeover', atUs: NOW_US, router: of, takeover, priority: 1 },
    ];
  });
  const { told, complaints } = tell(events.length, (i) => events[i] as WatchEvent, 1 / 60);
  expect(told).toHaveLength(events.length);
  expect(complaints).toEqual([]);
});

/** Puts events through a limiter at a steady rate over so many minutes. */
function tell(count: number, eventOf: (i: number) => WatchEvent, minutes: number) {
  vi.useFakeTimers();
  const told: WatchEvent[] = [];
  const complaints: string[] = [];
  const limiter = new EventLimiter(Date.now, (message) => complaints.push(message));
  for (let i = 0; i < count; i++) {
    const event = eventOf(i);
    if (limiter.passes(event)) told.push(event);
    vi.advanceTimersByTime((minutes * 60 * SECOND_MS) / count);
  }
  return { told, complaints };
}

function changedPriority(vrid: number, i: number, vlan = 0): WatchEvent {
  const of = identity(router(vrid, { vlan, key: `eth0/${vlan}/${vrid}` }));
  return { event: 'priority-changed', atUs: NOW_US, router: of, source: A, from: i % 254, to: (i % 254) + 1 };
}
