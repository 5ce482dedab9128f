import { u8, u16 } from '../bytes.ts';

/** Text of an IPv4 or IPv6 address in `bytes`, the latter in the canonical form of RFC 5952. */
export function formatAddress(bytes: Uint8Array, offset: number, family: 4 | 6): string {
  if (family === 4) {
    return `${u8(bytes, offset)}.${u8(bytes, offset + 1)}.${u8(bytes, offset + 2)}.${u8(bytes, offset + 3)}`;
  }
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(u16(bytes, offset + i));
  const zeros = longestZeroRun(groups);
  if (zeros.length < 2) return groups.map(hex).join(':');
  const head = groups.slice(0, zeros.start).map(hex).join(':');
  const tail = groups
    .slice(zeros.start + zeros.length)
    .map(hex)
    .join(':');
  return `${head}::${tail}`;
}

/** `00:00:5e:00:01:33`, or null for -1 (no hardware address on this link). */
export function formatMac(mac: number): string | null {
  if (mac < 0) return null;
  return mac
    .toString(16)
    .padStart(12, '0')
    .replace(/..(?!$)/g, '$&:');
}

/** `100`, `100.200` for stacked tags outermost first, null for none. */
export function formatVlan(vlan: number): number | string | null {
  if (vlan === 0) return null;
  if (vlan < 0x1000) return vlan;
  const tags: number[] = [];
  for (let rest = vlan; rest > 0; rest = Math.floor(rest / 0x1000)) tags.unshift(rest % 0x1000);
  return tags.join('.');
}

/** True for 00:00:5e:00:01:XX and 00:00:5e:00:02:XX, the virtual router's own hardware addresses (RFC 9568 §7.3). */
export function isVirtualMac(mac: number): boolean {
  const prefix = Math.floor(mac / 0x100);
  return prefix === 0x00_00_5e_00_01 || prefix === 0x00_00_5e_00_02;
}

function hex(group: number): string {
  return group.toString(16);
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  });
  return best;
}
