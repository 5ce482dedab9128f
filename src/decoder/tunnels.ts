import type { Layers } from './layers.ts';
import { TUNNEL } from './tunnel.ts';

/** Above every interface index: those of LINUX_SLL2 have 32 bits. */
const FIRST = 2 ** 32;

/** Further ones are not opened. More than the segments that are watched, for these are told when they are too many. */
export const MAX_TUNNELS = 2048;

interface Entry {
  readonly kind: number;
  readonly id: number;
  /** Number of the tunnel or interface around it. */
  readonly outer: number;
}

/**
 * Gives tunnels numbers among those of the interfaces, for what a tunnel carries is a segment of its own. Who sends it to
 * whom does not count: a mirror session has the frames of both directions, and of several ports and switches.
 */
export class Tunnels {
  readonly #entries: Entry[] = [];
  /** By the number of what is around a tunnel, and by its key. */
  readonly #numbers = new Map<number, Map<number, number>>();

  /**
   * @param layers of a frame on that interface
   * @param mayAdd false leaves a tunnel unknown that is seen for the first time
   * @returns number of the innermost tunnel, that of the interface without one; -1 when it is unknown
   */
  numberOf(layers: Layers, interfaceIndex: number, mayAdd: boolean): number {
    let number = interfaceIndex;
    for (let i = 0; i < layers.depth && number >= 0; i++) {
      const kind = layers.kinds[i] ?? 0;
      const id = layers.ids[i] ?? 0;
      number = this.#numbers.get(number)?.get(keyOf(kind, id)) ?? (mayAdd ? this.#add(kind, id, number) : -1);
    }
    return number;
  }

  /** The interface on which a tunnel was seen. */
  interfaceOf(number: number): number {
    const entry = this.#entries[number - FIRST];
    return entry === undefined ? number : this.interfaceOf(entry.outer);
  }

  /** `eth0 vxlan 42`: the interface, where it has a name, and what is around the frame, from the outside in. */
  nameOf(number: number, interfaceName: (index: number) => string | null): string | null {
    const entry = this.#entries[number - FIRST];
    if (entry === undefined) return interfaceName(number);
    const outer = this.nameOf(entry.outer, interfaceName);
    return outer === null ? label(entry) : `${outer} ${label(entry)}`;
  }

  #add(kind: number, id: number, outer: number): number {
    if (this.#entries.length >= MAX_TUNNELS) return -1;
    const number = FIRST + this.#entries.push({ kind, id, outer }) - 1;
    const numbers = this.#numbers.get(outer) ?? new Map<number, number>();
    this.#numbers.set(outer, numbers.set(keyOf(kind, id), number));
    return number;
  }
}

function keyOf(kind: number, id: number): number {
  return id * 4 + kind;
}

function label({ kind, id }: Entry): string {
  const name = NAMES[kind] ?? '';
  return id < 0 ? name : `${name} ${id}`;
}

const NAMES: Readonly<Record<number, string>> = {
  [TUNNEL.vxlan]: 'vxlan',
  [TUNNEL.gre]: 'gre',
  [TUNNEL.erspan]: 'erspan',
  [TUNNEL.service]: 'i-sid',
};
