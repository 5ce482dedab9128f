import { describe, expect, test } from 'vitest';
import { A, B, C, every, play, type Step, sinceStart, together } from '../support/story.ts';

const HEALTHY = { verdict: 'ok', exitStatus: 0 };

describe('the proof by advertisements', () => {
  // A is known, B becomes master at 5.61 s and hears nothing.
  const contested: Step[] = [...every([0, 5], 'A', 150), [5.61, 'B', 100], [6, 'A', 150]];

  test('is not there after the first of the lower-ranked one', () => {
    const { report, router, eventNames } = play(contested);
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(router).toMatchObject({ state: 'contested', master: A, splitBrains: [], takeovers: [] });
    expect(eventNames).toContain('contested');
    expect(eventNames).not.toContain('split-brain-confirmed');
  });

  test('is there with the third advertisement, low, high, low: one interval after the onset', () => {
    const { report, router, split, events } = play([...contested, [6.61, 'B', 100]]);
    expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
    expect(router).toMatchObject({ state: 'split-brain', master: A });
    expect(split).toMatchObject({
      startS: 5.61,
      confirmedS: 6.61,
      endS: null,
      claimants: [A, B],
      winner: A,
      deaf: [B],
    });
    expect(split.evidence).toEqual(['adverts']);
    expect(events.filter(({ event }) => event === 'split-brain-confirmed').map(({ atUs }) => sinceStart(atUs))).toEqual(
      [6.61],
    );
  });

  test('takes 2.2 intervals when the capture starts in the middle', () => {
    for (const phaseS of [0.2, 0.5, 0.8]) {
      for (const [first, second] of [
        [150, 100],
        [100, 150],
      ] as const) {
        const { split } = play(together(every([0, 5], 'A', first), every([phaseS, 5], 'B', second)));
        expect(split.confirmedS).toBeLessThanOrEqual(2.2);
      }
    }
  });

  test('is announced once, however long it goes on', () => {
    const { eventNames, router } = play(together(every([0, 300], 'A', 150), every([0.4, 300], 'B', 100)));
    expect(router.splitBrains).toHaveLength(1);
    expect(eventNames.filter((name) => name === 'split-brain-confirmed')).toHaveLength(1);
    expect(eventNames).not.toContain('takeover');
  });

  test('needs the higher-ranked one in between: two late words of one that yields are none', () => {
    const { report } = play([
      ...every([0, 5], 'A', 150),
      [5.4, 'B', 100],
      [5.402, 'B', 100],
      ...every([6, 15], 'A', 150),
    ]);
    expect(report.exitStatus).toBe(1);
  });

  test('does not count the farewell of one that yields at once (higher_prio_send_advert)', () => {
    const { report, router } = play([
      ...every([0, 5], 'A', 150),
      // A is paused, and B waits for one interval only (down_timer_adverts 1).
      [6.611, 'B', 100],
      [6.97, 'A', 150],
      [6.9705, 'B', 100],
      ...every([6.972, 15], 'A', 150),
    ]);
    expect(report.exitStatus).toBe(1);
    expect(router.splitBrains).toEqual([]);
  });

  test('counts the farewell of one that had spoken before the higher one was due: it had not heard it until then', () => {
    const { split } = play([
      ...every([0, 5], 'A', 150),
      [5.4, 'B', 100],
      [6, 'A', 150],
      [6.0005, 'B', 100],
      ...every([6.002, 15], 'A', 150),
    ]);
    expect(split).toMatchObject({ startS: 5.4, confirmedS: 6.0005, deaf: [B] });
  });

  test('counts what may be the answer to a third one instead of a farewell', () => {
    const { split } = play([
      ...every([0, 5], 'A', 150),
      [6.4, 'B', 100],
      [6.9, 'C', 50],
      [6.902, 'A', 150],
      [6.903, 'B', 100],
      ...together(every([7.902, 9], 'A', 150), every([7.903, 9], 'B', 100)),
    ]);
    expect(split).toMatchObject({ startS: 6.4, confirmedS: 6.903, deaf: [B] });
  });

  test('counts what comes ahead of its time right behind the higher one, once that is no farewell any more', () => {
    // Both speak more often than they say.
    const { split } = play(together(every([0, 9], 'A', 150, 0.3), every([3.005, 9], 'B', 100, 0.3)));
    expect(split).toMatchObject({ startS: 3.005, deaf: [B] });
    expect(split.confirmedS).toBeLessThanOrEqual(3.605);
  });

  test('does not count a mirrored copy as a second word', () => {
    const copy = { id: 77 };
    const { report } = play([
      ...every([0, 5], 'A', 150),
      [5.4, 'B', 100, copy],
      [5.4003, 'A', 150],
      [5.4004, 'B', 100, copy],
      ...every([6.4, 15], 'A', 150),
    ]);
    expect(report.exitStatus).toBe(1);
  });

  test('is never drawn from advertisements that cross within the grace of a tenth of the interval', () => {
    for (const afterS of [0.0001, 0.02, 0.09]) {
      const { report, router, eventNames } = play([
        ...every([0, 5], 'B', 100),
        [5.9, 'A', 150],
        [5.9 + afterS, 'B', 100],
        ...every([6.9, 15], 'A', 150),
      ]);
      expect(report).toMatchObject(HEALTHY);
      expect(eventNames).not.toContain('contested');
      expect(router).toMatchObject({ master: A, takeovers: [{ kind: 'preempted' }] });
    }
  });

  test('is drawn although the lower one trails the higher by less than the grace for ever', () => {
    const { split } = play(together(every([0, 12], 'A', 150), every([5.05, 12], 'B', 100)));
    expect(split).toMatchObject({ startS: 5.05, confirmedS: 6.05, deaf: [B] });
  });

  test('is drawn although the higher one trails the lower by less than the grace for ever', () => {
    const { split } = play(together(every([0, 12], 'A', 150), every([5.95, 12], 'B', 100)));
    expect(split).toMatchObject({ startS: 5.95, confirmedS: 6.95, deaf: [B] });
  });

  test('survives one lost advertisement of the higher-ranked one', () => {
    const { split } = play(together(every([0, 4], 'A', 150), every([6, 12], 'A', 150), every([5.61, 12], 'B', 100)));
    expect(split).toMatchObject({ deaf: [B] });
    expect(split.confirmedS).toBeLessThanOrEqual(7.61);
  });

  test('names everybody that should yield', () => {
    const { split } = play(together(every([0, 12], 'A', 150), every([3.3, 12], 'B', 100), every([3.6, 12], 'C', 50)));
    expect(split.winner).toBe(A);
    expect([...split.deaf].sort()).toEqual([B, C]);
    expect([...split.claimants].sort()).toEqual([A, B, C]);
  });

  test('names one that joins later, and the winner that joins later', () => {
    const { router } = play(together(every([0, 12], 'B', 100), every([3.3, 12], 'C', 50), every([6.6, 14], 'A', 150)));
    const [splitBrain] = router.splitBrains;
    expect(router.splitBrains).toHaveLength(1);
    expect(splitBrain?.winner).toBe(A);
    expect([...(splitBrain?.deaf ?? [])].sort()).toEqual([B, C]);
    expect(router.master).toBe(A);
  });

  test('uses the latest priorities', () => {
    const { split } = play(together(every([0, 2], 'A', 150), every([3, 12], 'A', 90), every([5.61, 12], 'B', 100)));
    expect(split).toMatchObject({ winner: B, deaf: [A] });
  });
});

