import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { interfaceNames, listInterfaces } from '../../src/capture/interfaces.ts';
import { readLink } from '../../src/capture/link-state.ts';

test('every interface with an address is listed, with its addresses and IPv4 first', () => {
  const listed = new Map(listInterfaces().map((described) => [described.name, described]));
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    expect([...(listed.get(name)?.addresses ?? [])].toSorted()).toEqual(addresses.map(({ cidr }) => cidr).toSorted());
    const families = listed.get(name)?.addresses.map((address) => address.includes(':')) ?? [];
    expect(families).toEqual(families.toSorted());
  }
});

test('`any` is offered last', () => {
  expect(listInterfaces().at(-1)).toEqual({ name: 'any', state: 'unknown', addresses: [] });
  expect(interfaceNames()).toMatch(/\blo0?\b.*, any$/);
});

test('an interface that does not exist is absent, `any` has no state of its own', () => {
  expect(readLink('nosuch0')).toEqual({ state: 'absent', index: null });
  expect(readLink('any')).toEqual({ state: 'unknown', index: null });
});
