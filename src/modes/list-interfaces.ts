import { listInterfaces } from '../capture/interfaces.ts';
import { printable } from '../output/escape.ts';

/** Prints what can be captured on, as `tcpdump -D` does: name, state and addresses. */
export function printInterfaces(): number {
  const lines = listInterfaces().map(
    ({ name, state, addresses }, i) =>
      `${i + 1}.${printable(name)} [${name === 'any' ? 'all of them' : state}]${addresses.length > 0 ? ` ${addresses.join(' ')}` : ''}`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