describe('other intervals', () => {
  test('0.1 s: the proof is there 0.1 s after the onset', () => {
    const { split } = play(together(every([0, 3], 'A', 150, 0.1), every([1.05, 3], 'B', 100, 0.1)), {
      all: { version: 3, intervalS: 0.1 },
    });
    expect(split).toMatchObject({ startS: 1.05, confirmedS: 1.15, deaf: [B] });
  });

  test('0.01 s: the proof is there as soon as two cannot have crossed', () => {
    const { split } = play(together(every([0, 0.5], 'A', 150, 0.01), every([0.205, 0.5], 'B', 100, 0.01)), {
      all: { version: 3, intervalS: 0.01 },
    });
    expect(split.deaf).toEqual([B]);
    expect(split.startS).toBeCloseTo(0.205, 3);
    expect(split.confirmedS).toBeLessThanOrEqual(0.245);
  });

  test('0.01 s: a handover is none', () => {
    const { report } = play(
      [
        ...every([0, 0.5], 'B', 100, 0.01),
        ...every([0.503, 1], 'A', 150, 0.01),
        [1.005, 'A', 0],
        ...every([1.0111, 2], 'B', 100, 0.01),
      ],
      { all: { version: 3, intervalS: 0.01 } },
    );
    expect(report).toMatchObject(HEALTHY);
  });

  test('10 s: the proof is there 10 s after the onset', () => {
    const { split } = play(together(every([0, 90], 'A', 150, 10), every([31.5, 90], 'B', 100, 10)), {
      all: { intervalS: 10 },
    });
    expect(split).toMatchObject({ startS: 31.5, confirmedS: 41.5, deaf: [B] });
  });

  test('40 s: the proof is there 40 s after the onset', () => {
    const { split } = play(together(every([0, 400], 'A', 150, 40), every([130, 400], 'B', 100, 40)), {
      all: { version: 3, intervalS: 40 },
    });
    expect(split).toMatchObject({ startS: 130, confirmedS: 170, deaf: [B] });
  });

  test('2 s and 0.1 s in VRRPv3: a stream of adverts is no return, though the winner speaks right behind some of them', () => {
    const { split } = play(together(every([0, 40], 'A', 150, 2), every([5.097, 40], 'B', 100, 0.1)), {
      all: { version: 3 },
      nodes: { A: { intervalS: 2 }, B: { intervalS: 0.1 } },
    });
    expect(split).toMatchObject({ deaf: [B], endS: null });
    expect(split.confirmedS).toBeLessThanOrEqual(8.1);
  });

  test('0.01 s: a winner that answers each advert of the deaf one does not put off the proof', () => {
    const answers = every([0.2054, 0.35], 'A', 150, 0.01);
    const { split } = play(together(every([0, 0.2], 'A', 150, 0.01), every([0.205, 0.35], 'B', 100, 0.01), answers), {
      all: { version: 3, intervalS: 0.01 },
    });
    expect(split).toMatchObject({ startS: 0.205, deaf: [B] });
    expect(split.confirmedS).toBeLessThanOrEqual(0.245);
  });

  test('an interval field of 0 is measured instead', () => {
    const { split } = play(together(every([0, 12], 'A', 150), every([5.4, 12], 'B', 100)), { all: { intervalS: 0 } });
    expect(split).toMatchObject({ startS: 5.4, confirmedS: 6.4 });
  });
});

