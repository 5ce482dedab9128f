import type { AdvertMessage } from './message.ts';
import { isKeepalived, type RouterSettings } from './settings.ts';

/**
 * Why a router does not use an advertisement. The `unheard` ones never reach keepalived's state machine, so its timer
 * is not touched; the others it reads and throws away.
 */
export type Rejection =
  | 'unheard-ah'
  | 'unheard-own-address'
  | 'unheard-destination'
  | 'version'
  | 'ttl'
  | 'length'
  | 'hmac'
  | 'auth-type'
  | 'password'
  | 'ah-replay'
  | 'ah-key'
  | 'interval'
  | 'addresses'
  | 'checksum'
  | 'unicast';

/** Sequence numbers of AH that a receiver keeps; `rejection` raises it as keepalived does. */
export interface ReplayWindow {
  highestSequence: number;
}

/**
 * What `local` objects to in `advert`, or null. keepalived's order of checks is that of `vrrp_check_packet`; FRR's
 * that of `vrrp_pkt_parse_datagram`, where the order makes no difference here; the RFCs' that of 7.1.
 */
export function rejection(local: RouterSettings, advert: AdvertMessage, replay: ReplayWindow): Rejection | null {
  const unheard = neverReachesSocket(local, advert);
  if (unheard !== null) return unheard;
  if (advert.destination === null && advert.ttl !== 255) return 'ttl';
  if (advert.version !== local.version) return 'version';
  if (advert.hmacKey !== local.hmacKey) return local.hmacKey === null ? 'length' : 'hmac';
  const authentication = local.version === 2 ? authenticationRejection(local, advert, replay) : null;
  if (authentication !== null) return authentication;
  if (local.version === 2 && advert.intervalUs !== local.intervalUs) return 'interval';
  if (local.flavour === 'keepalived' && !sameAddresses(local.addresses, advert.addresses)) return 'addresses';
  if (local.version === 3 && !acceptsChecksum(local, advert)) return 'checksum';
  if ((local.unicastPeers !== null) !== (advert.destination !== null)) return 'unicast';
  return null;
}

function neverReachesSocket(local: RouterSettings, advert: AdvertMessage): Rejection | null {
  if ((advert.auth === 'ah') !== (local.auth === 'ah')) return 'unheard-ah';
  if (advert.source === local.address) return 'unheard-own-address';
  if (advert.destination !== null && advert.destination !== local.address) return 'unheard-destination';
  return null;
}

function authenticationRejection(local: RouterSettings, advert: AdvertMessage, replay: ReplayWindow): Rejection | null {
  if (local.flavour === 'frr') return advert.auth === 'none' ? null : 'auth-type';
  if (advert.auth !== local.auth) return 'auth-type';
  if (local.auth === 'none') return null;
  const same = advert.password.slice(0, 8) === local.password.slice(0, 8);
  if (local.auth === 'simple') return same ? null : 'password';
  // The key first: of one that has another, no number counts (vrrp_in_chk_ipsecah).
  if (!same) return 'ah-key';
  if (advert.ahSequence <= replay.highestSequence) return 'ah-replay';
  replay.highestSequence = advert.ahSequence;
  return null;
}

/** keepalived compares count and membership, not order. */
function sameAddresses(own: readonly string[], advertised: readonly string[]): boolean {
  return own.length === advertised.length && own.every((address) => advertised.includes(address));
}

/** With `v3_checksum_as_v2` keepalived does not verify the checksum of VRRPv3 over IPv4 at all. */
function acceptsChecksum(local: RouterSettings, advert: AdvertMessage): boolean {
  // Over IPv6 there is one definition only.
  if (local.address.includes(':')) return true;
  if (isKeepalived(local.flavour) && local.checksum === 'plain') return true;
  return advert.checksum === local.checksum;
}
