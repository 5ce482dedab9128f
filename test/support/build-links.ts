import { ethernet, ipEtherType, isIpv6, tagBytes, type VlanTag } from './build.ts';
import { concat, macBytes, put16, put32, two } from './wire-bytes.ts';

/* Builders of the link layers that are not plain Ethernet. */

/** A frame of provider backbone bridging (802.1ah) around a whole Ethernet frame. */
export function backbone(
  inner: Uint8Array,
  options: { src?: string; dst?: string; serviceId?: number } = {},
): Uint8Array {
  const serviceTag = new Uint8Array(4);
  put32(serviceTag, 0, options.serviceId ?? 1);
  return ethernet({
    ...(options.src === undefined ? {} : { src: options.src }),
    dst: options.dst ?? '02:bb:00:00:00:02',
    type: 0x88e7,
    payload: concat(serviceTag, inner),
  });
}

export interface CookedOptions {
  payload: Uint8Array;
  /** 0 to us, 1 broadcast, 2 multicast (default), 3 other host, 4 outgoing. */
  packetType?: number;
  /** Source hardware address; null for a link without one. */
  src?: string | null;
  vlans?: readonly VlanTag[];
  type?: number;
}

/** LINUX_SLL, `tcpdump -i any` up to 4.9. */
export function sll(options: CookedOptions): Uint8Array {
  const header = new Uint8Array(14);
  put16(header, 0, options.packetType ?? 2);
  put16(header, 2, 1);
  if (options.src !== null) {
    put16(header, 4, 6);
    header.set(macBytes(options.src ?? '02:00:00:00:00:01'), 6);
  }
  const [protocol, rest] = splitFirstProtocol(options);
  return concat(header, protocol, rest);
}

/** LINUX_SLL2, `tcpdump -i any` today. `interfaceIndex` is the kernel's, default 2. */
export function sll2(options: CookedOptions & { interfaceIndex?: number }): Uint8Array {
  const [protocol, rest] = splitFirstProtocol(options);
  const header = new Uint8Array(18);
  put32(header, 2, options.interfaceIndex ?? 2);
  put16(header, 6, 1);
  header[8] = options.packetType ?? 2;
  if (options.src !== null) {
    header[9] = 6;
    header.set(macBytes(options.src ?? '02:00:00:00:00:01'), 10);
  }
  return concat(protocol, header, rest);
}

/** NULL and LOOP: the address family as 4 bytes in either byte order; default by the IP version, big endian. */
export function loopback(packet: Uint8Array, options: { family?: number; littleEndian?: boolean } = {}): Uint8Array {
  const header = new Uint8Array(4);
  const family = options.family ?? (isIpv6(packet) ? 30 : 2);
  new DataView(header.buffer).setUint32(0, family, options.littleEndian ?? false);
  return concat(header, packet);
}

/** PPP, with or without its address and control bytes, the protocol in one byte or two. */
export function ppp(
  packet: Uint8Array,
  options: { addressControl?: boolean; shortProtocol?: boolean } = {},
): Uint8Array {
  const protocol = isIpv6(packet) ? 0x57 : 0x21;
  return Uint8Array.from([
    ...(options.addressControl === false ? [] : [0xff, 0x03]),
    ...(options.shortProtocol ? [protocol] : [0, protocol]),
    ...packet,
  ]);
}

/** The cooked headers hold the first protocol themselves; what remains of the tags follows the header. */
function splitFirstProtocol(options: CookedOptions): [Uint8Array, Uint8Array] {
  const tags = concat(...(options.vlans ?? []).map(tagBytes));
  const all = concat(tags, two(options.type ?? ipEtherType(options.payload)));
  return [all.subarray(0, 2), concat(all.subarray(2), options.payload)];
}
