import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../src/analyzer/report.ts';
import type { RunningDashboard } from '../../src/ui/start.tsx';
import { startDashboard } from '../../src/ui/start.tsx';
import { fakeTerminal } from '../support/terminal.ts';
import { capture, NOW_US, okReport, splitEvents, splitReport } from './reports.ts';

const BELL = '\u0007';

let terminal: ReturnType<typeof fakeTerminal>;
let dashboard: RunningDashboard;
let report: Report;

function start(options: { readonly bell?: boolean } = {}): void {
  dashboard = startDashboard({
    source: { snapshot: () => ({ nowUs: NOW_US, report, capture: capture() }), events: splitEvents() },
    replay: null,
    color: true,
    ascii: false,
    bell: options.bell ?? false,
    showSecrets: false,
    interfaces: [],
    stdin: terminal.stdin,
    stdout: terminal.stdout,
  });
}

beforeEach(() => {
  terminal = fakeTerminal(80, 24);
  report = okReport();
});

afterEach(async () => {
  dashboard.stop();
  await dashboard.done;
});

describe('the dashboard in a terminal', () => {
  test('takes the alternate screen and leaves it, the cursor and the keyboard as they were', async () => {
    start();
    await terminal.screen.waitFor('2 routers');
    expect(terminal.screen.isAlternate).toBe(true);
    expect(terminal.stdin.isRaw).toBe(true);
    terminal.press('q');
    expect(await dashboard.done).toBe('quit');
    expect(await terminal.screen.text()).toBe('');
    expect(terminal.screen.isAlternate).toBe(false);
    expect(terminal.screen.output.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true);
    expect(terminal.stdin.isRaw).toBe(false);
  });

  test('draws an alarm at once, with a bell where one is wanted', async () => {
    start({ bell: true });
    await terminal.screen.waitFor(' OK ');
    expect(terminal.screen.output).not.toContain(BELL);
    report = splitReport();
    dashboard.redraw();
    await terminal.screen.waitFor('DEAF: 10.0.0.3');
    dashboard.redraw();
    expect(terminal.screen.output.split(BELL)).toHaveLength(2);
  });

  test('rings no bell unasked', async () => {
    report = splitReport();
    start();
    await terminal.screen.waitFor('DEAF: 10.0.0.3');
    expect(terminal.screen.output).not.toContain(BELL);
  });

  test('a frozen screen stays, and says that there is a new alarm', async () => {
    start();
    await terminal.screen.waitFor(' OK ');
    terminal.press('f');
    await terminal.screen.waitFor('FROZEN');
    report = splitReport();
    dashboard.redraw();
    const frozen = await terminal.screen.waitFor('1 NEW ALARM');
    expect(frozen).not.toContain('DEAF');
    terminal.press('f');
    await terminal.screen.waitFor('DEAF: 10.0.0.3');
  });

  test('copies the repair command by OSC 52, one remedy after the other', async () => {
    report = splitReport();
    start();
    await terminal.screen.waitFor('DEAF');
    terminal.press('c');
    await terminal.screen.waitFor('Repair of vrid 51');
    const osc52 = (text: string) => `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
    expect(terminal.screen.output).toContain(osc52('iptables -I INPUT -s 10.0.0.2 -p 112 -j ACCEPT'));
    terminal.press('c');
    await terminal.screen.waitFor(/2 of 2, on switch {2}\(sent to the clipboard/);
    expect(terminal.screen.output).toContain(osc52('show ip igmp snooping groups'));
  });

  test('follows the size of the window, narrower, shorter and larger, without ghost lines', async () => {
    report = splitReport();
    start();
    const before = await terminal.screen.waitFor('? help  q quit');
    for (const [columns, rows] of [
      [140, 40],
      [60, 16],
      [40, 10],
      [200, 50],
    ] as const) {
      terminal.resize(columns, rows);
      const end = columns < 60 ? new RegExp(`now ${columns}x${rows}\nneeded`) : /\? help {2}q quit$/;
      const text = await terminal.screen.waitFor(end);
      if (columns >= 60) expect(text.split('\n')).toHaveLength(rows - 1);
    }
    terminal.resize(80, 24);
    expect(await terminal.screen.waitFor(before)).toBe(before);
  });

  test('never clears the scrollback of the user', async () => {
    report = splitReport();
    start();
    await terminal.screen.waitFor('? help');
    terminal.resize(80, 17);
    await terminal.screen.waitFor(/\? help {2}q quit$/);
    expect(terminal.screen.output).not.toContain('\u001b[3J');
  });

  test('keys that arrive together are taken one by one', async () => {
    start();
    await terminal.screen.waitFor('2 routers');
    terminal.press('/53\r');
    const text = await terminal.screen.waitFor('/53 ');
    expect(text).toContain('fe80::1 +1');
    expect(text).not.toContain('10.0.52.1 ');
  });

  test('ends by a signal with its name, and keeps no handler', async () => {
    const before = process.listenerCount('SIGTERM');
    start();
    await terminal.screen.waitFor('2 routers');
    process.emit('SIGTERM');
    expect(await dashboard.done).toBe('SIGTERM');
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
