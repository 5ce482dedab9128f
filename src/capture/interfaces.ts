import { networkInterfaces } from 'node:os';
import { type LinkState, networkInterfaceNames, readLink } from './link-state.ts';

/** An interface that can be captured on. */
export interface InterfaceDescription {
  readonly name: string;
  readonly state: LinkState;
  /** With prefix length, IPv4 first. An interface that is down has none here. */
  readonly addresses: readonly string[];
}

/** All interfaces of this network namespace in the kernel's order, and `any` last; needs no privileges. */
export function listInterfaces(): InterfaceDescription[] {
  const addressesByName = networkInterfaces();
  // Without /proc (not Linux) the operating system's list still has every interface with an address.
  const names = [...new Set([...networkInterfaceNames(), ...Object.keys(addressesByName)])];
  const described = names.map((name) => {
    const addresses = addressesByName[name] ?? [];
    const sorted = addresses.toSorted((a, b) => a.family.localeCompare(b.family));
    return { name, state: readLink(name).state, addresses: sorted.map(({ cidr, address }) => cidr ?? address) };
  });
  return [...described, { name: 'any', state: 'unknown', addresses: [] }];
}

/** The name of an interface that the user chose by its number in the list, as with tcpdump; any other text as it is. */
export function chosenInterface(text: string): string {
  if (!/^[1-9]\d*$/.test(text)) return text;
  const all = listInterfaces();
  return all.some(({ name }) => name === text) ? text : (all[Number(text) - 1]?.name ?? text);
}

/** The names for an error message. */
export function interfaceNames(): string {
  return listInterfaces()
    .map(({ name }) => name)
    .join(', ');
}
