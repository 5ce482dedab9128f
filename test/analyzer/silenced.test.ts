import { describe, expect, test } from 'vitest';
import { A, B, C, type Cast, every, play, type Settings, type Step, together } from '../support/story.ts';

/** B advertises each second; A, unheard so far, resigns half a second after the last of ten. */
const B_ALONE = every([0, 9], 'B', 100);
const RESIGNATION: Step = [9.5, 'A', 0];
const B_GOES_ON = every([10.5, 20], 'B', 100);
const STORY = [...B_ALONE, RESIGNATION, ...B_GOES_ON];

const OTHER_SETTINGS: Readonly<Record<string, Settings>> = {
  'authentication type': { password: 'geheim' },
  version: { version: 3 },
  'interval of VRRPv2': { intervalS: 2 },
};

describe('a master first heard as it resigns, beside one that was on the air all the time', () => {
  for (const [what, settings] of Object.entries(OTHER_SETTINGS)) {
    test(`was master as well where they differ in ${what}: each silences the other`, () => {
      const { report, router, split } = play(STORY, { nodes: { A: settings } });
      expect(report).toMatchObject({ verdict: 'split-brain', exitStatus: 2 });
      expect(split).toMatchObject({ startS: 0, confirmedS: 9.5, endS: 9.5, evidence: ['mismatch'] });
      expect(split.claimants).toEqual([B, A]);
      expect(router).toMatchObject({ state: 'ok', master: B, takeovers: [] });
    });
  }

  test('is told of as one split brain, that has ended, when a fault makes it resign twice', () => {
    const steps = [...B_ALONE, RESIGNATION, [9.5001, 'A', 0] as const, ...B_GOES_ON];
    const { split, eventNames } = play(steps, { nodes: { A: { password: 'geheim' } } });
    expect(split.endS).toBe(9.5);
    expect(eventNames.filter((name) => name.startsWith('split-brain'))).toEqual([
      'split-brain-confirmed',
      'split-brain-ended',
    ]);
  });

  test('is told of as one split brain when it resigns to each of its peers', () => {
    const copies: Step[] = [
      [9.5, 'A', 0, { to: B, id: 7 }],
      [9.50005, 'A', 0, { to: C, id: 7 }],
    ];
    const nodes = { A: { password: 'one' }, B: { to: C, password: 'another' } };
    const { split } = play([...B_ALONE, ...copies, ...B_GOES_ON], { nodes });
    expect(split).toMatchObject({ endS: 9.5, cause: { code: 'auth-mismatch' } });
  });

  test('is master since the time that both have had their settings', () => {
    const steps = [...every([0, 4], 'B', 100), ...every([5, 9], 'B', 100, 1, { password: 'geheim' }), RESIGNATION];
    expect(play(steps).split.startS).toBe(5);
  });
});

/** What may lie behind a resignation when it tells of no second master. */
const NO_PROOF: Readonly<Record<string, readonly [steps: readonly Step[], cast?: Cast]>> = {
  'their settings agree': [STORY],
  'their address lists differ': [STORY, { nodes: { A: { addresses: ['10.0.0.100', '10.0.0.101'] } } }],
  'other clusters share the VRID': [STORY, { nodes: { A: { addresses: ['10.0.0.200'] } } }],
  'its group is another one, where nothing of the other silences it': [STORY, { nodes: { A: { to: '224.0.0.28' } } }],
  'it sends with AH, which does not reach the other': [STORY, { nodes: { A: { ah: {} } } }],
  'the node has a second address': [STORY, { nodes: { A: { password: 'geheim', mac: '02:00:00:00:00:02' } } }],
  'the resignation was damaged on its way': [STORY, { nodes: { A: { password: 'geheim', checksum: 'bad' } } }],
  'the other has just taken over': [
    [...every([8.6, 9], 'B', 100, 0.4), RESIGNATION, ...B_GOES_ON],
    { nodes: { A: { password: 'geheim' } } },
  ],
  'the other has just been set anew': [
    [...every([0, 8], 'B', 100), ...together([RESIGNATION], every([9, 20], 'B', 100, 1, { password: 'geheim' }))],
  ],
  'the other has died': [[...every([0, 7], 'B', 100), RESIGNATION], { nodes: { A: { password: 'geheim' } } }],
  'the other has resigned, too': [[...B_ALONE, [9.4, 'B', 0], RESIGNATION], { nodes: { A: { password: 'geheim' } } }],
  'it had resigned before': [
    [[0, 'A', 0], ...every([0.6, 9], 'B', 100), RESIGNATION, ...B_GOES_ON],
    { nodes: { A: { password: 'geheim' } } },
  ],
};

describe('a resignation of somebody unheard is no split brain', () => {
  for (const [what, [steps, cast]] of Object.entries(NO_PROOF)) {
    test(`when ${what}`, () => {
      expect(play(steps, cast).report.virtualRouters.flatMap(({ splitBrains }) => splitBrains)).toEqual([]);
    });
  }
});
