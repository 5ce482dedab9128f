/**
 * What a receiving router would object to in an advertisement, as a bit set (RFC 9568 §7.1, keepalived
 * `vrrp_check_packet`). An advertisement with defects is still evidence that its sender claims to be master.
 */
export const DEFECT = {
  /** Neither checksum definition of its version matches. */
  checksum: 1 << 0,
  /** TTL or hop limit is not 255. Routers discard such an advertisement when it came by multicast. */
  ttl: 1 << 1,
  /** The message is shorter than its own address count says: keepalived and FRR discard it. */
  length: 1 << 2,
  /** Address count 0 (RFC 9568 §5.2.5 with erratum 8299); keepalived without addresses sends it. */
  noAddresses: 1 << 3,
  /** VRRPv2 without its 8 bytes of authentication data. */
  noAuthData: 1 << 4,
  /** Interval 0: the real one has to be measured. */
  noInterval: 1 << 5,
  /** The capture cut the message (snapshot length); says nothing about the sender. */
  cut: 1 << 6,
  /** First fragment of an IP packet: the checksum cannot be verified. */
  fragment: 1 << 7,
  /** Bytes after the message that are no HMAC trailer; the checksum does not cover them. */
  trailing: 1 << 8,
} as const;

/** How the checksum of an advertisement was made, as far as its bytes tell. */
export const CHECKSUM = {
  /** Not decidable: cut, a fragment, or shorter than it says. */
  unknown: 0,
  bad: 1,
  /** Over the message alone: VRRPv2, and VRRPv3 over IPv4 as RFC 9568 §5.2.8 has it. */
  plain: 2,
  /** With the pseudo header: RFC 5798 as deployed, keepalived and FRR by default, always for IPv6. */
  pseudoHeader: 3,
  /** With a pseudo header that names the group although the advertisement is unicast (keepalived up to 1.3.6, FRR). */
  pseudoHeaderGroup: 4,
} as const;

/**
 * One advertisement, as a view of the frame that it came in.
 *
 * The decoder fills the same instance for every frame: offsets point into `bytes`, and both are valid until the
 * next frame is decoded.
 */
export interface Advertisement {
  bytes: Uint8Array;
  /** Packet time, microseconds since the epoch. */
  timeUs: number;
  /** Interface within the capture; for LINUX_SLL2 frames the kernel's interface index; a number of `Tunnels` in a tunnel. */
  interfaceIndex: number;
  /** LINUX_SLL2 and LINUX_SLL packet type (0 to us, 1 broadcast, 2 multicast, 3 other host, 4 outgoing), -1 elsewhere. */
  packetType: number;
  /** VLAN stack in the tunnel, outermost first, 12 bits a tag (a single tag: its VLAN id); 0 without tags. */
  vlan: number;
  family: 4 | 6;
  /** Source hardware address as a 48-bit number, -1 where the link layer has none. */
  mac: number;
  /** Of the IP addresses, 4 or 16 bytes by `family`. */
  sourceOffset: number;
  destinationOffset: number;
  multicast: boolean;
  /** TTL or hop limit. */
  ttl: number;
  /** IPv4 identification, -1 for IPv6. */
  ipId: number;
  /** Authentication header (protocol 51) before the message. */
  ah: boolean;
  ahSpi: number;
  ahSequence: number;
  /** Of the 12 bytes of integrity check value, -1 without AH. */
  ahIcvOffset: number;
  /** Of the VRRP message in `bytes`. */
  messageOffset: number;
  /** Length of the IP payload that carries the message, trailers included, as the IP header gives it. */
  payloadLength: number;
  /** How much of the payload the capture holds. */
  capturedPayload: number;
  version: number;
  type: number;
  vrid: number;
  /** 0: the sender resigns; 255: it owns the addresses. */
  priority: number;
  /** As the message says; `addressesPresent` are there. */
  addressCount: number;
  addressesPresent: number;
  addressesOffset: number;
  /** VRRPv2: 0 none, 1 simple text, 2 AH, others as sent; -1 for VRRPv3. */
  authType: number;
  /** Of VRRPv2's 8 bytes of authentication data, -1 where there are none. */
  authOffset: number;
  /** Advertised interval in microseconds; 0 when the field is 0. */
  intervalUs: number;
  /** As received. */
  checksum: number;
  /** One of `CHECKSUM`. */
  checksumStyle: number;
  /** Of keepalived's 28-byte HMAC trailer (2.4.0 and later), -1 without. */
  hmacOffset: number;
  /** Bit set of `DEFECT`. */
  defects: number;
}

/** How a hardware address was seen to answer for an IP address. */
export const CLAIM = {
  /** ARP whose sender and target address are the same, or an unsolicited neighbour advertisement. */
  gratuitous: 0,
  /** ARP reply, or a solicited neighbour advertisement. */
  reply: 1,
  /** Ordinary ARP request: its sender uses the address as its own. */
  request: 2,
} as const;

/** One ARP packet or IPv6 neighbour advertisement; reused like `Advertisement`. */
export interface AddressClaim {
  bytes: Uint8Array;
  timeUs: number;
  interfaceIndex: number;
  vlan: number;
  family: 4 | 6;
  /** One of `CLAIM`. */
  kind: number;
  /** Of the claimed address in `bytes`, 4 or 16 bytes by `family`. */
  addressOffset: number;
  /** Hardware address that the claim gives for it, 48 bits. */
  mac: number;
  /** Of an ARP reply the IPv4 address that it is sent to, of a request its sender, as a number; -1 for every other claim. */
  asker: number;
  /** Of a request that everybody got: where the IPv4 address stands that it asks for; -1 for every other claim. */
  askedOffset: number;
}

/** What a frame turned out to be. */
export const FRAME = {
  /** Nothing that concerns VRRP. */
  other: 0,
  advertisement: 1,
  /** VRRP by protocol number, but too broken to say who claims what. */
  malformed: 2,
  claim: 3,
  /** CARP uses VRRP's protocol number and group. */
  carp: 4,
} as const;