describe('one that loses adverts and takes over early (down_timer_adverts 1)', () => {
  const IPV6 = {
    all: { version: 3, addresses: ['fe80::100'] },
    nodes: { A: { from: 'fe80::1' }, B: { from: 'fe80::2' } },
  } as const;
  /** B hears A at 2 s and 4 s, and waits for 1.609 s each time; A does not answer (lower_prio_no_advert). */
  const timingOut: Step[] = together(every([0, 12], 'A', 150), [
    [3.611, 'B', 100],
    [5.611, 'B', 100],
  ]);

  test('yields in between although nobody answers it', () => {
    expect(play(timingOut).report.exitStatus).toBe(1);
  });

  test('is taken for one that goes on in IPv6, where no id tells that nothing was lost in between', () => {
    expect(play(timingOut, IPV6).split).toMatchObject({ confirmedS: 5.611, deaf: ['fe80::2'] });
  });

  test('is not one that said something in between which the capture lost', () => {
    const lossy = timingOut.map((step): Step => (step[0] === 5.611 ? [5.611, 'B', 100, { id: 4 }] : step));
    expect(play(lossy).split).toMatchObject({ confirmedS: 5.611, deaf: [B] });
  });

  test('is not one that comes back an interval after the other, as one that reads and rejects it does', () => {
    const rejecting = together(every([0, 12], 'A', 150), [
      [3.61, 'B', 100],
      [5.999, 'B', 100],
    ]);
    const skewless = rejecting.map(([atS, node]): Step => [atS, String(node), node === 'A' ? 150 : 1]);
    expect(play(skewless).report.exitStatus).toBe(2);
  });
});

