import { sameBytes } from '../bytes.ts';
import { formatAddress, formatMac, isVirtualMac } from '../decoder/address.ts';
import { CHECKSUM, DEFECT } from '../decoder/advertisement.ts';
import type { Advertiser } from './advertiser.ts';
import type { AuthType, CauseCode, Difference } from './report.ts';

/**
 * How surely a difference makes a receiver discard an advertisement:
 * `always` in every implementation, `sender` whatever the receiver's settings are (the advertisement itself is bad),
 * `version-dependent` up to keepalived 2.3.2 and in RFC 3768's strict reading, `configurable` by an option.
 */
export type Strictness = 'always' | 'sender' | 'version-dependent' | 'configurable';

/** A setting in which two advertisers of one virtual router differ so that one may discard what the other sends. */
export interface Mismatch {
  readonly code: CauseCode;
  readonly strictness: Strictness;
  readonly differs: Difference;
}

/** Text for a secret that is compared and not shown. */
const NOT_SHOWN = ['one password', 'another password'] as const;

/**
 * Everything in which two advertisers differ that keepalived's `vrrp_check_packet` or FRR's
 * `vrrp_pkt_parse_datagram` looks at, the most telling first.
 */
export function mismatches(a: Advertiser, b: Advertiser): Mismatch[] {
  const found: Mismatch[] = [];
  const add = (
    code: CauseCode,
    strictness: Strictness,
    field: string,
    of: (x: Advertiser) => string | number,
  ): void => {
    found.push({ code, strictness, differs: { field, values: { [nameOf(a, b)]: of(a), [nameOf(b, a)]: of(b) } } });
  };
  const lists = compareAddressLists(a, b);
  if (lists === 'disjoint') add('vrid-collision', 'version-dependent', 'addresses', (x) => x.addresses.join(' '));
  if (!a.sharesVersion(b)) {
    add('version-mismatch', 'always', 'version', (x) => x.version);
  } else if (a.version === 2 && b.version === 2) {
    if (authTypesDiffer(a, b)) add('auth-mismatch', 'always', 'authType', authTypeOf);
    else if (passwordsDiffer(a, b)) {
      add('auth-mismatch', 'always', 'password', (x) => NOT_SHOWN[x === a ? 0 : 1]);
    }
    if (intervalsDiffer(a, b)) {
      add('interval-mismatch', 'always', 'interval', (x) => x.intervalUs / 1_000_000);
    }
  }
  if (destinationsDiffer(a, b)) {
    add('unicast-mismatch', 'always', 'destination', (x) => formatAddress(x.destination, 0, x.family));
  }
  if (a.hmac !== b.hmac) add('hmac-mismatch', 'configurable', 'hmac', (x) => (x.hmac ? 'HMAC trailer' : 'none'));
  if (a.ttl !== b.ttl && a.multicast && b.multicast) add('ttl', 'sender', 'ttl', (x) => x.ttl);
  if ((a.checksumStyle === CHECKSUM.bad) !== (b.checksumStyle === CHECKSUM.bad)) {
    add('checksum-mismatch', 'sender', 'checksum', checksumText);
  } else if (stylesDiffer(a, b)) add('checksum-mismatch', 'configurable', 'checksum', checksumText);
  if (lists === 'overlap') add('address-mismatch', 'version-dependent', 'addresses', (x) => x.addresses.join(' '));
  return found;
}

/** True when neither reads the other's advertisements, whatever the versions of their software. */
export function excludeEachOther(a: Advertiser, b: Advertiser): boolean {
  return (
    !a.sharesVersion(b) ||
    destinationsDiffer(a, b) ||
    (a.version === 2 && b.version === 2 && (authTypesDiffer(a, b) || passwordsDiffer(a, b) || intervalsDiffer(a, b)))
  );
}

/**
 * True when each reads what the other sends and discards it, so that it waits an interval more for its own next word.
 * Another group does not reach it, and AH does not reach one that has none.
 */
export function silenceEachOther(a: Advertiser, b: Advertiser): boolean {
  return excludeEachOther(a, b) && !destinationsDiffer(a, b) && a.ah === b.ah;
}

/** True when the address lists differ: keepalived up to 2.3.2 discards such an advertisement, later ones only log it. */
export function addressesDiffer(a: Advertiser, b: Advertiser): boolean {
  return compareAddressLists(a, b) !== 'same';
}

/** True for nodes of two clusters that share the VRID: no address goes from one to the other. */
export function areOfTwoClusters(a: Advertiser, b: Advertiser): boolean {
  return compareAddressLists(a, b) === 'disjoint';
}

/** True when they differ in what some software discards and other only logs, whatever else they agree in. */
export function differTolerably(a: Advertiser, b: Advertiser): boolean {
  return addressesDiffer(a, b) || a.hmac !== b.hmac;
}

/** True when `receiver` discards what `sender` sends because of the advertisement itself: TTL, checksum, length. */
export function mustDiscard(receiver: Advertiser, sender: Advertiser): boolean {
  if (sender.multicast && sender.ttl !== 255) return true;
  // A single wrong checksum may be a transmission error.
  return sender.rejectedRun >= 2 || (sender.rejectedRun === 0 && failsVerification(receiver, sender));
}

