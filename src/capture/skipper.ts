import { viewOf } from '../bytes.ts';
import type { AddressMarks, FrameFilter } from '../frame.ts';
import { SKIPPER_CODE } from './skipper-code.ts';

const PAGE_LENGTH = 64 * 1024;

/** What `skipper.wat` keeps in front of the bytes of the capture. */
const LAYOUT = { protocols: 0, addresses: 256, count: 65_792, last: 65_796, udpPorts: 65_800, free: 65_804 } as const;

/** In the place of a protocol: the filter may want its packets, or those to `udpPorts` alone. */
const WANTED = { always: 1, byPort: 2 } as const;
const UDP = 17;

/** Instead of the number of an interface: the records are those of classic pcap. */
const CLASSIC_PCAP = -1;

type Skip = (at: number, end: number, interfaceId: number) => number;

/**
 * Passes over records in a row that carry other protocols than the filter wants, in WebAssembly: it runs at full speed
 * from the first record on, where V8 needs a good part of the time that a file takes to compile the same loop.
 *
 * It knows little-endian records of ordinary Ethernet frames, behind one VLAN tag at most. At whatever else there is, and
 * at every record with something odd, it stops without a word and leaves the judgement to the parser.
 */
export class Skipper {
  /** All that it can see. Captures go between `start` and the end; offsets in it are addresses. */
  readonly memory: Uint8Array;
  static readonly start: number = LAYOUT.free;

  /** It passed over something the last time: where there is nothing but wanted records, to ask it takes time. */
  isMixed = false;
  readonly #skip: Skip;
  /** WebAssembly is little-endian on every machine. */
  readonly #view: DataView;
  readonly #addresses: AddressMarks | null;
  /** Number of marked addresses that it knows of. */
  #addressesKnown = 0;

  private constructor(memory: Uint8Array, skip: Skip, addresses: AddressMarks | null) {
    this.memory = memory;
    this.#skip = skip;
    this.#addresses = addresses;
    this.#view = viewOf(memory);
    this.takeCount();
  }

  /**
   * @param length bytes of room for captures
   * @returns null where the filter does not tell what it wants, or the machine gives no WebAssembly or no memory to it
   */
  static create(filter: FrameFilter, length: number): Skipper | null {
    const { wanted } = filter;
    if (wanted === undefined) return null;
    try {
      // A page more, because the frame at the very end may be shorter than what is read of it.
      const pages = Math.ceil((Skipper.start + length) / PAGE_LENGTH) + 1;
      const memory = new WebAssembly.Memory({ initial: pages });
      const module = new WebAssembly.Module(Buffer.from(SKIPPER_CODE, 'base64'));
      const { exports } = new WebAssembly.Instance(module, { capture: { memory } });
      const bytes = new Uint8Array(memory.buffer);
      for (const protocol of wanted.ipProtocols) bytes[LAYOUT.protocols + protocol] = WANTED.always;
      bytes[LAYOUT.protocols + UDP] = WANTED.byPort;
      for (const [i, port] of wanted.udpPorts.entries()) viewOf(bytes).setUint16(LAYOUT.udpPorts + 2 * i, port);
      if (wanted.arpAddresses === null) bytes.fill(1, LAYOUT.addresses, LAYOUT.count);
      return new Skipper(bytes, exports['skip'] as Skip, wanted.arpAddresses);
    } catch {
      return null;
    }
  }

  /** @returns offset of the first record of classic pcap that has to be looked at */
  pcap(at: number, end: number): number {
    return this.#pass(at, end, CLASSIC_PCAP);
  }

  /** @returns offset of the first block of pcapng that is no packet of this interface, or has to be looked at */
  pcapng(at: number, end: number, interfaceId: number): number {
    return this.#pass(at, end, interfaceId);
  }

  #pass(at: number, end: number, interfaceId: number): number {
    const addresses = this.#addresses;
    if (addresses !== null && addresses.size !== this.#addressesKnown) {
      this.memory.set(addresses.marks, LAYOUT.addresses);
      this.#addressesKnown = addresses.size;
    }
    const next = this.#skip(at, end, interfaceId);
    this.isMixed = next > at;
    return next;
  }

  /** Offset of the last record passed over since the last `takeCount`, -1 for none. */
  get last(): number {
    return this.#view.getInt32(LAYOUT.last, true);
  }

  /** Number of records passed over since the last time this was asked. */
  takeCount(): number {
    const count = this.#view.getInt32(LAYOUT.count, true);
    this.#view.setInt32(LAYOUT.count, 0, true);
    this.#view.setInt32(LAYOUT.last, -1, true);
    return count;
  }
}
