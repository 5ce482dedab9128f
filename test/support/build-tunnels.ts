import { ethernet, ipv4, ipv6, type VlanTag } from './build.ts';
import { concat, put16, put32, two } from './wire-bytes.ts';

/* Builders of tunnels: each gives an Ethernet frame around a whole frame, or around a packet where it carries those. */

export interface OuterOptions {
  /** Ends of the tunnel; decide the family. Default 192.0.2.1 and 192.0.2.2. */
  outerSrc?: string;
  outerDst?: string;
  /** Of the outer frame. */
  outerVlans?: readonly VlanTag[];
  /** Of the outer IPv4 header. */
  outerOptions?: Uint8Array;
  /** The outer packet is the first fragment of several. */
  isFragment?: boolean;
  /** Bytes behind the outer packet. */
  trailer?: Uint8Array;
}

export interface GreOptions extends OuterOptions {
  /** Ethertype of the contents, default Ethernet. */
  type?: number;
  checksum?: number;
  key?: number;
  sequence?: number;
  /** Further bits of the first two bytes. */
  flags?: number;
}

/** RFC 2784, with the fields of RFC 2890. */
export function gre(contents: Uint8Array, options: GreOptions = {}): Uint8Array {
  const { checksum, key, sequence } = options;
  const bits = [checksum, key, sequence].map((field, i) => (field === undefined ? 0 : [0x8000, 0x2000, 0x1000][i]));
  const header = concat(
    two(bits.reduce<number>((sum, bit) => sum | (bit ?? 0), options.flags ?? 0)),
    two(options.type ?? 0x6558),
    ...(checksum === undefined ? [] : [four(checksum * 0x10000)]),
    ...(key === undefined ? [] : [four(key)]),
    ...(sequence === undefined ? [] : [four(sequence)]),
  );
  return carried(47, concat(header, contents), options);
}

export interface VxlanOptions extends OuterOptions {
  /** Default 42. */
  vni?: number;
  /** UDP destination port, default 4789. */
  port?: number;
  /** First byte, default with the bit that makes the identifier valid. */
  flags?: number;
}

/** RFC 7348 */
export function vxlan(inner: Uint8Array, options: VxlanOptions = {}): Uint8Array {
  const header = new Uint8Array(16);
  put16(header, 0, 0xc0de);
  put16(header, 2, options.port ?? 4789);
  put16(header, 4, header.length + inner.length);
  put32(header, 8, (options.flags ?? 0x08) * 0x1000000);
  put32(header, 12, (options.vni ?? 42) * 0x100);
  return carried(17, concat(header, inner), options);
}

export interface ErspanOptions extends GreOptions {
  /** Default 2. */
  version?: 1 | 2 | 3;
  /** Default 3; type I has none. */
  session?: number;
  /** VLAN field of the header, default 0. */
  vlan?: number;
  /** The mirror port cut the frame. */
  isCut?: boolean;
  /** Type III: default 0, an Ethernet frame. */
  frameType?: number;
  /** Type III: platform specific subheader. */
  subheader?: boolean;
}

/** draft-foschiano-erspan-03 */
export function erspan(inner: Uint8Array, options: ErspanOptions = {}): Uint8Array {
  const { version = 2, session = 3, vlan = 0, isCut = false, frameType = 0, subheader = false } = options;
  if (version === 1) return gre(inner, { type: 0x88be, ...options });
  const header = new Uint8Array(version === 2 ? 8 : 12);
  put16(header, 0, ((version - 1) << 12) | vlan);
  put16(header, 2, (isCut ? 0x400 : 0) | session);
  if (version === 3) put16(header, 10, (frameType << 10) | (subheader ? 1 : 0));
  const contents = concat(header, new Uint8Array(subheader ? 8 : 0), inner);
  return gre(contents, { type: version === 2 ? 0x88be : 0x22eb, sequence: 77, ...options });
}

function carried(protocol: number, payload: Uint8Array, options: OuterOptions): Uint8Array {
  const { outerSrc: src = '192.0.2.1', outerDst: dst = '192.0.2.2', outerOptions, outerVlans, isFragment } = options;
  const fragment = { offset: 0, more: true };
  const packet = src.includes(':')
    ? ipv6({ src, dst, nextHeader: protocol, payload, extensions: isFragment ? [{ fragment }] : [] })
    : ipv4({
        src,
        dst,
        proto: protocol,
        payload,
        ttl: 64,
        ...(outerOptions === undefined ? {} : { options: outerOptions }),
        ...(isFragment ? { fragment } : {}),
      });
  const frame = ethernet({
    src: '02:aa:00:00:00:01',
    dst: '02:aa:00:00:00:02',
    payload: packet,
    ...(outerVlans === undefined ? {} : { vlans: outerVlans }),
  });
  return concat(frame, options.trailer ?? new Uint8Array(0));
}

function four(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  put32(bytes, 0, value);
  return bytes;
}
