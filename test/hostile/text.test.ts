import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { everyOutput, faultIn } from '../fuzz/every-output.ts';
import { frame } from '../support/build.ts';
import { pcapFile, pcapngFile } from '../support/capture-files.ts';
import { runCli } from '../support/run-cli.ts';

const SECOND = 1_000_000;
const START_US = 1_700_000_000 * SECOND;
const PASSWORD = 'S3cr3t!z';
const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-hostile-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** Marks that turn the direction of text, end lines, or have no width. */
const MARKS = '\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2066\u2067\u2068\u2069\ufeff';
const CONTROLS = String.fromCharCode(...Array.from({ length: 0xa0 }, (_, i) => i).filter((i) => i < 0x20 || i > 0x7e));
const ATTACKS = [
  ...CONTROLS,
  ...MARKS,
  '\u001b]0;title\u0007',
  '\u001b[2J',
  '"\\\n',
  'a|b',
  '\u0600',
  '👩‍👩‍👧',
  '\ud800',
];

/** A split brain of two nodes, so that every kind of line is printed; each has its own password. */
function splitBrain(passwords: readonly [string, string], latin1 = false) {
  return Array.from({ length: 12 }, (_, i) => {
    const node = i % 2;
    const password = passwords[node] ?? '';
    const bytes = frame({
      from: `10.0.0.${node + 1}`,
      priority: 150 - 50 * node,
      password: latin1 ? '12345678' : password,
    });
    if (latin1) bytes.set(Buffer.from(password, 'latin1').subarray(0, 8), bytes.length - 8);
    return { bytes, timeUs: START_US + Math.floor(i / 2) * SECOND + node * 400_000 };
  });
}

describe('text from the wire', () => {
  test('a password of any byte is harmless in every output, shown or not', async () => {
    for (let first = 0; first < 256; first += 8) {
      const password = String.fromCharCode(...Array.from({ length: 8 }, (_, i) => first + i));
      const capture = pcapFile(splitBrain([password, password], true));
      for (const showSecrets of [false, true]) {
        const said = await everyOutput([capture], { showSecrets });
        expect(said.report?.verdict).toBe('split-brain');
        expect(faultIn(said)).toBeNull();
      }
    }
  });

  test.each(ATTACKS.map((attack) => [JSON.stringify(attack), attack]))(
    'an interface called %s in a pcapng file is harmless in every output',
    async (_, attack) => {
      const said = await everyOutput([pcapngFile(splitBrain(['same', 'same']), { name: `eth0${attack}x` })]);
      expect(said.report?.verdict).toBe('split-brain');
      expect(faultIn(said)).toBeNull();
    },
  );

  test.each(ATTACKS.map((attack) => [JSON.stringify(attack), attack]))(
    'a capture file called %s is harmless in every output',
    async (_, attack) => {
      expect(faultIn(await everyOutput([pcapFile(splitBrain(['a', 'b']))], { name: `x${attack}.pcap` }))).toBeNull();
    },
  );

  test.each(['\u001b]0;title\u0007', '\u202etxt.pcap', 'two\nlines'])(
    'the message about a missing file called %j is one harmless line',
    async (name) => {
      const { status, stdout, stderr } = await runCli(['--pcap', join(directory, name)]);
      expect(status).toBe(3);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^vrrpwatch: [^\p{C}]+\n$/u);
    },
  );

  test.each([
    ['--pcap', '\u001b]0;title\u0007', '--replay'],
    ['--pcap', `${directory}/\u001b]0;title\u0007`, '--pcap', 'x', '--replay'],
    ['-i', '\u001b[2J'],
    ['-i', '\u001b[2J', '--check'],
  ])('the message about %j is harmless', async (...args) => {
    const { status, stdout, stderr } = await runCli(args);
    expect(status).toBe(3);
    expect(stdout + stderr).toMatch(/^[^\p{Cc}\p{Cf}]+\n([^\p{Cc}\p{Cf}]+\n)?$/u);
  });
});

describe('the password of a capture', () => {
  const path = join(directory, 'secret.pcap');
  const whole = pcapFile(splitBrain([PASSWORD, 'other!!z']));
  writeFileSync(path, whole);
  const cut = join(directory, 'cut.pcap');
  writeFileSync(cut, whole.subarray(0, whole.length - 3));
  const spellings = [PASSWORD, 'other!!z'].flatMap((text) => [
    text,
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
  ]);

  test.each([
    [['--pcap', path]],
    [['--pcap', path, '--json']],
    [['--pcap', path, '--check', '-v']],
    [['--pcap', path, '--format', 'tcpdump']],
    [['--pcap', path, '--vrids', '--ascii']],
    [['--pcap', cut, '--json']],
    [['--pcap', cut]],
    [['--pcap', path, '--pcap', join(directory, 'none.pcap')]],
    [['--pcap', path, '--no-such-option']],
  ])('is in no output of %j', async (args) => {
    process.env['VRRPWATCH_DEBUG'] = '1';
    const { stdout, stderr } = await runCli(args);
    delete process.env['VRRPWATCH_DEBUG'];
    expect(stdout + stderr).not.toBe('');
    for (const spelling of spellings) expect(stdout + stderr).not.toContain(spelling);
  });

  test('is in no screen, event or hook either', async () => {
    const { texts, json } = await everyOutput([whole]);
    for (const text of [...texts.values(), ...json.values()]) {
      for (const spelling of spellings) expect(text).not.toContain(spelling);
    }
  });

  test('is shown when it is asked for', async () => {
    expect((await runCli(['--pcap', path, '--show-secrets'])).stdout).toContain(PASSWORD);
  });
});
