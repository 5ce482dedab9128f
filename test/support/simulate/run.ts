import { EventQueue } from './event-queue.ts';
import { Network, type Seen, type Sent } from './network.ts';
import { arpRequest, Node } from './node.ts';
import { Random } from './random.ts';
import type { Action, Scenario } from './scenario.ts';
import type { RouterSettings } from './settings.ts';
import { type DoubleMaster, doubleMasters, type HoldingInterval, Truth } from './truth.ts';
import { frameOf } from './wire.ts';

/** Packet time of the start of every run: 2023-11-14T22:13:20Z. */
export const EPOCH_US = 1_700_000_000_000_000;

/** A frame as a capture file has it. */
export interface CapturedFrame {
  /** Microseconds since the Unix epoch by the observer's clock. */
  readonly timeUs: number;
  /** With its Ethernet header. */
  readonly bytes: Uint8Array;
}

/** What came of a scenario. Times of the truth are microseconds since the start; those of frames are packet times. */
export interface Run {
  readonly scenario: Scenario;
  /** In the order in which the observer got them. */
  readonly frames: readonly CapturedFrame[];
  /** The same, before they were bytes. */
  readonly observed: readonly Seen[];
  /** Everything that any node sent, whoever may have seen it. */
  readonly sent: readonly Sent[];
  readonly holdings: readonly HoldingInterval[];
  /** Every overlap, however short, of two nodes that had the addresses. */
  readonly doubleMaster: readonly DoubleMaster[];
  /** Packet time at which the observer would have stamped something that happened then. */
  readonly packetTimeUs: (trueUs: number) => number;
}

export function simulate(scenario: Scenario): Run {
  const queue = new EventQueue();
  const random = new Random(scenario.seed);
  const truth = new Truth();
  const packetTimeUs = observerClock(scenario);
  const nodes: Node[] = [];
  const network = new Network({
    nodes,
    queue,
    random: random.fork(),
    observer: scenario.observer,
    cuts: scenario.cuts,
    weather: scenario.weather,
    observerTimeUs: packetTimeUs,
  });
  let adverts = 0;
  const transmit = network.transmit.bind(network);
  const segment = { queue, truth, transmit, nextAdvertNumber: () => ++adverts };
  for (const [name, settings] of byNode(scenario.routers)) {
    nodes.push(new Node(name, settings, { ...segment, random: random.fork() }));
  }
  for (const action of scenario.actions) {
    const node = nodes.find(({ name }) => name === action.node);
    if (node === undefined) continue;
    // A process that stands still obeys nothing but SIGKILL and the cable.
    const atOnce = action.kind === 'kill' || action.kind === 'pause' || action.kind.startsWith('link');
    queue.schedule(action.atUs, () => {
      if (atOnce) perform(node, action);
      else node.schedule(queue.nowUs, () => perform(node, action));
    });
  }
  scheduleClient(scenario, queue, transmit);
  queue.runUntil(scenario.durationUs);

  const holdings = truth.intervals(scenario.durationUs);
  return {
    scenario,
    frames: network.observed.map(({ message, timeUs }) => ({ timeUs, bytes: frameOf(message) })),
    observed: network.observed,
    sent: network.sent,
    holdings,
    doubleMaster: doubleMasters(holdings),
    packetTimeUs,
  };
}

function observerClock({ observer }: Scenario): (trueUs: number) => number {
  return (trueUs) => {
    let timeUs = EPOCH_US + trueUs;
    for (const { atUs, stepUs } of observer.clockSteps) if (trueUs >= atUs) timeUs += stepUs;
    return timeUs;
  };
}

function byNode(routers: readonly RouterSettings[]): Map<string, RouterSettings[]> {
  const nodes = new Map<string, RouterSettings[]>();
  for (const settings of routers) nodes.set(settings.node, [...(nodes.get(settings.node) ?? []), settings]);
  return nodes;
}

function perform(node: Node, action: Action): void {
  const concerned = 'vrid' in action ? node.routers.filter((r) => r.settings.vrid === action.vrid) : node.routers;
  switch (action.kind) {
    case 'start':
      node.start();
      break;
    case 'stop':
      node.stop();
      break;
    case 'kill':
      node.kill();
      break;
    case 'fail':
      for (const router of concerned) router.fail();
      break;
    case 'recover':
      for (const router of concerned) router.recover();
      break;
    case 'link-down':
    case 'link-up':
      node.setLink(action.kind === 'link-up');
      break;
    case 'reload':
      for (const router of concerned) router.reload(action.changes);
      break;
    case 'priority':
      for (const router of concerned) router.setPriority(action.priority);
      break;
    case 'pause':
      node.pause(action.durationUs, action.whole);
      break;
  }
}

function scheduleClient(scenario: Scenario, queue: EventQueue, transmit: Network['transmit']): void {
  if (scenario.arpEveryUs === 0) return;
  const addresses = [...new Set(scenario.routers.flatMap((settings) => settings.addresses))];
  for (let atUs = scenario.arpEveryUs; atUs < scenario.durationUs; atUs += scenario.arpEveryUs) {
    for (const address of addresses) queue.schedule(atUs, () => transmit(arpRequest(address)));
  }
}
