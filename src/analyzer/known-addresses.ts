import type { AddressMarks } from '../frame.ts';

const BITS = 16;

/**
 * Which IPv4 addresses anybody on the segments has: a "no" is certain, a "yes" is looked into. Most ARP packets are about
 * addresses that do not matter, and need not be taken apart to know that.
 */
export class KnownAddresses implements AddressMarks {
  readonly marks = new Uint8Array(1 << BITS);
  size = 0;

  /** @param address as a number */
  add(address: number): void {
    const place = address & ((1 << BITS) - 1);
    if (this.marks[place] === 0) this.size++;
    this.marks[place] = 1;
  }
}
