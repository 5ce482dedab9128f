import { AT_THE_SWITCH, CALM, type Cut, type Observer, type Weather } from './network.ts';
import type { RouterSettings } from './settings.ts';

/** What is done to a node at a time. */
export type Action = { readonly atUs: number; readonly node: string } & (
  | { readonly kind: 'start' | 'stop' | 'kill' | 'fail' | 'recover' | 'link-down' | 'link-up' }
  | { readonly kind: 'reload'; readonly vrid?: number; readonly changes: Partial<RouterSettings> }
  | { readonly kind: 'priority'; readonly vrid?: number; readonly priority: number }
  | { readonly kind: 'pause'; readonly durationUs: number; readonly whole: boolean }
);

/** A complete experiment: the same scenario gives the same run, byte by byte. */
export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly durationUs: number;
  readonly routers: readonly RouterSettings[];
  readonly actions: readonly Action[];
  readonly cuts: readonly Cut[];
  readonly weather: Weather;
  readonly observer: Observer;
  /** The client host asks for every virtual address in this rhythm; 0 means never. */
  readonly arpEveryUs: number;
}

/** Fills in a calm network, an observer at the switch, and a start of every node at 0 unless `actions` start it. */
export function scenario(given: Pick<Scenario, 'routers' | 'durationUs'> & Partial<Scenario>): Scenario {
  const actions = given.actions ?? [];
  const nodes = [...new Set(given.routers.map(({ node }) => node))];
  const starts = nodes
    .filter((node) => !actions.some((action) => action.node === node && action.kind === 'start'))
    .map((node) => ({ atUs: 0, node, kind: 'start' }) as const);
  return {
    name: 'scenario',
    seed: 1,
    cuts: [],
    weather: CALM,
    observer: AT_THE_SWITCH,
    arpEveryUs: 0,
    ...given,
    actions: [...starts, ...actions],
  };
}

/** The experiment in words, one line each, to print when a property fails. */
export function describeScenario(given: Scenario): string {
  const { observer } = given;
  const lines = [`${given.name}, seed ${given.seed}, ${seconds(given.durationUs)}`];
  for (const settings of given.routers) lines.push(`  ${describeRouter(settings)}`);
  for (const { atUs, node, kind, ...rest } of [...given.actions].sort((a, b) => a.atUs - b.atUs)) {
    lines.push(`  ${seconds(atUs)} ${node} ${kind}${Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''}`);
  }
  for (const { from, to, where, fromUs, toUs } of given.cuts) {
    lines.push(`  ${seconds(fromUs)} to ${seconds(toUs)} cut ${from} -> ${to} (${where})`);
  }
  lines.push(`  network ${JSON.stringify(given.weather)}`);
  lines.push(`  observer ${JSON.stringify({ ...observer, beside: observer.beside ?? 'switch' })}`);
  if (given.arpEveryUs > 0) lines.push(`  client asks every ${seconds(given.arpEveryUs)}`);
  return lines.join('\n');
}

function describeRouter(settings: RouterSettings): string {
  const { node, flavour, address, mac: _, ...rest } = settings;
  return `${node} ${address} ${flavour} ${JSON.stringify(rest)}`;
}

function seconds(us: number): string {
  return `${(us / 1_000_000).toFixed(3)} s`;
}
