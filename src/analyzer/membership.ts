import { sameBytes } from '../bytes.ts';
import type { Advertisement } from '../decoder/advertisement.ts';

/** Nodes kept of one virtual router; unicast_peer lists are short. */
const MAX_NODES = 64;

/**
 * Group and peers of a virtual router, so that another cluster with the same VRID and other peers stays another one
 * (keepalived's unicast_peer: peer sets that do not overlap may reuse a VRID).
 */
export class Membership {
  readonly #nodes: Uint8Array[] = [];
  #group: Uint8Array | null = null;

  admit({ bytes, multicast, sourceOffset, destinationOffset, family }: Advertisement): void {
    const size = family === 4 ? 4 : 16;
    if (multicast) this.#group ??= bytes.slice(destinationOffset, destinationOffset + size);
    this.#add(bytes, sourceOffset, size);
    if (!multicast) this.#add(bytes, destinationOffset, size);
  }

  /**
   * True for the same group, a known sender, or a unicast to a known node. Where nobody speaks to a group a node may
   * have a part in two clusters, whose other peers tell them apart.
   */
  includes(advertisement: Advertisement): boolean {
    const { bytes, multicast, sourceOffset, destinationOffset } = advertisement;
    // LINUX_SLL does not tell interfaces apart: the same group may be that of another network of this host.
    const isOneNetwork = advertisement.packetType < 0 || advertisement.interfaceIndex > 0;
    const group = this.#group;
    if (multicast && isOneNetwork && group !== null && sameBytes(group, 0, bytes, destinationOffset, group.length))
      return true;
    const knowsSource = this.#knows(bytes, sourceOffset);
    if (multicast) return knowsSource;
    const knowsDestination = this.#knows(bytes, destinationOffset);
    return group === null ? knowsSource && knowsDestination : knowsSource || knowsDestination;
  }

  #add(bytes: Uint8Array, offset: number, size: number): void {
    if (this.#nodes.length < MAX_NODES && !this.#knows(bytes, offset)) {
      this.#nodes.push(bytes.slice(offset, offset + size));
    }
  }

  #knows(bytes: Uint8Array, offset: number): boolean {
    for (const node of this.#nodes) if (sameBytes(node, 0, bytes, offset, node.length)) return true;
    return false;
  }
}
