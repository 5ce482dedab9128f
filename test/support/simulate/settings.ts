import { compareBytes } from '../../../src/bytes.ts';
import { addressBytes } from '../wire-bytes.ts';

/**
 * Whose behaviour a router has. `keepalived` is every version up to 2.3.2, which discards advertisements with another
 * address list; 2.3.3 and later log them only.
 */
export type Flavour = 'keepalived' | 'keepalived-2.3.3' | 'frr' | 'rfc-3768' | 'rfc-5798' | 'rfc-9568';

/** VRRPv3 over IPv4: with pseudo header (RFC 5798 as deployed) or without (RFC 9568 5.2.8). VRRPv2 is always plain, VRRPv3 over IPv6 never. */
export type ChecksumChoice = 'pseudo-header' | 'plain';

/** One virtual router instance on one node; names follow keepalived.conf. */
export interface RouterSettings {
  readonly node: string;
  readonly flavour: Flavour;
  /** Primary address of the interface. */
  readonly address: string;
  readonly mac: string;
  /** Source of its advertisements (`mcast_src_ip`), normally `address`. */
  readonly source: string;
  readonly vrid: number;
  readonly version: 2 | 3;
  /** 1 to 255; 255 owns the addresses. */
  readonly priority: number;
  readonly intervalUs: number;
  readonly addresses: readonly string[];
  readonly preempt: boolean;
  readonly preemptDelayUs: number;
  readonly auth: 'none' | 'simple' | 'ah';
  /** Only its first 8 bytes count. */
  readonly password: string;
  /** keepalived 2.4.0 and later: append and enforce an HMAC trailer. */
  readonly hmacKey: string | null;
  readonly strict: boolean;
  readonly lowerPrioNoAdvert: boolean;
  readonly higherPrioSendAdvert: boolean;
  readonly checksum: ChecksumChoice;
  readonly unicastPeers: readonly string[] | null;
  readonly useVmac: boolean;
  readonly ttl: number;
  /** Missed advertisements until a master is taken for dead; keepalived can change the RFC's 3. */
  readonly downTimerAdverts: number;
  /** A busy machine: its timers run up to 15 ms late instead of less than 1 ms. */
  readonly loaded: boolean;
  /** After SIGKILL the addresses stay configured and are answered for. */
  readonly staleAddress: boolean;
}

/**
 * keepalived 2.2.7 with its defaults, as in the recorded traces: VRID 51, 10.9.0.100, one second.
 * Node A is 10.9.0.1 with hardware address 02:00:00:00:00:01, B the next, and so on.
 */
export function router(node: string, changes: Partial<RouterSettings> = {}): RouterSettings {
  const number = node.charCodeAt(0) - 64;
  const address = changes.address ?? `10.9.0.${number}`;
  return {
    node,
    flavour: 'keepalived',
    address,
    mac: `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`,
    source: address,
    vrid: 51,
    version: 2,
    priority: 100,
    intervalUs: 1_000_000,
    addresses: ['10.9.0.100'],
    preempt: true,
    preemptDelayUs: 0,
    auth: 'none',
    password: '',
    hmacKey: null,
    strict: false,
    lowerPrioNoAdvert: false,
    higherPrioSendAdvert: false,
    checksum: 'pseudo-header',
    unicastPeers: null,
    useVmac: false,
    ttl: 255,
    downTimerAdverts: 3,
    loaded: false,
    staleAddress: true,
    ...changes,
  };
}

export function isKeepalived(flavour: Flavour): boolean {
  return flavour === 'keepalived' || flavour === 'keepalived-2.3.3';
}

/** VRRPv2 (RFC 3768 6.1): (256 - priority) / 256 s. VRRPv3 (RFC 5798 6.1): that share of the interval. */
export function skewTimeUs(version: 2 | 3, intervalUs: number, priority: number): number {
  return Math.round(((256 - priority) * (version === 2 ? 1_000_000 : intervalUs)) / 256);
}

/** Compares addresses of one family as unsigned integers: the tie-break of the election. */
export function compareAddresses(a: string, b: string): number {
  const bytes = addressBytes(a);
  return compareBytes(bytes, 0, addressBytes(b), 0, bytes.length);
}
