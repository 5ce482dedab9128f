import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { GroupMembership } from '../../src/capture/group-membership.ts';

/** 224.0.0.18 and ff02::12 as the kernel writes them: the former as a number of this machine, the latter by its bytes. */
const GROUPS = [
  ['/proc/net/igmp', '120000E0'],
  ['/proc/net/igmp6', 'ff020000000000000000000000000012'],
] as const;

let membership: GroupMembership | undefined;

afterEach(() => membership?.leave());

function joined(interfaceName: string): GroupMembership {
  membership = new GroupMembership(interfaceName);
  membership.join();
  return membership;
}

/** How many of the groups this machine is a member of, on any interface. */
function memberships(): number {
  return GROUPS.filter(([file, group]) => readFileSync(file, 'utf8').includes(group)).length;
}

describe.skipIf(!canTell())('a watcher', () => {
  test('is a member of the groups of both families until it leaves, however often its interface came back', async () => {
    const watcher = joined('lo');
    await vi.waitFor(() => expect(memberships()).toBe(2));
    watcher.join();
    await vi.waitFor(() => expect(memberships()).toBe(2));
    watcher.leave();
    await vi.waitFor(() => expect(memberships()).toBe(0));
    watcher.leave();
  });

  test.each([
    ['all interfaces', 'any'],
    ['an interface that has gone', 'nosuch0'],
    ['what is no interface at all', 'x y%z'],
  ])('of %s joins nothing, and that is no error', async (_, name) => {
    joined(name);
    await new Promise((done) => setTimeout(done, 50));
    expect(memberships()).toBe(0);
  });
});

/** Not where there is no IPv6, or where somebody else on this machine is a member. */
function canTell(): boolean {
  const addresses = '/proc/net/if_inet6';
  return existsSync(addresses) && / lo$/m.test(readFileSync(addresses, 'utf8')) && memberships() === 0;
}
