import { readdirSync, readFileSync } from 'node:fs';

/** `unknown`: not Linux, no /proc, `any`, or a /sys that shows another network namespace. */
export type LinkState = 'up' | 'down' | 'no-carrier' | 'absent' | 'unknown';

/** What the kernel says of one interface; the index changes when an interface is deleted and made again. */
export interface Link {
  readonly state: LinkState;
  readonly index: number | null;
}

export const UNKNOWN_LINK: Link = { state: 'unknown', index: null };

/** Interface flag of linux/if.h: set by `ip link set IF up`. */
const IFF_UP = 0x1;

/** Reads the state of an interface; without root and without a process. */
export function readLink(interfaceName: string): Link {
  if (interfaceName === 'any') return UNKNOWN_LINK;
  const names = networkInterfaceNames();
  if (!isOwnSysfs(names)) return UNKNOWN_LINK;
  if (!names.includes(interfaceName)) return { state: 'absent', index: null };
  const flags = readAttribute(interfaceName, 'flags');
  const index = readAttribute(interfaceName, 'ifindex');
  if (flags === undefined || index === undefined) return { state: 'absent', index: null };
  return { state: describeState(Number(flags), readAttribute(interfaceName, 'carrier')), index: Number(index) };
}

/** What this machine calls the interface with that index, null when it has none. */
export function interfaceNameOf(index: number): string | null {
  const names = networkInterfaceNames();
  if (!isOwnSysfs(names)) return null;
  return names.find((name) => Number(readAttribute(name, 'ifindex')) === index) ?? null;
}

/** True when frames can arrive, as far as is known. */
export function isUsable(state: LinkState): boolean {
  return state === 'up' || state === 'unknown';
}

/** Says why no frame can arrive. */
export function describeLink(interfaceName: string, state: LinkState): string {
  if (state === 'absent') return `${interfaceName} is gone`;
  return state === 'down' ? `${interfaceName} is down` : `${interfaceName} has no carrier`;
}

/** Names of all interfaces of this network namespace, up or not; empty where there is no /proc. */
export function networkInterfaceNames(): string[] {
  try {
    // Not /proc/net: systemd's ProcSubset=pid hides it.
    const lines = readFileSync('/proc/self/net/dev', 'utf8').split('\n').slice(2);
    return lines.map((line) => line.slice(0, Math.max(0, line.lastIndexOf(':'))).trim()).filter((name) => name !== '');
  } catch {
    return [];
  }
}

function describeState(flags: number, carrier: string | undefined): LinkState {
  if ((flags & IFF_UP) === 0) return 'down';
  return carrier === '0' ? 'no-carrier' : 'up';
}

/**
 * After `nsenter -n` /proc shows the new network namespace and /sys the old one, whose interfaces may have the same
 * names. Both list the same names only where they show the same namespace.
 */
function isOwnSysfs(names: readonly string[]): boolean {
  try {
    const listed = new Set(readdirSync('/sys/class/net'));
    return names.length > 0 && names.every((name) => listed.has(name));
  } catch {
    return false;
  }
}

function readAttribute(interfaceName: string, attribute: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${interfaceName}/${attribute}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