describe('one source address', () => {
  const OTHER_CARD = { mac: '02:00:00:00:00:99' };

  test('from two hardware addresses in turn is two nodes', () => {
    const { report, split } = play(together(every([0, 9], 'A', 100), every([0.5, 9], 'A', 100, 1, OTHER_CARD)));
    expect(report.exitStatus).toBe(2);
    expect(split.claimants.join(' ')).toContain('02:00:00:00:00:99');
    expect(split.deaf).toHaveLength(1);
  });

  test('that moves to another hardware address once is a network card that failed over', () => {
    const { report, router, eventNames } = play([
      ...every([0, 5], 'A', 150),
      ...every([6, 12], 'A', 150, 1, OTHER_CARD),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(router).toMatchObject({ state: 'ok', master: A, splitBrains: [] });
    expect(eventNames).not.toContain('contested');
  });

  test('that moves to another hardware address once is no takeover', () => {
    const { router } = play([...every([0, 5], 'A', 150), ...every([6, 12], 'A', 150, 1, OTHER_CARD)]);
    expect(router.takeovers).toEqual([]);
  });

  test('that moves back after minutes was not away', () => {
    const { report } = play([
      ...every([0, 5], 'A', 150),
      ...every([6, 300], 'A', 150, 1, OTHER_CARD),
      ...every([301, 310], 'A', 150),
    ]);
    expect(report).toMatchObject(HEALTHY);
  });

  test('in two addresses of one network card is one node', () => {
    const mac = '02:00:00:00:00:77';
    const { report } = play(together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100)), { all: { mac } });
    expect(report.exitStatus).toBe(0);
  });

  test('in two advertisers of different rank behind the virtual hardware address is told apart by address', () => {
    const mac = '00:00:5e:00:01:33';
    const { split } = play(together(every([0, 9], 'A', 150), every([0.4, 9], 'B', 100)), { all: { mac } });
    expect(split).toMatchObject({ winner: A, deaf: [B] });
  });
});

describe('a contention that is not proven', () => {
  test('goes away when the lower one stays silent, and is remembered in the verdict', () => {
    const { report, router } = play([
      ...together(every([0, 5], 'A', 150), [[5.4, 'B', 100]]),
      ...every([6, 12], 'A', 150),
    ]);
    expect(report).toMatchObject({ verdict: 'warning', exitStatus: 1 });
    expect(router).toMatchObject({ state: 'ok', master: A, splitBrains: [], takeovers: [] });
  });

  test('is not what a rank change before a takeover looks like', () => {
    const { report, eventNames } = play([
      ...every([0, 3], 'A', 150),
      ...every([4, 6], 'A', 90),
      ...every([6.3, 12], 'B', 100),
    ]);
    expect(report).toMatchObject(HEALTHY);
    expect(eventNames).not.toContain('contested');
  });
});

