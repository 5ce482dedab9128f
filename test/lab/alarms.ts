import { expect } from 'vitest';
import type { LiveEvent, LiveRun } from './live-run.ts';

/** What is announced of a virtual router that has one master at any time. */
const CALM = ['capture-started', 'router-seen', 'advertiser-seen', 'priority-changed', 'takeover'];

/** Expects that nothing asked for attention so far. */
export function expectCalm(run: LiveRun): void {
  expect(run.events.filter(isAlarm), run.engine).toEqual([]);
}

function isAlarm({ event, severity }: LiveEvent): boolean {
  return event === 'finding' ? severity !== 'info' : !CALM.includes(event);
}
