import { sameBytes } from '../bytes.ts';
import { formatAddress } from '../decoder/address.ts';

/** A few addresses of one family, looked through without making a text of each. */
export class AddressSet {
  readonly #addresses: Uint8Array[] = [];
  readonly #family: 4 | 6;
  readonly #max: number;

  /** @param max addresses kept; further ones are left out */
  constructor(family: 4 | 6, max: number) {
    this.#family = family;
    this.#max = max;
  }

  add(bytes: Uint8Array, offset: number): void {
    if (this.#addresses.length >= this.#max || this.has(bytes, offset)) return;
    this.#addresses.push(bytes.slice(offset, offset + (this.#family === 4 ? 4 : 16)));
  }

  has(bytes: Uint8Array, offset: number): boolean {
    for (const address of this.#addresses) if (sameBytes(address, 0, bytes, offset, address.length)) return true;
    return false;
  }

  get texts(): string[] {
    return this.#addresses.map((address) => formatAddress(address, 0, this.#family));
  }
}
