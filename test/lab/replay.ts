import { setTimeout as sleep } from 'node:timers/promises';
import type { Cut } from '../support/simulate/network.ts';
import type { Action, Scenario } from '../support/simulate/scenario.ts';
import type { Step } from '../support/simulate/sequence.ts';
import { type LabSegment, withSegment } from './segment.ts';

/** What real keepalived made of a scenario; times in microseconds since its start. */
export interface Replay {
  readonly steps: readonly Step[];
  /** Sum of the times in which two nodes had one address. */
  readonly doubleMasterUs: number;
}

/** Performs a scenario of the simulation with real keepalived: starts, stops, kills, reloads, and filters on nodes. */
export async function replay(scenario: Scenario): Promise<Replay> {
  return withSegment(scenario.routers, async (segment) => {
    const startMs = performance.now();
    const startUs = Math.round((performance.timeOrigin + startMs) * 1000);
    const timetable = [
      ...scenario.actions.map((action) => ({ atUs: action.atUs, perform: () => perform(segment, action) })),
      ...scenario.cuts.flatMap((cut) => filters(segment, cut)),
    ].sort((a, b) => a.atUs - b.atUs);
    const pending: Promise<void>[] = [];
    const failures: unknown[] = [];
    for (const { atUs, perform: act } of timetable) {
      if (atUs > scenario.durationUs) break;
      await sleepUntil(startMs + atUs / 1000);
      pending.push(act().catch((failure) => void failures.push(failure)));
    }
    await sleepUntil(startMs + scenario.durationUs / 1000);
    const endUs = startUs + scenario.durationUs;
    await Promise.all(pending);
    if (failures.length > 0) throw failures[0];
    const nodeOf = new Map(scenario.routers.map(({ source, node }) => [source, node]));
    const adverts = (await segment.adverts()).filter(({ timeUs }) => timeUs < endUs);
    const steps = adverts.map(({ source, priority, timeUs }) => ({
      node: nodeOf.get(source) ?? source,
      priority,
      atUs: timeUs - startUs,
    }));
    return { steps, doubleMasterUs: doubleMasterUs(segment, endUs) };
  });
}

async function sleepUntil(atMs: number): Promise<void> {
  await sleep(Math.max(0, atMs - performance.now()));
}

async function perform(segment: LabSegment, action: Action): Promise<void> {
  const node = segment.node(action.node);
  switch (action.kind) {
    case 'start':
      return node.start();
    case 'stop':
      return node.stop();
    case 'kill':
      return node.kill();
    case 'reload':
      return node.reload(action.changes);
    default:
      throw new Error(`the lab does not know how to ${action.kind}`);
  }
}

function filters(segment: LabSegment, cut: Cut): { atUs: number; perform: () => Promise<void> }[] {
  if (cut.where === 'network') throw new Error('the lab cuts by packet filters on nodes only');
  const [name, direction] = cut.where === 'receiver' ? ([cut.to, 'in'] as const) : ([cut.from, 'out'] as const);
  const node = segment.node(name);
  return [
    { atUs: cut.fromUs, perform: () => node.drop(direction) },
    { atUs: cut.toUs, perform: () => node.restore(direction) },
  ];
}

function doubleMasterUs(segment: LabSegment, endUs: number): number {
  const intervals = segment.masterIntervals();
  let sumUs = 0;
  for (const [i, a] of intervals.entries()) {
    for (const b of intervals.slice(i + 1)) {
      if (a.address !== b.address || a.node === b.node) continue;
      sumUs += Math.max(0, Math.min(a.toUs ?? endUs, b.toUs ?? endUs, endUs) - Math.max(a.fromUs, b.fromUs));
    }
  }
  return sumUs;
}
