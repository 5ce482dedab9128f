import { AT_THE_SWITCH, CALM, type Cut, type Observer, type Weather } from './network.ts';
import { Random } from './random.ts';
import { agreeingRouters, withSecondVirtualRouter } from './random-settings.ts';
import type { Action, Scenario } from './scenario.ts';
import { isKeepalived, type RouterSettings } from './settings.ts';

/**
 * What a scenario is about. `healthy`: only what happens in a cluster that works. `cut`: paths are interrupted.
 * `mismatch`: one router is set differently. `lossy`: frames get lost between routers. `stuck`: processes are killed
 * or stand still and leave their address behind. The truth of the run decides, not the theme: a cut may hit nobody.
 */
export type Theme = 'healthy' | 'cut' | 'mismatch' | 'lossy' | 'stuck';

const THEMES: readonly [Theme, ...Theme[]] = [
  'healthy',
  'healthy',
  'healthy',
  'cut',
  'cut',
  'mismatch',
  'lossy',
  'stuck',
];

/** The same seed (an unsigned 32-bit integer) and theme always draw the same scenario. */
export function randomScenario(seed: number, wanted?: Theme): Scenario {
  const random = new Random(seed);
  const drawn = random.pick(THEMES);
  const theme = wanted ?? drawn;
  const agreeing = agreeingRouters(random);
  const intervalUs = agreeing[0]?.intervalUs ?? 1_000_000;
  // 20 to 120 s, and no more than some 200 intervals of a fast router.
  const durationUs = random.between(20, intervalUs < 500_000 ? 25 : 120) * 1_000_000;
  const first = theme === 'mismatch' ? withMismatch(random, agreeing) : agreeing;
  const routers = random.chance(0.1) ? withSecondVirtualRouter(first) : first;
  const nodes = first.map(({ node }) => node);
  const draw = { random, nodes, intervalUs, durationUs };
  const ipv4 = !routers[0]?.address.includes(':');
  return {
    name: theme,
    seed,
    durationUs,
    routers: theme === 'stuck' ? routers : routers.map((settings) => ({ ...settings, staleAddress: false })),
    actions: [...starts(draw), ...events(draw, theme)],
    cuts: theme === 'cut' ? drawCuts(draw) : [],
    weather: drawWeather(draw, theme),
    observer: drawObserver(draw),
    arpEveryUs: ipv4 && random.chance(0.3) ? random.between(500_000, 2_000_000) : 0,
  };
}

interface Draw {
  readonly random: Random;
  readonly nodes: readonly string[];
  readonly intervalUs: number;
  readonly durationUs: number;
}

function someNode({ random, nodes }: Draw): string {
  return nodes[random.between(0, nodes.length - 1)] ?? 'A';
}

function someTime({ random, durationUs }: Draw): number {
  return random.between(0, durationUs);
}

/** All at once, within a few intervals, or already long before the observer came: then the others follow late. */
function starts({ random, nodes, intervalUs }: Draw): Action[] {
  const spreadUs = random.pick([0, 50_000, 4 * intervalUs, 12 * intervalUs]);
  return nodes.map((node) => ({ kind: 'start', node, atUs: random.between(0, spreadUs) }));
}

function events(draw: Draw, theme: Theme): Action[] {
  const { random } = draw;
  const actions: Action[] = [];
  const count = random.between(theme === 'healthy' ? 1 : 0, theme === 'healthy' ? 6 : 3);
  for (let i = 0; i < count; i++) actions.push(...healthyEvent(draw));
  if (theme === 'stuck') for (let i = random.between(1, 3); i > 0; i--) actions.push(...stuckEvent(draw));
  return actions;
}

function healthyEvent(draw: Draw): Action[] {
  const { random, intervalUs } = draw;
  const node = someNode(draw);
  const atUs = someTime(draw);
  const laterUs = atUs + random.between(Math.ceil(intervalUs / 4), 10 * intervalUs);
  const priority = random.between(1, 254);
  switch (random.between(0, 6)) {
    case 0:
      return pair('stop', 'start');
    case 1:
      return pair('kill', 'start');
    case 2:
      return pair('fail', 'recover');
    case 3:
      return pair('link-down', 'link-up');
    case 4:
      return [{ kind: 'reload', node, atUs, changes: { priority } }];
    case 5:
      return [{ kind: 'priority', node, atUs, priority }];
    default:
      return [{ kind: 'pause', node, atUs, durationUs: random.between(10_000, 6 * intervalUs), whole: true }];
  }

  function pair(first: 'stop' | 'kill' | 'fail' | 'link-down', second: 'start' | 'recover' | 'link-up'): Action[] {
    return [
      { kind: first, node, atUs },
      { kind: second, node, atUs: laterUs },
    ];
  }
}

