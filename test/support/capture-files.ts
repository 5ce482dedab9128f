/** Bytes of capture files, built from packets: what the tests of the readers and of the program are fed with. */

export interface Packet {
  readonly bytes: Uint8Array;
  /** Whole microseconds since the epoch. */
  readonly timeUs: number;
  /** Nanoseconds below the microsecond, for formats that keep them. */
  readonly extraNs?: number;
  /** Length on the wire, where the frame was cut. */
  readonly originalLength?: number;
  /** Number of the interface in its section, for pcapng. */
  readonly interfaceId?: number;
}

export interface PcapOptions {
  readonly magic?: 'microseconds' | 'nanoseconds' | 'kuznetzov';
  readonly bigEndian?: boolean;
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly version?: readonly [number, number];
  /** Stores the two lengths of a record in the order of versions before 2.3. */
  readonly swappedLengths?: boolean;
}

const PCAP_MAGIC = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d, kuznetzov: 0xa1b2cd34 } as const;

/** A classic pcap file. */
export function pcapFile(packets: readonly Packet[], options: PcapOptions = {}): Uint8Array {
  return concat([pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options))]);
}

export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const { magic = 'microseconds', linkType = 1, snapLength = 262_144, version = [2, 4] } = options;
  return fields(options.bigEndian, [
    [4, PCAP_MAGIC[magic]],
    [2, version[0]],
    [2, version[1]],
    [4, 0],
    [4, 0],
    [4, snapLength],
    [4, linkType],
  ]);
}

export function pcapRecord(packet: Packet, options: PcapOptions = {}): Uint8Array {
  const { magic = 'microseconds', bigEndian, swappedLengths } = options;
  const microseconds = packet.timeUs % 1_000_000;
  const captured = packet.bytes.length;
  const original = packet.originalLength ?? captured;
  const header = fields(bigEndian, [
    [4, Math.floor(packet.timeUs / 1_000_000)],
    [4, magic === 'nanoseconds' ? microseconds * 1000 + (packet.extraNs ?? 0) : microseconds],
    [4, swappedLengths ? original : captured],
    [4, swappedLengths ? captured : original],
  ]);
  const extra =
    magic === 'kuznetzov'
      ? [
          fields(bigEndian, [
            [4, 2],
            [2, 0x0800],
            [1, 0],
            [1, 0],
          ]),
        ]
      : [];
  return concat([header, ...extra, packet.bytes]);
}

export interface InterfaceOptions {
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly name?: string;
  /** The byte of if_tsresol: 6 and 9 are micro- and nanoseconds, the high bit means powers of 2. */
  readonly resolution?: number;
  /** if_tsoffset in seconds. */
  readonly offsetSeconds?: number;
}

/** Blocks of pcapng in one byte order. */
export class PcapngBlocks {
  readonly #bigEndian: boolean;

  constructor(options: { readonly bigEndian?: boolean } = {}) {
    this.#bigEndian = options.bigEndian ?? false;
  }

  section(version: readonly [number, number] = [1, 0]): Uint8Array {
    const body = this.fields([
      [4, 0x1a2b3c4d],
      [2, version[0]],
      [2, version[1]],
      [4, 0xffffffff],
      [4, 0xffffffff],
    ]);
    return this.block(0x0a0d0d0a, body);
  }

  interface(options: InterfaceOptions = {}): Uint8Array {
    const { linkType = 1, snapLength = 0, name, resolution, offsetSeconds } = options;
    const list: [number, Uint8Array][] = [];
    if (name !== undefined) list.push([2, new TextEncoder().encode(name)]);
    if (resolution !== undefined) list.push([9, Uint8Array.of(resolution)]);
    if (offsetSeconds !== undefined) list.push([14, this.#quad(BigInt.asUintN(64, BigInt(offsetSeconds)))]);
    const fixed = this.fields([
      [2, linkType],
      [2, 0],
      [4, snapLength],
    ]);
    return this.block(1, concat([fixed, this.options(list)]));
  }

  /** @param ticks time in units of the interface */
  enhancedPacket(packet: Packet, ticks = BigInt(packet.timeUs)): Uint8Array {
    return this.block(6, concat([this.fields([[4, packet.interfaceId ?? 0]]), this.#stamped(packet, ticks)]));
  }

  obsoletePacket(packet: Packet, ticks = BigInt(packet.timeUs)): Uint8Array {
    const head = this.fields([
      [2, packet.interfaceId ?? 0],
      [2, 0xffff],
    ]);
    return this.block(2, concat([head, this.#stamped(packet, ticks)]));
  }

  simplePacket(packet: Packet): Uint8Array {
    const length = this.fields([[4, packet.originalLength ?? packet.bytes.length]]);
    return this.block(3, concat([length, packet.bytes]));
  }

  statistics(
    interfaceId: number,
    counts: { readonly interfaceDropped?: bigint; readonly systemDropped?: bigint },
  ): Uint8Array {
    const list: [number, Uint8Array][] = [];
    if (counts.interfaceDropped !== undefined) list.push([5, this.#quad(counts.interfaceDropped)]);
    if (counts.systemDropped !== undefined) list.push([7, this.#quad(counts.systemDropped)]);
    const fixed = this.fields([
      [4, interfaceId],
      [4, 0],
      [4, 0],
    ]);
    return this.block(5, concat([fixed, this.options(list)]));
  }

  /** Any block: the body is padded, both lengths are added. */
  block(type: number, body: Uint8Array): Uint8Array {
    const length = 12 + padded(body.length);
    return concat([
      this.fields([
        [4, type],
        [4, length],
      ]),
      body,
      new Uint8Array(padded(body.length) - body.length),
      this.fields([[4, length]]),
    ]);
  }

  options(list: readonly (readonly [number, Uint8Array])[]): Uint8Array {
    if (list.length === 0) return new Uint8Array(0);
    const parts = list.map(([code, value]) =>
      concat([
        this.fields([
          [2, code],
          [2, value.length],
        ]),
        value,
        new Uint8Array(padded(value.length) - value.length),
      ]),
    );
    return concat([...parts, this.fields([[4, 0]])]);
  }

  fields(list: readonly (readonly [size: 1 | 2 | 4, value: number])[]): Uint8Array {
    return fields(this.#bigEndian, list);
  }

  #stamped(packet: Packet, ticks: bigint): Uint8Array {
    const head = this.fields([
      [4, Number(ticks >> 32n)],
      [4, Number(ticks & 0xffffffffn)],
      [4, packet.bytes.length],
      [4, packet.originalLength ?? packet.bytes.length],
    ]);
    return concat([head, packet.bytes]);
  }

  #quad(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, !this.#bigEndian);
    return bytes;
  }
}

/** A pcapng file of one section and one interface. */
export function pcapngFile(
  packets: readonly Packet[],
  options: InterfaceOptions & { readonly bigEndian?: boolean } = {},
): Uint8Array {
  const blocks = new PcapngBlocks(options);
  const isNanoseconds = options.resolution === 9;
  const body = packets.map((packet) => {
    const ticks = isNanoseconds ? BigInt(packet.timeUs) * 1000n + BigInt(packet.extraNs ?? 0) : BigInt(packet.timeUs);
    return blocks.enhancedPacket(packet, ticks);
  });
  return concat([blocks.section(), blocks.interface(options), ...body]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function fields(
  bigEndian: boolean | undefined,
  list: readonly (readonly [size: 1 | 2 | 4, value: number])[],
): Uint8Array {
  const bytes = new Uint8Array(list.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of list) {
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, !bigEndian);
    else view.setUint32(at, value, !bigEndian);
    at += size;
  }
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
