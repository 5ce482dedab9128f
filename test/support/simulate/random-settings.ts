import type { Random } from './random.ts';
import { type Flavour, isKeepalived, type RouterSettings, router } from './settings.ts';

/** Routers that agree in everything they must agree in: two to four nodes of one virtual router. */
export function agreeingRouters(random: Random): RouterSettings[] {
  const names = ['A', 'B', 'C', 'D'].slice(0, random.pick([2, 2, 2, 3, 3, 4]));
  const common = commonSettings(random);
  const flavours = drawFlavours(random, common);
  const equalPriorities = random.chance(0.08);
  const priorities = [150, 100, 50, 200].sort(() => random.next() - 0.5);
  const routers = names.map((name, i) => {
    const flavour = flavours[i % flavours.length] ?? 'keepalived';
    const priority = equalPriorities ? 100 : (priorities[i] ?? 100) + random.between(-20, 20);
    return router(name, {
      ...common,
      ...addressOf(name, common.addresses),
      ...behaviour(random, flavour, common),
      flavour,
      priority,
    });
  });
  return common.unicastPeers === null ? routers : withPeers(routers);
}

/** A second virtual router on the same nodes, with the priorities the other way round, as load is often shared. */
export function withSecondVirtualRouter(routers: readonly RouterSettings[]): RouterSettings[] {
  const second = routers.map((settings) => ({
    ...settings,
    vrid: (settings.vrid % 255) + 1,
    priority: Math.max(1, 255 - settings.priority),
    addresses: settings.addresses.map((address) => address.replace('10.9.0.', '10.9.1.').replace('fe80::', 'fe80::1:')),
  }));
  return [...routers, ...second];
}

/** Each router's peers are the addresses of all others. */
export function withPeers(routers: readonly RouterSettings[]): RouterSettings[] {
  const addresses = routers.map(({ address }) => address);
  return routers.map((settings) => ({
    ...settings,
    unicastPeers: addresses.filter((address) => address !== settings.address),
  }));
}

type Common = Pick<
  RouterSettings,
  | 'vrid'
  | 'version'
  | 'intervalUs'
  | 'addresses'
  | 'auth'
  | 'password'
  | 'checksum'
  | 'hmacKey'
  | 'useVmac'
  | 'unicastPeers'
>;

function commonSettings(random: Random): Common {
  const version = random.pick<2 | 3>([2, 2, 3]);
  const ipv6 = version === 3 && random.chance(0.25);
  const count = random.pick([1, 1, 2, 3]);
  const auth = version === 2 ? random.pick<RouterSettings['auth']>(['none', 'none', 'simple', 'ah']) : 'none';
  return {
    vrid: random.between(1, 255),
    version,
    intervalUs:
      1_000_000 * (version === 2 ? random.pick([1, 1, 1, 2, 3]) : random.pick([1, 1, 0.1, 0.2, 0.5, 2, 0.05])),
    addresses: Array.from({ length: count }, (_, i) => (ipv6 ? `fe80::${100 + i}` : `10.9.0.${100 + i}`)),
    auth,
    password: auth === 'none' ? '' : 'secret',
    checksum: random.chance(0.15) ? 'plain' : 'pseudo-header',
    hmacKey: auth === 'none' && random.chance(0.05) ? 'key' : null,
    useVmac: random.chance(0.08),
    unicastPeers: !ipv6 && random.chance(0.12) ? [] : null,
  };
}

/** One kind of router in most clusters; FRR and the RFCs' routers know neither HMAC nor, FRR, any authentication. */
function drawFlavours(random: Random, common: Common): Flavour[] {
  if (common.hmacKey !== null) return ['keepalived-2.3.3'];
  const possible: [Flavour, ...Flavour[]] = ['keepalived', 'keepalived', 'keepalived', 'keepalived-2.3.3'];
  if (common.auth === 'none' && common.unicastPeers === null) {
    possible.push('frr', common.version === 2 ? 'rfc-3768' : 'rfc-5798');
    if (common.version === 3) possible.push('rfc-9568');
  }
  const first = random.pick(possible);
  return random.chance(0.8) ? [first] : [first, random.pick(possible)];
}

function behaviour(random: Random, flavour: Flavour, common: Common): Partial<RouterSettings> {
  const loaded = random.chance(0.15) && common.intervalUs >= 200_000;
  if (!isKeepalived(flavour)) return { loaded, preempt: random.chance(0.85) };
  const strict = common.auth === 'none' && common.unicastPeers === null && random.chance(0.06);
  return {
    loaded,
    strict,
    preempt: random.chance(0.8),
    downTimerAdverts: random.chance(0.04) ? random.between(1, 2) : 3,
    preemptDelayUs: random.chance(0.1) ? random.between(1, 5) * 1_000_000 : 0,
    lowerPrioNoAdvert: random.chance(0.08),
    higherPrioSendAdvert: random.chance(0.12),
  };
}

function addressOf(name: string, addresses: readonly string[]): Partial<RouterSettings> {
  if (!addresses[0]?.includes(':')) return {};
  const address = `fe80::${name.charCodeAt(0) - 64}`;
  return { address, source: address };
}