describe('the end of a split brain', () => {
  /** A and B are both master from 5.61 s on; `rest` is what comes after B's advertisement at 10.61 s. */
  function healing(rest: readonly Step[]): ReturnType<typeof play> {
    return play([...together(every([0, 10], 'A', 150), every([5.61, 10.61], 'B', 100)), ...rest]);
  }

  test('comes with the answer of the higher one to an advertisement of the lower one', () => {
    const { report, router, split, eventNames } = healing(every([10.612, 18], 'A', 150));
    expect(split.endS).toBeCloseTo(10.612, 3);
    expect(router).toMatchObject({ state: 'ok', master: A, takeovers: [] });
    expect(eventNames.at(-1)).toBe('split-brain-ended');
    expect(report.exitStatus).toBe(2);
  });

  test('comes with the next advertisement of the higher one', () => {
    const { router, split } = healing(every([11, 18], 'A', 150));
    expect(split.endS).toBeCloseTo(11, 3);
    expect(router).toMatchObject({ state: 'ok', master: A });
  });

  test('is not told before the lower one has been silent for 3.7 intervals', () => {
    expect(healing(every([11, 14], 'A', 150)).split.endS).toBeNull();
    expect(healing(every([11, 15], 'A', 150)).split.endS).not.toBeNull();
  });

  test('comes at once with the resignation of the lower one', () => {
    const { router, split } = healing([
      [10.8, 'B', 0],
      [11, 'A', 150],
    ]);
    expect(split.endS).toBe(10.8);
    expect(router).toMatchObject({ state: 'ok', master: A });
  });

  test('comes at once with the resignation of the higher one, and the lower one is master', () => {
    const { router, split } = healing([[10.8, 'A', 0], ...every([11.61, 16], 'B', 100)]);
    expect(split.endS).toBe(10.8);
    expect(router).toMatchObject({ state: 'ok', master: B });
    expect(router.splitBrains[0]).toMatchObject({ winner: A, deaf: [B] });
  });

  test('comes when the higher one dies, and the lower one is master', () => {
    const { router, split } = healing(every([11.61, 20], 'B', 100));
    expect(split.endS).not.toBeNull();
    expect(router).toMatchObject({ state: 'ok', master: B });
    // It was master all the time: no takeover before its time.
    expect(router.takeovers).toMatchObject([{ from: A, to: B, kind: 'timed-out', expectedGapUs: null }]);
  });

  test('a loser that had yielded, and takes over when the winner dies soon after, waited like any backup', () => {
    const { router } = play([
      ...together(every([0, 8], 'A', 150), every([5.61, 8.61], 'B', 100)),
      ...every([9, 10], 'A', 150),
      ...every([13.61, 20], 'B', 100),
    ]);
    expect(router.takeovers).toMatchObject([
      { from: A, to: B, kind: 'timed-out', gapUs: 3_610_000, expectedGapUs: 3_609_375 },
    ]);
  });

  test('comes with a silence of all', () => {
    const { router, split } = healing([[20, 'tick']]);
    expect(split.endS).not.toBeNull();
    expect(router).toMatchObject({ state: 'silent', master: null });
  });

  test('of two deaf nodes comes with the second one', () => {
    const { router, split } = play([
      ...together(every([0, 10], 'A', 150), every([3.3, 10], 'B', 100), every([3.6, 10], 'C', 50)),
      [10.4, 'B', 0],
      ...together(every([11, 14], 'A', 150), every([10.6, 14], 'C', 50)),
      [14.2, 'C', 0],
      [15, 'A', 150],
    ]);
    expect(split).toMatchObject({ endS: 14.2 });
    expect([...split.deaf].sort()).toEqual([B, C]);
    expect(router.state).toBe('ok');
  });

  test('lets a second one be told as a second one', () => {
    const { router, eventNames } = healing([
      ...every([11, 20], 'A', 150),
      ...together(every([21, 30], 'A', 150), every([20.4, 30], 'B', 100)),
    ]);
    expect(router.splitBrains).toHaveLength(2);
    expect(router.splitBrains.map(({ endUs }) => endUs === null)).toEqual([false, true]);
    expect(eventNames.filter((name) => name.startsWith('split-brain'))).toEqual([
      'split-brain-confirmed',
      'split-brain-ended',
      'split-brain-confirmed',
    ]);
  });
});