/** True when nothing in their settings, and nothing that it did, tells that the receiver discards what the sender sends. */
export function accepts(receiver: Advertiser, sender: Advertiser): boolean {
  const isExcluded = excludeEachOther(receiver, sender) || mustDiscard(receiver, sender);
  return !isExcluded && !differTolerably(receiver, sender) && !isSeenToReject(receiver, sender);
}

/** True when the receiver came back from a pause as one does that rejects what it reads: once may be chance, if nothing differs. */
export function isSeenToReject(receiver: Advertiser, sender: Advertiser): boolean {
  return receiver.rejections > (stylesDiffer(receiver, sender) ? 0 : 1);
}

/** One network card with several addresses is one node; the virtual hardware address is the cluster's. */
export function isOneNode(a: Advertiser, b: Advertiser): boolean {
  return a.mac === b.mac && a.mac >= 0 && a.multicast && b.multicast && a.source !== b.source && !isVirtualMac(a.mac);
}

export function authTypeOf(advertiser: Advertiser): AuthType {
  if (advertiser.ah) return 'ah';
  if (advertiser.hmac) return 'hmac';
  if (advertiser.authType <= 0) return 'none';
  if (advertiser.authType === 1) return 'simple';
  if (advertiser.authType === 2) return 'ah';
  return `#${advertiser.authType}`;
}

/** Two nodes with one address are told apart by their hardware address. */
export function nameOf(advertiser: Advertiser, other: Advertiser): string {
  return advertiser.source === other.source
    ? `${advertiser.source} (${formatMac(advertiser.mac) ?? 'no hardware address'})`
    : advertiser.source;
}

function destinationsDiffer(a: Advertiser, b: Advertiser): boolean {
  if (a.multicast !== b.multicast) return true;
  return a.multicast && !sameBytes(a.destination, 0, b.destination, 0, a.address.length);
}

function authTypesDiffer(a: Advertiser, b: Advertiser): boolean {
  return a.ah !== b.ah || a.authType !== b.authType;
}

/** A field of 0 says nothing. */
function intervalsDiffer(a: Advertiser, b: Advertiser): boolean {
  return a.intervalUs !== b.intervalUs && a.intervalUs > 0 && b.intervalUs > 0;
}

function passwordsDiffer(a: Advertiser, b: Advertiser): boolean {
  const areKnown = a.authType === 1 && b.authType === 1 && a.isAuthKnown && b.isAuthKnown;
  return areKnown && !sameBytes(a.auth, 0, b.auth, 0, a.auth.length);
}

const CHECKSUM_TEXT: Readonly<Record<number, string>> = {
  [CHECKSUM.unknown]: 'not verifiable',
  [CHECKSUM.bad]: 'wrong',
  [CHECKSUM.plain]: 'without pseudo header',
  [CHECKSUM.pseudoHeader]: 'with pseudo header',
  [CHECKSUM.pseudoHeaderGroup]: 'with the group in the pseudo header',
};

export function checksumText({ checksumStyle }: Advertiser): string {
  return CHECKSUM_TEXT[checksumStyle] ?? '';
}

/** Who adds the pseudo header verifies with it; keepalived with `v3_checksum_as_v2` omits it and verifies nothing. */
function failsVerification(receiver: Advertiser, sender: Advertiser): boolean {
  return stylesDiffer(receiver, sender) && sender.checksumStyle === CHECKSUM.plain;
}

/** VRRPv3 over IPv4 has two definitions of its checksum in use, and routers accept their own only. */
function stylesDiffer(a: Advertiser, b: Advertiser): boolean {
  return (
    a.version === 3 &&
    b.version === 3 &&
    a.checksumStyle > CHECKSUM.bad &&
    b.checksumStyle > CHECKSUM.bad &&
    a.checksumStyle !== b.checksumStyle
  );
}

function compareAddressLists(a: Advertiser, b: Advertiser): 'same' | 'overlap' | 'disjoint' {
  const [left, right] = [a.addressList, b.addressList];
  const size = a.address.length;
  const areCounted = a.addressCount === b.addressCount && left.length === right.length;
  if (areCounted && sameBytes(left, 0, right, 0, left.length)) return 'same';
  let shared = 0;
  for (let i = 0; i < left.length; i += size) if (contains(right, left, i, size)) shared += size;
  if (shared === left.length && shared === right.length && a.addressCount === b.addressCount) return 'same';
  if (cutList(a) || cutList(b)) return 'same';
  return shared === 0 && left.length > 0 && right.length > 0 ? 'disjoint' : 'overlap';
}

function cutList(advertiser: Advertiser): boolean {
  return (advertiser.defects & DEFECT.cut) !== 0;
}

/** True when the list has the address at `offset` of `bytes`; its order does not matter to any router. */
export function contains(list: Uint8Array, bytes: Uint8Array, offset: number, size: number): boolean {
  for (let i = 0; i < list.length; i += size) if (sameBytes(list, i, bytes, offset, size)) return true;
  return false;
}
