import type { Run } from './run.ts';

/** One advertisement in a sequence: who, with which priority, when (microseconds since the start of the run). */
export interface Step {
  readonly node: string;
  readonly priority: number;
  readonly atUs: number;
}

/** All advertisements as they were sent, copies of one to several peers counted once. */
export function sequenceOf(run: Run): Step[] {
  const steps: Step[] = [];
  let last = 0;
  for (const { message, sentUs } of run.sent) {
    if (message.kind !== 'advert' || message.copyOf <= last) continue;
    last = message.copyOf;
    steps.push({ node: message.node, priority: message.priority, atUs: sentUs });
  }
  return steps;
}

/** The sequence without times, repetitions by one node with one priority folded: `A150 A0 B100`. */
export function outline(steps: readonly Step[]): string {
  const words = steps.map(({ node, priority }) => `${node}${priority}`);
  return words.filter((word, i) => word !== words[i - 1]).join(' ');
}
