import { sameBytes } from '../bytes.ts';
import type { Advertisement } from '../decoder/advertisement.ts';
import { AddressSet } from './address-set.ts';

/** Nodes kept of one virtual router; unicast_peer lists are short. */
const MAX_NODES = 64;

/**
 * Group and peers of a virtual router, so that another cluster with the same VRID and other peers stays another one
 * (keepalived's unicast_peer: peer sets that do not overlap may reuse a VRID).
 */
export class Membership {
  readonly #nodes: AddressSet;
  #group: Uint8Array | null = null;

  constructor(family: 4 | 6) {
    this.#nodes = new AddressSet(family, MAX_NODES);
  }

  admit({ bytes, multicast, sourceOffset, destinationOffset, family }: Advertisement): void {
    if (multicast) this.#group ??= bytes.slice(destinationOffset, destinationOffset + (family === 4 ? 4 : 16));
    this.#nodes.add(bytes, sourceOffset);
    if (!multicast) this.#nodes.add(bytes, destinationOffset);
  }

  /**
   * True for the same group, a known sender, or a unicast to a known node. Where nobody speaks to a group a node may
   * have a part in two clusters, whose other peers tell them apart.
   */
  includes(advertisement: Advertisement): boolean {
    const { bytes, multicast, sourceOffset, destinationOffset } = advertisement;
    // LINUX_SLL does not tell interfaces apart, LINUX_SLL2 not their VLANs: the group may be that of another network.
    const isOneNetwork = advertisement.packetType < 0;
    const group = this.#group;
    if (multicast && isOneNetwork && group !== null && sameBytes(group, 0, bytes, destinationOffset, group.length))
      return true;
    const knowsSource = this.#nodes.has(bytes, sourceOffset);
    if (multicast) return knowsSource;
    const knowsDestination = this.#nodes.has(bytes, destinationOffset);
    return group === null ? knowsSource && knowsDestination : knowsSource || knowsDestination;
  }
}