test('a loser whose timer lags by a quarter of the interval is deaf all the same', () => {
  const slow = every([4.5, 30], 'B', 100, 1.25);
  // Each of its advertisements is answered at once, and the answer restarts the timer of the winner.
  const answered = slow.flatMap(([atS]): Step[] => [
    [atS + 0.001, 'A', 150],
    [atS + 1.001, 'A', 150],
  ]);
  const { split } = play(together(every([0, 4], 'A', 150), slow, answered));
  expect(split).toMatchObject({ endS: null, winner: A, deaf: [B] });
  expect(split.confirmedS).toBeLessThan(20);
});

test('a deaf node is not the next master after one that a healthy backup has followed', () => {
  const { router } = play(
    together(every([0, 10], 'A', 150), every([5.3, 13.3], 'C', 50), every([13.61, 20], 'B', 100)),
  );
  expect(router.takeovers.at(-1)).toMatchObject({ to: B, kind: 'timed-out' });
  expect(router).toMatchObject({ state: 'ok', master: B });
  expect(router.takeovers).toHaveLength(1);
});

describe('of several losers', () => {
  test('one that has yielded is not called deaf any more, and no command is for it', () => {
    const { split, router } = play(
      together(every([0, 60], 'A', 150), every([5.3, 20], 'C', 50), every([5.61, 60], 'B', 100)),
    );
    expect(split).toMatchObject({ winner: A, deaf: [B], endS: null });
    expect(split.cause.remedies.map(({ on }) => on)).not.toContain(C);
    expect(router.advertisers.filter(({ claiming }) => claiming).map(({ source }) => source)).toEqual([A, B]);
  });

  test('one that said a single word is none of them, nor did it begin then', () => {
    const { split } = play(together(every([0, 60], 'A', 150), [[5.3, 'C', 50]], every([6.61, 60], 'B', 100)));
    expect(split).toMatchObject({ claimants: [A, B], deaf: [B], startS: 6.61 });
  });

  test('each is told why, the surest first', () => {
    const both = together(every([0, 20], 'A', 150), every([5.3, 20.3], 'B', 100), every([5.61, 20.61], 'C', 50));
    const { cause, deaf } = play(both, { nodes: { C: { password: 'other' } } }).split;
    expect(cause.code).toBe('auth-mismatch');
    expect([...deaf].sort()).toEqual([B, C]);
    expect(new Set(cause.remedies.map(({ on }) => on))).toEqual(new Set([C, B, A, 'switch or hypervisor']));
  });
});

test('a winner that is given a lower priority and yields was no loser', () => {
  const deaf = every([5.61, 10.7], 'B', 100);
  const answers = deaf.map(([atS]): Step => [atS + 0.001, 'A', 150]);
  const lowered: Step[] = [
    [11.3, 'A', 150],
    [11.305, 'A', 90],
  ];
  const { split, router } = play(
    together(every([0, 5], 'A', 150), deaf, answers, lowered, every([11.61, 30], 'B', 100)),
  );
  expect(split).toMatchObject({ winner: A, deaf: [B] });
  expect(split.cause.summary).toContain(`${B} does not hear ${A}`);
  expect(split.endS).not.toBeNull();
  expect(router).toMatchObject({ state: 'ok', master: B, takeovers: [{ from: A, to: B }] });
});

test('two that hear nobody change places when their priorities do', () => {
  const { split } = play(together(every([0, 20], 'A', 150), every([20.9, 40], 'A', 90), every([5.4, 40], 'B', 100)));
  expect(split).toMatchObject({ winner: B, deaf: [A] });
  expect(split.cause.summary).toMatch(new RegExp(`^${A} does not hear ${B}`));
});
