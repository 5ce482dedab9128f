import { u8 } from '../bytes.ts';
import type { Advertisement } from '../decoder/advertisement.ts';

/**
 * Senders remembered, 4 bytes each. Of a node that advertises every second, among 100,000 forged sources a second, two
 * thirds of the advertisements find the one before still remembered.
 */
const SLOTS = 1 << 18;

const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;

/**
 * Tells a node from a flood of forged sources once a virtual router has as many senders as are kept: a node comes back,
 * a forged source seldom does. A hash table that forgets by being overwritten, so memory is constant.
 */
export class Newcomers {
  #seen: Uint32Array | null = null;

  /** True when the sender was here before; remembers it in any case. */
  isReturning(advertisement: Advertisement): boolean {
    this.#seen ??= new Uint32Array(SLOTS);
    const slot = hashOf(advertisement, FNV_OFFSET) & (SLOTS - 1);
    const fingerprint = hashOf(advertisement, ~FNV_OFFSET);
    const isKnown = this.#seen[slot] === fingerprint;
    this.#seen[slot] = fingerprint;
    return isKnown;
  }
}

/** FNV-1a over what makes a sender: source, hardware address, virtual router and VLAN. */
function hashOf({ bytes, sourceOffset, family, mac, vrid, vlan }: Advertisement, start: number): number {
  let hash = start;
  const mix = (byte: number): void => {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  };
  for (let i = 0; i < (family === 4 ? 4 : 16); i++) mix(u8(bytes, sourceOffset + i));
  for (let rest = mac; rest > 0; rest = Math.floor(rest / 0x100)) mix(rest % 0x100);
  mix(vrid);
  for (let rest = vlan; rest > 0; rest = Math.floor(rest / 0x100)) mix(rest % 0x100);
  return (hash ^ (hash >>> 15)) >>> 0;
}
