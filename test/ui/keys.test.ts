import { describe, expect, test } from 'vitest';
import { actionFor, BINDINGS } from '../../src/ui/keys.ts';
import { INITIAL_STATE } from '../../src/ui/ui-state.ts';
import { fullReport, report, snapshot, splitRouter, twoSplitReport } from './reports.ts';
import { afterKeys, draw } from './screen.ts';

describe('the key table', () => {
  test('has no key twice', () => {
    const keys = BINDINGS.flatMap((binding) => binding.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test('has no action twice', () => {
    const actions = BINDINGS.map((binding) => binding.action);
    expect(new Set(actions).size).toBe(actions.length);
  });

  test('feeds the handler and the help', () => {
    const help = draw({ rows: 60, state: afterKeys(['?']) });
    for (const { keys, action, help: text, replayOnly } of BINDINGS) {
      for (const key of keys) expect(actionFor(key, true)).toBe(action);
      if (!replayOnly) expect(help).toContain(text);
    }
  });

  test('has keys of the player only while a capture is played', () => {
    expect(actionFor('space', false)).toBeNull();
    expect(actionFor('space', true)).toBe('play-pause');
  });
});

describe('keys', () => {
  const full = { snapshot: snapshot(fullReport()) };

  test('move the selection and stop at both ends', () => {
    expect(afterKeys(['j', 'down'], full).selected).toBe('eth0/3');
    expect(afterKeys(['k'], full).selected).toBe('eth0/1');
    expect(afterKeys(['G', 'j'], full).selected).toBe('eth0/255');
    expect(afterKeys(['G', 'g'], full).selected).toBe('eth0/1');
  });

  test('scroll a page no further than its end', () => {
    const end = afterKeys(['?', 'G', 'j', 'j']).scroll;
    expect(afterKeys(['?', 'G']).scroll).toBe(end);
    expect(afterKeys(['?', 'G', 'k']).scroll).toBe(end - 1);
  });

  test('lead back to where one came from', () => {
    expect(afterKeys(['return', 'c', 'escape']).screen).toBe('detail');
    expect(afterKeys(['return', 'c', 'escape', 'escape']).screen).toBe('table');
    expect(afterKeys(['?', '?']).screen).toBe('table');
    expect(afterKeys(['c', 'c', 'escape']).screen).toBe('table');
  });

  test('type a filter that q does not leave', () => {
    expect(afterKeys(['/', 'q', 'space', 'j'])).toMatchObject({ filter: 'q j', isTypingFilter: true });
    expect(afterKeys(['/', 'a', 'b', 'backspace', 'return'])).toMatchObject({ filter: 'a', isTypingFilter: false });
    expect(afterKeys(['/', 'a', 'escape'])).toMatchObject({ filter: '', isTypingFilter: false });
    expect(afterKeys(['/', 'a', 'return', 'escape']).filter).toBe('');
  });

  test('acknowledge the alarm that is shown, and go on to the next one that is not', () => {
    const of = { snapshot: snapshot(twoSplitReport()) };
    const once = afterKeys(['a'], of);
    expect([...once.acknowledged]).toHaveLength(1);
    expect(draw({ ...of, state: once }).split('\n')[2]).toContain('vrid 51');
    expect([...afterKeys(['a', 'a'], of).acknowledged]).toHaveLength(2);
  });

  test('forget acknowledged alarms that have ended', () => {
    const state = { ...INITIAL_STATE, acknowledged: new Set(['gone']) };
    expect([...afterKeys(['a'], { state }).acknowledged]).not.toContain('gone');
  });

  test('in the detail view the command is that of the router shown', () => {
    const of = { snapshot: snapshot(twoSplitReport()) };
    const state = afterKeys(['k', 'return', 'c'], of);
    expect(draw({ ...of, state })).toContain('Repair of vrid 51');
  });

  test('zoom within what was recorded', () => {
    const coarse = { ...splitRouter().advertisers[0]?.lane, startUs: 0, slotUs: 60_000_000, slots: [] };
    const [master] = splitRouter().advertisers;
    if (master === undefined) throw new Error('the fixture has a master');
    const of = { snapshot: snapshot(report([splitRouter({ advertisers: [{ ...master, lane: coarse }] })])) };
    expect(draw({ ...of, state: afterKeys(['+', '+', '+'], of) })).toContain('60s/column');
    expect(draw({ ...of, state: afterKeys(['-'], of) })).toContain('300s/column');
  });
});