function stuckEvent(draw: Draw): Action[] {
  const { random, intervalUs } = draw;
  const node = someNode(draw);
  const atUs = someTime(draw);
  if (random.chance(0.4)) return [{ kind: 'kill', node, atUs }];
  return [{ kind: 'pause', node, atUs, durationUs: random.between(intervalUs, 15 * intervalUs), whole: false }];
}

function drawCuts(draw: Draw): Cut[] {
  const { random, intervalUs } = draw;
  const cuts: Cut[] = [];
  for (let i = random.between(1, 3); i > 0; i--) {
    const fromUs = someTime(draw);
    const toUs = fromUs + random.between(intervalUs, 30 * intervalUs);
    const where = random.pick<Cut['where']>(['receiver', 'receiver', 'network', 'network', 'sender']);
    const from = someNode(draw);
    const others = draw.nodes.filter((node) => node !== from);
    const to = random.chance(0.25) || where === 'sender' ? '*' : (others[random.between(0, others.length - 1)] ?? '*');
    cuts.push({ from, to, where, fromUs, toUs });
    if (random.chance(0.5)) cuts.push({ from: to, to: from, where, fromUs, toUs });
  }
  return cuts;
}

function drawWeather(draw: Draw, theme: Theme): Weather {
  const { random, nodes, intervalUs } = draw;
  const rough = random.chance(0.3);
  const weather: Weather = {
    ...CALM,
    maxDelayUs: rough ? Math.min(3_000, intervalUs / 50) : CALM.maxDelayUs,
    duplication: rough ? 0.02 : 0,
    reordering: rough && intervalUs >= 500_000 ? 0.05 : 0,
  };
  if (theme !== 'lossy') return weather;
  const to = someNode(draw);
  const probability = random.between(20, 85) / 100;
  const pairLoss = nodes.filter((from) => from !== to).map((from) => ({ from, to, probability }));
  return { ...weather, loss: random.between(0, 20) / 100, pairLoss };
}

function drawObserver(draw: Draw): Observer {
  const { random, intervalUs } = draw;
  if (random.chance(0.55)) return AT_THE_SWITCH;
  const fromUs = someTime(draw);
  return {
    beside: random.chance(0.4) ? someNode(draw) : null,
    loss: random.chance(0.25) ? random.between(1, 30) / 100 : 0,
    duplication: random.chance(0.25) ? 0.05 : 0,
    disorder: random.chance(0.25) && intervalUs >= 500_000 ? 0.05 : 0,
    pauses: random.chance(0.15) ? [{ fromUs, toUs: fromUs + random.between(intervalUs, 20 * intervalUs) }] : [],
    clockSteps: random.chance(0.15) ? [{ atUs: someTime(draw), stepUs: random.between(-20_000_000, 20_000_000) }] : [],
  };
}

/** One router that differs in one setting which the others must share. */
function withMismatch(random: Random, routers: RouterSettings[]): RouterSettings[] {
  const odd = random.between(0, routers.length - 1);
  return routers.map((settings, i) => (i === odd ? { ...settings, ...difference(random, settings) } : settings));
}

function difference(random: Random, settings: RouterSettings): Partial<RouterSettings> {
  const [first = ''] = settings.addresses;
  const extra = first.includes(':') ? 'fe80::999' : '10.9.0.199';
  const choices: [Partial<RouterSettings>, ...Partial<RouterSettings>[]] = [
    { addresses: [...settings.addresses, extra] },
    { addresses: [extra] },
    { ttl: 64 },
    { source: settings.address, priority: 255 },
  ];
  if (settings.version === 2) choices.push(...versionTwoDifferences(settings));
  else if (!first.includes(':')) {
    choices.push({ checksum: settings.checksum === 'plain' ? 'pseudo-header' : 'plain' });
    choices.push({ version: 2, intervalUs: 1_000_000 });
  }
  if (settings.flavour === 'keepalived-2.3.3') choices.push({ hmacKey: settings.hmacKey === null ? 'other' : null });
  if (settings.unicastPeers !== null) choices.push({ unicastPeers: null });
  return random.pick(choices);
}

function versionTwoDifferences(settings: RouterSettings): Partial<RouterSettings>[] {
  const { flavour, auth, intervalUs } = settings;
  const differences: Partial<RouterSettings>[] = [{ version: 3, auth: 'none' }, { intervalUs: intervalUs + 1_000_000 }];
  if (!isKeepalived(flavour)) return differences;
  if (auth === 'none') differences.push({ auth: 'simple', password: 'secret' }, { auth: 'ah', password: 'secret' });
  else differences.push({ password: 'other' }, { auth: auth === 'ah' ? 'simple' : 'ah' });
  return differences;
}
