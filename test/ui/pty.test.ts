import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { PtyProgram } from '../support/terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-ui-'));
const app = join(directory, 'app.mjs');
const running: PtyProgram[] = [];

function start(command: string, options: ConstructorParameters<typeof PtyProgram>[1] = {}): PtyProgram {
  const program = new PtyProgram(command, options);
  running.push(program);
  return program;
}

beforeAll(() => bundle('test/ui/fixture-app.tsx', app));
afterEach(async () => {
  for (const program of running.splice(0)) await program.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the dashboard in a pseudo terminal', () => {
  test('shows a split brain as it begins, follows keys and the window, and leaves the terminal as it was', async () => {
    const program = start(`echo before; exec node ${app} split 1`);
    const { screen } = program;
    await screen.waitFor(' OK  3 routers');
    expect(screen.isAlternate).toBe(true);
    expect(program.settings).toContain('-icanon');
    await screen.waitFor('DEAF: 10.0.0.3 (priority 100)');
    program.press('\r');
    await screen.waitFor('MUST YIELD, DEAF');
    program.press('\u001b');
    await screen.waitFor('EVENTS');
    program.resize(140, 40);
    await screen.waitFor('SOURCE MAC');
    program.press('q');
    expect(await program.exited).toBe(0);
    expect(screen.isAlternate).toBe(false);
    expect(await screen.text()).toBe('before\nsummary after quit');
  });

  test('draws also where CI is set, and without colour where NO_COLOR is', async () => {
    const program = start(`exec node ${app} split 0`, { env: { CI: 'true', NO_COLOR: '1' } });
    await program.screen.waitFor('DEAF');
    expect(program.screen.output).toContain('\u001b[7m');
    expect(program.screen.output).not.toContain('\u001b[3');
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s restores the terminal and the caller has the last word',
    async (signal) => {
      const program = start(`exec node ${app} ok`);
      await program.screen.waitFor(' OK ');
      process.kill(program.pid, signal);
      expect(await program.exited).toBe(1);
      expect(await program.screen.text()).toBe(`summary after ${signal}`);
      expect(program.screen.output).toContain('\u001b[?25h\u001b[?1049l');
    },
  );

  test('SIGQUIT restores the terminal and ends the program at once, as it does without a dashboard', async () => {
    const program = start(`exec node ${app} ok`);
    await program.screen.waitFor(' OK ');
    process.kill(program.pid, 'SIGQUIT');
    expect(await program.exited).toBe(128 + constants.signals.SIGQUIT);
    expect(program.screen.output).toContain('\u001b[?25h\u001b[?1049l');
    expect(program.screen.output).not.toContain('summary');
  });

  test('a crash leaves its trace on the screen of the user', async () => {
    const program = start(`node ${app} crash; stty -a | tr ' ' '\\n' | grep icanon`);
    await program.screen.waitFor(' OK ');
    await program.exited;
    expect(program.screen.isAlternate).toBe(false);
    const text = await program.screen.text();
    expect(text).toContain('crashed on purpose');
    expect(text.endsWith('\nicanon')).toBe(true);
  });

  test('Ctrl-Z gives the shell back, fg the dashboard', async () => {
    const program = start("PS1='shell> ' exec bash --norc -i");
    const { screen } = program;
    await screen.waitFor('shell>');
    program.press(`node ${app} ok\n`);
    await screen.waitFor(' OK ');
    program.press('\u001a');
    await screen.waitFor('Stopped');
    expect(screen.isAlternate).toBe(false);
    program.resize(140, 40);
    program.press('fg\n');
    await screen.waitFor('SOURCE MAC');
    expect(screen.isAlternate).toBe(true);
    program.press('q');
    await screen.waitFor('summary after quit');
    program.press('exit\n');
    await program.exited;
  });

  test('keys come from the terminal while stdin carries a capture', async () => {
    const program = start(`: | node ${app} ok`);
    await program.screen.waitFor(' OK ');
    program.press('?');
    await program.screen.waitFor('KEYS');
    program.press('q');
    await program.screen.waitFor('summary after quit');
  });
});
