import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { commandWords } from '../../src/notify/command-words.ts';
import { type Options, parseOptions } from '../../src/options.ts';
import { isInstalled } from '../support/installed.ts';

const CONTRIB = fileURLToPath(new URL('../../contrib/', import.meta.url));

vi.stubGlobal('VRRPWATCH_VERSION', '0.0.0');

describe('commands that people copy can be meant', () => {
  test('of Nagios', () => {
    const commands = linesWith('nagios/vrrpwatch.cfg', 'command_line');
    const filled = commands.map((line) =>
      line.replace('$ARG1$', 'eth0').replace('$ARG2$', '51').replace('$ARG3$', '10.0.0.1,10.0.0.2'),
    );
    expect(filled.map((line) => optionsOf(line).expectations)).toEqual([
      [],
      [{ vrid: 51, sources: ['10.0.0.1', '10.0.0.2'] }],
    ]);
  });

  test('of sudo, which are those of Nagios', () => {
    const commands = linesWith('nagios/sudoers', 'NOPASSWD').map((line) => optionsOf(line.replaceAll('\\,', ',')));
    expect(commands.map(({ check, verbose, interfaces }) => [check, verbose, interfaces])).toEqual([
      [true, true, ['eth0']],
      [true, true, ['eth0']],
    ]);
  });

  test('of cron, the one that is commented out included', () => {
    const commands = linesWith('cron/vrrpwatch', '*/5').map((line) => optionsOf(line.replace('>/dev/null', '')));
    expect(commands.map(({ check, quiet }) => [check, quiet])).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(commands[1]?.telling.textfile).toMatch(/\.prom$/);
  });

  test('of systemd, with the options of its own example', () => {
    const unit = 'systemd/vrrpwatch@.service';
    const [, added = ''] = readFileSync(`${CONTRIB}${unit}`, 'utf8').match(/VRRPWATCH_OPTIONS="(.*)"/) ?? [];
    const [start = ''] = linesWith(unit, 'ExecStart=').map((line) => line.replace('%I', 'eth0'));
    const options = optionsOf(start.replace('ExecStart=', '').replace('$VRRPWATCH_OPTIONS', added));
    expect(options.interfaces).toEqual(['eth0']);
    expect(options.telling.metrics).toEqual({ host: '127.0.0.1', port: 9912 });
  });
});

describe.runIf(isInstalled('systemd-analyze'))('systemd unit', () => {
  test('systemd understands all of it', () => {
    expect(analyze('verify', '--man=no')).toEqual({ status: 0, stderr: '' });
  });

  test('it exposes little', () => {
    expect(analyze('security', '--offline=true', '--threshold=20')).toEqual({ status: 0, stderr: '' });
  });
});

function analyze(...parameters: string[]): { status: number | null; stderr: string } {
  const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-unit-'));
  const unit = join(directory, 'vrrpwatch@eth0.service');
  // The program need not be installed for this.
  const text = readFileSync(`${CONTRIB}systemd/vrrpwatch@.service`, 'utf8').replace('/usr/bin/vrrpwatch', '/bin/true');
  writeFileSync(unit, text);
  const { status, stderr } = spawnSync('systemd-analyze', [...parameters, unit], { encoding: 'utf8' });
  rmSync(directory, { recursive: true });
  return { status, stderr };
}

function linesWith(file: string, text: string): string[] {
  return readFileSync(`${CONTRIB}${file}`, 'utf8')
    .split('\n')
    .filter((line) => line.includes(text));
}

/** The options of the vrrpwatch command within a line. */
function optionsOf(line: string): Options {
  const words = commandWords(line) ?? [];
  const at = words.findIndex((word) => word.endsWith('vrrpwatch'));
  const invocation = parseOptions(words.slice(at + 1), {});
  if (invocation.kind !== 'run') throw new Error(`nothing to run in ${line}`);
  return invocation.options;
}
