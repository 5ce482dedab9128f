import type { ChecksumChoice } from './settings.ts';

/** An advertisement on its way. `copyOf` numbers the logical advertisement: unicast copies share it. */
export interface AdvertMessage {
  readonly kind: 'advert';
  readonly node: string;
  readonly copyOf: number;
  readonly mac: string;
  readonly source: string;
  /** Unicast peer, or null for the VRRP group. */
  readonly destination: string | null;
  readonly ttl: number;
  readonly ipId: number;
  readonly version: 2 | 3;
  readonly vrid: number;
  readonly priority: number;
  readonly intervalUs: number;
  readonly addresses: readonly string[];
  readonly auth: 'none' | 'simple' | 'ah';
  /** Password of simple authentication or key of AH. */
  readonly password: string;
  /** 0 without AH. */
  readonly ahSequence: number;
  readonly hmacKey: string | null;
  readonly checksum: ChecksumChoice;
}

/** ARP of a router or of the client host. */
export interface ArpMessage {
  readonly kind: 'gratuitous' | 'request' | 'reply';
  readonly node: string;
  /** The address that is claimed, or asked for in a request. */
  readonly address: string;
  /** Of the sender. */
  readonly mac: string;
}

export type Message = AdvertMessage | ArpMessage;

/** The host that asks for the virtual addresses, as in the recorded traces. */
export const CLIENT = { node: 'client', address: '10.9.0.200', mac: '02:00:00:00:00:c8' } as const;
