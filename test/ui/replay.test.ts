import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { PtyProgram } from '../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/vrrpwatch.js', import.meta.url));
const PCAPS = fileURLToPath(new URL('../pcaps/', import.meta.url));

let program: PtyProgram;

function replay(name: string, speed: number): PtyProgram {
  program = new PtyProgram(`exec node '${PROGRAM}' --pcap '${PCAPS}${name}.pcap' --replay ${speed}`, {
    env: { NO_COLOR: '1' },
  });
  return program;
}

afterEach(() => program.close());

describe('a recorded split brain, played in a terminal', () => {
  test('appears with its banner, names the deaf node and the command, and is over in the end', async () => {
    const { screen, press } = replay('02_drop_in_backup_oneway_heal', 2);
    const split = await screen.waitFor('DEAF: 10.9.0.2 (priority 100)');
    expect(split).toMatch(/━ SPLIT BRAIN {2}vrid 51 for \ds, since 13:07:29 UTC {2}10\.9\.0\.100/);
    expect(split).toContain('10.9.0.1 (priority 150) is rightful');
    expect(split).toContain('DO   on 10.9.0.2');
    expect(split).toMatch(/10\.9\.0\.2 +X/);
    // The cause becomes clear with the next advertisements.
    await screen.waitFor('iptables -I INPUT -p 112 -s 10.9.0.1 -j ACCEPT');
    press('>>>');
    await screen.waitFor('REPLAY 16x');
    await screen.waitFor(/ OVER .* END /);
    press('q');
    expect(await program.exited).toBe(0);
    expect(screen.isAlternate).toBe(false);
    expect(await screen.text()).toContain('10.9.0.2');
  });

  test('pauses, steps, and jumps to the next event', async () => {
    const { screen, press } = replay('02_drop_in_backup_oneway_heal', 1);
    await screen.waitFor('new virtual router');
    press(' ');
    const paused = await screen.waitFor('PAUSED');
    press('.');
    await screen.waitFor((text) => text.includes('PAUSED') && text !== paused);
    for (let jumps = 0; jumps < 8 && !(await screen.text()).includes('DEAF'); jumps++) {
      const before = await screen.text();
      press('N');
      await screen.waitFor((text) => text !== before);
    }
    expect(await screen.text()).toContain('DEAF: 10.9.0.2');
  });
});
