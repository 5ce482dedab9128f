import { u8 } from '../bytes.ts';
import type { Advertisement } from '../decoder/advertisement.ts';

/** Senders remembered, 4 bytes each: among 100,000 forged sources a second, each slot is asked for every 10 s. */
const SLOTS = 1 << 20;

/** The lowest bits of a slot count, the others are a fingerprint of the sender. */
const COUNT_MASK = 0xff;

const FNV_PRIME = 0x01000193;
const FNV_OFFSET = 0x811c9dc5;

/**
 * Tells a node from a flood of forged sources once as many senders are kept as there is room for: a node comes back
 * again and again, a forged source seldom does. A hash table of counts in constant memory; whoever meets another sender
 * in its slot takes one from that one's count, and the slot when nothing is left.
 */
export class Newcomers {
  #seen: Uint32Array | null = null;

  /** How often the sender was seen, as far as is remembered and this time included: 1 to 255. */
  sightings(advertisement: Advertisement): number {
    this.#seen ??= new Uint32Array(SLOTS);
    const slot = hashOf(advertisement, FNV_OFFSET) & (SLOTS - 1);
    const fingerprint = (hashOf(advertisement, ~FNV_OFFSET) & ~COUNT_MASK) >>> 0;
    const held = this.#seen[slot] ?? 0;
    const count = held & COUNT_MASK;
    if ((held & ~COUNT_MASK) >>> 0 === fingerprint && count > 0) {
      if (count < COUNT_MASK) this.#seen[slot] = held + 1;
      return Math.min(count + 1, COUNT_MASK);
    }
    this.#seen[slot] = count > 1 ? held - 1 : fingerprint + 1;
    return 1;
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
