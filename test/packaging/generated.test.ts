import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { createProgram } from '../../src/options.ts';
import { isInstalled } from '../support/installed.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

vi.stubGlobal('VRRPWATCH_VERSION', '0.0.0');
const program = createProgram();
const OPTIONS = program.createHelp().visibleOptions(program);

describe('man page', () => {
  const page = readFileSync(`${ROOT}man/vrrpwatch.1`, 'utf8');

  test('it is what scripts/man.mjs writes now', () => {
    expect(page).toBe(execFileSync(process.execPath, [`${ROOT}scripts/man.mjs`, '--stdout'], { encoding: 'utf8' }));
  });

  test.runIf(isInstalled('man'))('man shows it without a warning, and it names every option', () => {
    const { stdout, stderr } = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', `${ROOT}man/vrrpwatch.1`], {
      encoding: 'utf8',
      env: { ...process.env, MANWIDTH: '200', MAN_KEEP_FORMATTING: '' },
    });
    expect(stderr).toBe('');
    for (const { short, long } of OPTIONS) {
      expect(stdout).toMatch(new RegExp(`^ +${short ? `${short}, ` : ''}${long}(?= |$)`, 'm'));
    }
  });
});

describe.each([
  ['bash', 'vrrpwatch'],
  ['zsh', '_vrrpwatch'],
  ['fish', 'vrrpwatch.fish'],
])('completion of %s', (shell, file) => {
  const path = `${ROOT}completions/${file}`;
  const script = readFileSync(path, 'utf8');

  test('it is what scripts/completions.mjs writes now', () => {
    const parameters = [`${ROOT}scripts/completions.mjs`, '--stdout', shell];
    expect(script).toBe(execFileSync(process.execPath, parameters, { encoding: 'utf8' }));
  });

  test('it names every option', () => {
    for (const { short, long } of OPTIONS) {
      for (const flag of [short, long]) {
        if (!flag) continue;
        const name = shell === 'fish' ? ` -${flag.startsWith('--') ? 'l' : 's'} ${flag.replace(/^-+/, '')}` : flag;
        expect(script).toMatch(new RegExp(`${name}(?![\\w-])`));
      }
    }
  });

  test.runIf(isInstalled(shell))('the shell can read it', () => {
    expect(spawnSync(shell, ['-n', path], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('completion in bash', () => {
  test.each([
    [['--on-'], ['--on-event', '--on-event-filter', '--on-event-shell']],
    [
      ['--engine', ''],
      ['auto', 'cap', 'tcpdump'],
    ],
    [['--engine', '=', 't'], ['tcpdump']],
    [['--format', 'js'], ['json']],
    [['-i', 'lo'], ['lo']],
    [['-i', 'an'], ['any']],
    [
      ['--on-event-filter', 'split'],
      ['split-brain-confirmed', 'split-brain-ended'],
    ],
    [['--for', ''], []],
    [['--check', '--js'], ['--json']],
    [['--pcap', 'test/pcaps/01'], ['test/pcaps/01_start_sigterm_return_kill9_return.pcap']],
  ])('%j is completed to %j', (words, expected) => {
    expect(complete(words)).toEqual(expected);
  });
});

function complete(words: readonly string[]): string[] {
  const script = `source completions/vrrpwatch
    COMP_WORDS=(vrrpwatch "$@") COMP_CWORD=$#
    _vrrpwatch 2>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', ...words], { cwd: ROOT, encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}
