import type { Advertiser } from './advertiser.ts';
import {
  announceRemedy,
  editRemedy,
  firewallRemedies,
  hostRemedies,
  lookCommand,
  networkRemedies,
  outputRemedy,
} from './remedies.ts';
import type { Cause } from './report.ts';

/**
 * Why a node holds the addresses beside the master whose advertisements are heard.
 *
 * @param name of the node beside it
 * @param stranger null when it was never heard to advertise
 */
export function heldCause(master: Advertiser, name: string, stranger: Advertiser | null, address: string): Cause {
  const history =
    stranger === null
      ? 'it was never heard to advertise; it may also be another network card of the same host, which answers on all of them (arp_ignore 0)'
      : stranger.resignedUs === null
        ? 'it fell silent without resigning, as when keepalived is killed and leaves the address behind, or its advertisements no longer get here'
        : 'it resigned and kept the address';
  return {
    code: 'filtered',
    confidence: 'possible',
    summary: `${name} answers for ${address} beside the master ${master.source}; ${history}`,
    differs: null,
    remedies: [
      {
        on: name,
        why: 'see whether keepalived runs, and whether the address is there',
        command: `systemctl status keepalived; ip -br addr | grep -wF ${address}`,
      },
      {
        on: name,
        why: 'a restart removes what a killed keepalived left behind and listens anew; it shows here once a host that got two answers for the address gets one to each of three requests, or after 5 min',
        command: 'systemctl restart keepalived',
      },
      announceRemedy(master.source, address, master.family),
      ...(stranger === null
        ? [
            {
              on: name,
              why: 'no keepalived there: find out who gave it this address, and take it away (ip addr del)',
              command: `ip -o addr show to ${address}`,
            },
          ]
        : []),
    ],
  };
}

/**
 * Why a node is not heard that announces the address beside the master, as only a running master does: a killed keepalived
 * leaves an address behind that answers, and announces nothing.
 *
 * @param name of the node beside it
 * @param stranger null when it was never heard to advertise
 */
export function unheardCause(master: Advertiser, name: string, stranger: Advertiser | null, address: string): Cause {
  const heard = stranger === null ? 'was never heard to advertise' : 'was not heard to advertise meanwhile';
  return {
    code: 'filtered',
    confidence: 'likely',
    summary: `${name} announces ${address} beside the master ${master.source}, as only a running master does, and ${heard}; a firewall, security group or switch between the two lets ARP pass and loses VRRP`,
    differs: null,
    remedies: [
      {
        on: name,
        why: `see whether the advertisements of ${master.source} reach this host at all: if lines appear, its own firewall drops them, if none do, the network does (cloud security groups: allow protocol ${master.ah ? 51 : 112})`,
        command: lookCommand(master, '-nni'),
      },
      ...firewallRemedies(name, master),
      outputRemedy(name, master),
      ...networkRemedies(master, stranger),
    ],
  };
}

/**
 * Why a master is not heard that announces its address in answer to each advertisement of a lower-ranked one
 * (keepalived `vrrp_state_master_rx`): it hears that one, and what it sends itself is lost.
 */
export function muteCause(deaf: Advertiser, mute: string, stranger: Advertiser | null, address: string): Cause {
  const rank = stranger === null ? 'outranks it' : `outranks it (priority ${stranger.priority})`;
  return {
    code: 'filtered',
    confidence: 'likely',
    summary: `${mute} announces ${address} whenever ${deaf.source} has advertised, so it hears ${deaf.source} and ${rank}; its own advertisements get neither here nor to ${deaf.source}`,
    differs: null,
    remedies: [
      outputRemedy(mute, deaf),
      editRemedy(mute, `see that it sends where ${deaf.source} listens: the same group, or unicast_peer on both`),
      ...hostRemedies(deaf),
      ...networkRemedies(deaf, stranger),
    ],
  };
}
