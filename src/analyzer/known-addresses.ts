const BITS = 16;

/**
 * Which IPv4 addresses anybody on the segments has, by their last sixteen bits: a "no" is certain, a "yes" is looked
 * into. Most ARP packets are about addresses that do not matter, and need not be taken apart to know that.
 */
export class KnownAddresses {
  readonly #known = new Uint8Array(1 << BITS);

  /** @param address as a number */
  add(address: number): void {
    this.#known[address & ((1 << BITS) - 1)] = 1;
  }

  mayInclude(address: number): boolean {
    return this.#known[address & ((1 << BITS) - 1)] === 1;
  }
}
