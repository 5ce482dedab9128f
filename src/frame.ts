/**
 * The contract between whoever captures and whoever decodes: one call per frame, nothing allocated for it.
 *
 * `block` holds many frames and is overwritten after the call returns; whoever keeps something copies it.
 */
export interface FrameSink {
  /**
   * @param block bytes of the frame from `offset` to `offset + capturedLength`
   * @param originalLength bytes the frame had on the wire; more than `capturedLength` when a snapshot length cut it
   * @param timeUs microseconds since the Unix epoch (nanosecond captures are floored), or `NO_TIME`
   * @param interfaceIndex number of the interface within the capture, 0 for a classic pcap file
   * @param linkType LINKTYPE_ number of the interface, see `LINK_TYPE`
   */
  frame(
    block: Uint8Array,
    offset: number,
    capturedLength: number,
    originalLength: number,
    timeUs: number,
    interfaceIndex: number,
    linkType: number,
  ): void;
}

/** Instead of a time: the capture does not say when the frame was there. */
export const NO_TIME = -1;

/**
 * Tells from its first bytes whether a frame may concern VRRP; the reader drops the others before anything else is
 * done with them. A false "yes" costs time, a false "no" would lose an advertisement.
 */
export interface FrameFilter {
  (block: Uint8Array, offset: number, capturedLength: number, linkType: number): boolean;
  /** Where this is given, the reader need not ask for Ethernet frames that it excludes. */
  readonly wanted?: WantedFrames;
}

/** Of Ethernet frames with IP, behind one VLAN tag at most, and with ARP, behind none: those to which a filter may say yes. */
export interface WantedFrames {
  /** IPv4 protocols and IPv6 next headers, but for UDP. */
  readonly ipProtocols: readonly number[];
  /** The destination ports to which UDP is wanted. */
  readonly udpPorts: readonly [number, number];
  /** From whom and about whom ARP packets are wanted, null for everybody. */
  readonly arpAddresses: AddressMarks | null;
}

/** IPv4 addresses by their last sixteen bits. */
export interface AddressMarks {
  /** 65,536 of them: 0 for addresses that are not meant. */
  readonly marks: Uint8Array;
  /** How many are not 0; they only become more. */
  readonly size: number;
}

/** Link types that carry IP, by their LINKTYPE_ number in a capture file (tcpdump.org/linktypes.html). */
export const LINK_TYPE = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxSll: 113,
  ipv4: 228,
  ipv6: 229,
  linuxSll2: 276,
} as const;
