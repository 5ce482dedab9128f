import { expect, test } from 'vitest';
import { Random } from '../support/simulate/random.ts';
import { type Cast, every, play, type Settings, type Step, sinceStart, together } from '../support/story.ts';

const STORIES = 1000;

/* Nearly all advertisements repeat the one before, and are judged without being taken apart. Nobody may notice. */

/** What the nodes may say once in a while instead of what they always say. */
const OTHER_WORDS: readonly [Settings, ...Settings[]] = [
  { vlans: [{ tpid: 0x8100, vid: 0, priority: 6 }] },
  { vlans: [7] },
  { ttl: 64 },
  { version: 3 },
  { intervalS: 2 },
  { intervalS: 0 },
  { password: 'other' },
  { addresses: ['10.0.0.100', '10.0.0.101'] },
  { checksum: 'bad' },
  { mac: '02:00:00:00:00:99' },
  { to: '10.0.0.2' },
  { to: '10.0.0.3' },
  { id: 77 },
  { hmac: true },
  { vrid: 52 },
];

/** Three nodes that advertise for a while, each for itself, and what may go wrong meanwhile. */
function randomStory(random: Random): Step[] {
  const steps: Step[] = [];
  for (const node of ['A', 'B', 'C']) {
    let atS = random.between(0, 30);
    const priority = random.pick([150, 100, 100, 255]);
    const words: Settings = random.chance(0.3) ? random.pick(OTHER_WORDS) : {};
    const count = node === 'A' ? 60 : random.pick([0, 3, 20]);
    for (let i = 0; i < count; i++) {
      const isUsual = random.chance(0.9);
      const settings = isUsual ? words : { ...words, ...random.pick(OTHER_WORDS) };
      const now = isUsual ? priority : random.pick([0, 90, 200, priority]);
      steps.push([atS, node, now, settings]);
      if (random.chance(0.05)) steps.push([atS + 0.002, node, now, settings]);
      if (random.chance(0.03)) steps.push([atS + 0.1, node, random.pick(['garp', 'reply'])]);
      if (random.chance(0.05)) steps.push([atS + 0.5, 'tick']);
      atS += random.chance(0.85) ? 1 : random.pick([0.02, 0.6, 0.92, 1.3, 1.6, 2, 5, 30]);
    }
  }
  if (random.chance(0.1)) steps.push([20, 'lost'], [24, 'deaf']);
  steps.sort((a, b) => a[0] - b[0]);
  if (random.chance(0.2)) return setBack(steps, random.between(1, steps.length - 1), random.pick([0.01, 0.4, 15]));
  return steps;
}

/** The observer's clock is set back, or its queues deliver out of order, before the step at `index`. */
function setBack(steps: readonly Step[], index: number, byS: number): Step[] {
  return steps.map((step, i): Step => {
    const [atS, ...rest] = step;
    return i < index ? step : ([atS - byS, ...rest] as unknown as Step);
  });
}

test(`${STORIES} random stories are told the same whether repeated advertisements are taken apart or not`, () => {
  for (let seed = 1; seed <= STORIES; seed++) {
    const steps = randomStory(new Random(seed));
    const cast: Cast = seed % 3 === 0 ? { live: true } : {};
    const [quick, slow] = [play(steps, cast), play(steps, { ...cast, takenApart: true })];
    expect(quick.events, `seed ${seed}`).toEqual(slow.events);
    expect(quick.report, `seed ${seed}`).toEqual(slow.report);
  }
});

test('a master that says for a moment something else in a priority tag has said it', () => {
  const tagged = { vlans: [{ tpid: 0x8100, vid: 0, priority: 6 }] };
  const { eventNames } = play([...every([0, 5], 'A', 150), [6, 'A', 90, tagged], ...every([7, 9], 'A', 150)]);
  expect(eventNames.filter((name) => name === 'priority-changed')).toHaveLength(2);
});

test('a node whose peers turn out to be those of another cluster is counted there from then on', () => {
  const ofC = { to: '10.0.0.4', addresses: ['10.0.0.200'] };
  const toB = { to: '10.0.0.2' };
  const { report } = play(
    together(
      every([0, 9], 'A', 150, 1, toB),
      every([0.2, 9.2], 'C', 150, 1, ofC),
      [[5.5, 'B', 0, { to: '10.0.0.3' }]],
      [[5.6, 'D', 0, { to: '10.0.0.1' }]],
    ),
  );
  const [first, second] = report.virtualRouters.map(({ advertisers }) =>
    advertisers.map(({ source, adverts }) => [source, adverts]),
  );
  expect(second).toEqual([['10.0.0.3', 6]]);
  expect(first).toContainEqual(['10.0.0.3', 4]);
});

test('a packet that comes out of order does not set the time back', () => {
  const { router } = play([...every([0, 3], 'A', 150), [4.5, 'tick'], [4, 'A', 150]], { live: true });
  expect(sinceStart(router.advertisers[0]?.lastUs ?? 0)).toBe(4.5);
});
