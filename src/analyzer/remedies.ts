import { formatAddress } from '../decoder/address.ts';
import type { Advertiser } from './advertiser.ts';
import type { Remedy } from './report.ts';

const CONFIG = '/etc/keepalived/keepalived.conf';

/** Opens the configuration, checks it and loads it; `keepalived -t` refuses a broken file before it does harm. */
const EDIT_AND_RELOAD = `vi ${CONFIG} && keepalived -t -f ${CONFIG} && systemctl reload keepalived`;

export function editRemedy(on: string, why: string): Remedy {
  return { on, why, command: EDIT_AND_RELOAD };
}

/** What to try on a node that does not hear `from`, the commonest cause first. */
export function deafRemedies(deaf: Advertiser, from: Advertiser): Remedy[] {
  const filter = deaf.family === 4 ? ' or rp_filter' : '';
  const look = {
    on: deaf.source,
    why: `if that was not it, see whether the advertisements of ${from.source} reach this host at all: if lines appear, its own firewall${filter} drops them, if none do, the network does`,
    command: lookCommand(from, '-nni'),
  };
  return [...firewallRemedies(deaf.source, from), look, ...hostRemedies(deaf), ...networkRemedies(deaf, from)];
}

/** What drops advertisements of `from` that arrive at a host. */
export function firewallRemedies(on: string, from: Advertiser): Remedy[] {
  const [family, tables, nft] =
    from.family === 4 ? ['ipv4', 'iptables', 'ip saddr'] : ['ipv6', 'ip6tables', 'ip6 saddr'];
  const protocol = from.ah ? 51 : 112;
  const name = from.ah ? 'ah' : 'vrrp';
  return [
    {
      on,
      why: 'iptables: accept the advertisements before any rule that drops them',
      command: `${tables} -I INPUT -p ${protocol} -s ${from.source} -j ACCEPT`,
    },
    {
      on,
      why: 'nftables: the same (adjust table and chain to `nft list ruleset`)',
      command: `nft insert rule inet filter input ${nft} ${from.source} meta l4proto ${protocol} accept`,
    },
    {
      on,
      why: 'firewalld: the same, kept over a restart',
      command: `firewall-cmd --permanent --add-rich-rule="rule family='${family}' source address='${from.source}' protocol value='${name}' accept" && firewall-cmd --reload`,
    },
  ];
}

/** Lets out what a host sends to its peers. @param to whose family and protocol it is */
export function outputRemedy(on: string, to: Advertiser): Remedy {
  const [tables, protocol] = [to.family === 4 ? 'iptables' : 'ip6tables', to.ah ? 51 : 112];
  return {
    on,
    why: 'its own firewall may drop what it sends: let it out before any rule that drops it (nftables: look at `nft list ruleset`)',
    command: `${tables} -I OUTPUT -p ${protocol} -j ACCEPT`,
  };
}

/** What else keeps a host from listening. */
export function hostRemedies(deaf: Advertiser): Remedy[] {
  const on = deaf.source;
  const remedies: Remedy[] = [];
  if (deaf.family === 4) {
    remedies.push({
      on,
      why: 'reverse path filter: loosen it if the source is not routed out of this interface',
      command: 'sysctl -w net.ipv4.conf.all.rp_filter=2',
    });
  }
  if (deaf.multicast) {
    const group = groupOf(deaf);
    remedies.push({
      on,
      why: `${group} must be among the groups of the interface of the virtual router (look while no vrrpwatch runs there: it joins the group, too); if it is not, restart keepalived`,
      command: `ip maddr show | grep -wE '^[0-9]+:|${group}'`,
    });
  }
  return remedies;
}

/**
 * What to try where the network loses what `from` sends to `deaf`; of unicast it is routing, which nothing here knows.
 *
 * @param from null when it is not known by an address
 */
export function networkRemedies(deaf: Advertiser, from: Advertiser | null): Remedy[] {
  if (!deaf.multicast) return [];
  const others = new Set([...(from === null ? [] : [from]), ...deaf.router.advertisers].map(({ source }) => source));
  others.delete(deaf.source);
  const peers = [...others, 'whoever was not heard'].join(', ');
  return [
    {
      on: 'switch or hypervisor',
      why: `multicast to ${groupOf(deaf)} must reach both ports: look at ${deaf.family === 4 ? 'IGMP' : 'MLD'} snooping, port security, cloud networks without multicast; on a Linux bridge 0 is off`,
      command: 'grep . /sys/class/net/*/bridge/multicast_snooping',
    },
    // Its parser rejects a block behind another keyword, and two addresses on one line.
    editRemedy(
      deaf.source,
      `where multicast cannot be had, go unicast on every node: here the lines \`unicast_src_ip ${deaf.source}\` and \`unicast_peer {\`, one line for each of the others (${peers}), and \`}\``,
    ),
  ];
}

/** Where its advertisements go; `vrrp_mcast_group4` and `vrrp_mcast_group6` change it. */
function groupOf({ destination, family }: Advertiser): string {
  return formatAddress(destination, 0, family);
}

/** Shows the advertisements of a node where it is run. @param flags of tcpdump, the last one for the interface */
export function lookCommand({ family, ah, source }: Advertiser, flags: string): string {
  return `timeout 10 tcpdump -c 3 ${flags} any ${family === 4 ? 'ip' : 'ip6'} proto ${ah ? 51 : 112} and src ${source}`;
}

/** Makes the neighbours learn the hardware address of the node that keeps `address`. */
export function announceRemedy(on: string, address: string, family: 4 | 6): Remedy {
  if (family === 6)
    return editRemedy(on, 'garp_master_refresh 60 tells every neighbour who holds the address, again and again');
  // Debian's arping speaks for the address with -S alone; that of iputils does so by itself, and refuses -S.
  const device = `dev=$(ip -o addr show to ${address} | awk '{print $2}')`;
  const announce = 'arping -U -c 3 -I $dev';
  return {
    on,
    why: 'tell every neighbour who holds the address now',
    command: `${device}; ${announce} -S ${address} ${address} || ${announce} ${address}`,
  };
}
