import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { chosenInterface, listInterfaces } from '../../src/capture/interfaces.ts';
import { runCli } from '../support/run-cli.ts';

test('a number of the list stands for its interface', () => {
  const names = listInterfaces().map(({ name }) => name);
  expect(names.map((_, i) => chosenInterface(String(i + 1)))).toEqual(names);
  expect(['lo', 'any', '0', '999', '1a'].map(chosenInterface)).toEqual(['lo', 'any', '0', '999', '1a']);
});

test.each(['-D', '--list-interfaces'])('%s lists every interface with state and addresses, and any', async (option) => {
  const { status, stdout, stderr } = await runCli([option]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  lines.forEach((line, i) => {
    expect(line).toMatch(new RegExp(`^${i + 1}\\.\\S+ \\[(up|down|no-carrier|all of them)\\]`));
  });
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const line = lines.find((each) => each.includes(`.${name} [`));
    for (const { address } of addresses) expect(line).toContain(` ${address}/`);
  }
  expect(lines.at(-1)).toBe(`${lines.length}.any [all of them]`);
});
