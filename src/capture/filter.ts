/**
 * What the analyzer can use, in libpcap's language: advertisements (protocol 112, to the group or to a unicast peer),
 * the same inside AH (51) or behind one IPv6 extension header (hop-by-hop, routing, destination options,
 * mobility), ARP, and neighbour advertisements. `vrrp` alone would be IPv4 without AH, and `ip6 protochain` is slow.
 */
const UNTAGGED = [
  'arp',
  'ip proto 112',
  'ip proto 51',
  'ip6 proto 112',
  'ip6 proto 51',
  'icmp6[0] = 136',
  '((ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 60 or ip6[6] = 135) and (ip6[40] = 112 or ip6[40] = 51))',
].join(' or ');

/** `vlan` moves the offsets of all that follows it, even outside of its parentheses: the tagged forms come last. */
const ETHERNET_FILTER = `${UNTAGGED} or (vlan and (${UNTAGGED} or (vlan and (${UNTAGGED}))))`;

/**
 * libpcap has no `vlan` on the cooked link types of `any`, nor on tunnels. The kernel takes the outer tag off before the
 * filter looks, so one tag needs nothing; a second one is beyond what `any` shows.
 */
export const ANY_LINK_FILTER = `${UNTAGGED} or ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100`;

/** The capture filter when the user gave none; where its link type has no VLANs, `ANY_LINK_FILTER` is left. */
export function defaultFilter(interfaceName: string): string {
  return interfaceName === 'any' ? ANY_LINK_FILTER : ETHERNET_FILTER;
}
