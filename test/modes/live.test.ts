import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type FakeTcpdump, fakeTcpdump } from '../support/fake-tcpdump.ts';
import { oneMaster, playedCapture, twoMasters } from '../support/played-capture.ts';
import { PtyProgram } from '../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/vrrpwatch.js', import.meta.url));
const PLAY = 'cat "$DIR/capture"; exec sleep 60';

let tcpdump: FakeTcpdump | undefined;
let watching: Watching | undefined;
let onTerminal: PtyProgram | undefined;

afterEach(async () => {
  watching?.child.kill('SIGKILL');
  await onTerminal?.close();
  tcpdump?.remove();
});

interface Watching {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: { stdout: string; stderr: string };
}

/** The program without a terminal, on whatever a tcpdump says that runs `script`. */
function watch(script: string, capture: Uint8Array, ...parameters: string[]): Watching {
  tcpdump = fakeTcpdump(script);
  tcpdump.put('capture', capture);
  const words = [PROGRAM, '-i', 'any', '--engine', 'tcpdump', ...parameters];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.on('data', (text) => {
    output.stderr += text;
  });
  watching = { child, output };
  return watching;
}

/** The program on a terminal, on whatever a tcpdump says that plays the capture. */
function watchOnTerminal(capture: Uint8Array, env: Record<string, string> = {}): PtyProgram {
  tcpdump = fakeTcpdump(PLAY);
  tcpdump.put('capture', capture);
  onTerminal = new PtyProgram(`exec node ${PROGRAM} -i any --engine tcpdump`, { columns: 120, env });
  return onTerminal;
}

function octal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

async function says({ output }: Watching, text: RegExp): Promise<void> {
  await expect.poll(() => output.stdout + output.stderr, { timeout: 20_000 }).toMatch(text);
}

async function end({ child }: Watching, signal: NodeJS.Signals): Promise<number | null> {
  const closed = once(child, 'close');
  child.kill(signal);
  const [status] = (await closed) as [number | null];
  return status;
}

describe('live without a terminal', () => {
  test('prints a line per event at once, and a summary on SIGINT', async () => {
    const watched = watch(PLAY, twoMasters());
    await says(watched, /CRIT {5}vrid 51 .*SPLIT BRAIN/);
    const [first = ''] = watched.output.stdout.split('\n');
    expect(first).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}info {5}capture on any started: by tcpdump, link type ETHERNET$/,
    );
    expect(await end(watched, 'SIGINT')).toBe(2);
    expect(watched.output.stdout).toMatch(/^SPLIT BRAIN {2}/m);
    expect(watched.output.stdout).toContain('Not shown:');
    expect(watched.output.stdout + watched.output.stderr).not.toContain('secret99');
  });

  test('a second signal, as `timeout` sends it, does not cut the summary off', async () => {
    const watched = watch(PLAY, twoMasters());
    await says(watched, /SPLIT BRAIN/);
    watched.child.kill('SIGTERM');
    expect(await end(watched, 'SIGTERM')).toBe(2);
    expect(watched.output.stdout).toContain('Not shown:');
  });

  test('hooks that hang delay the summary, and do not take it away', async () => {
    const hooks = ['--on-event', 'sleep 60', '--on-event-shell', '--on-event-filter', 'all'];
    const watched = watch(PLAY, twoMasters(), ...hooks);
    await says(watched, /SPLIT BRAIN/);
    expect(await end(watched, 'SIGTERM')).toBe(2);
    expect(watched.output.stderr).toMatch(/^vrrpwatch: --on-event: \d events were left out at the end$/m);
    expect(watched.output.stdout).toContain('Not shown:');
  });

  test('--json keeps stdout to one document a line', async () => {
    const watched = watch(PLAY, twoMasters(), '--json');
    await says(watched, /"split-brain-confirmed"/);
    expect(await end(watched, 'SIGTERM')).toBe(2);
    const events = watched.output.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'capture-started', interface: 'any', vrid: null });
    expect(events).toContainEqual(expect.objectContaining({ event: 'split-brain-confirmed', vrid: 51, family: 4 }));
    expect(watched.output.stderr).toMatch(/^SPLIT BRAIN {2}/);
  });

  test('--quiet leaves out what is no trouble', async () => {
    const watched = watch(PLAY, oneMaster(), '-q');
    await says(watched, /silent/);
    expect(watched.output.stdout).not.toMatch(/is heard|advertises with|started/);
    expect(await end(watched, 'SIGTERM')).toBe(1);
  });

  test('--quiet in the wording of tcpdump tells in text what is trouble', async () => {
    const watched = watch(PLAY, twoMasters(), '-q', '--format', 'tcpdump');
    await says(watched, /CRIT {5}vrid 51 .*SPLIT BRAIN/);
    expect(watched.output.stdout).not.toMatch(/VRRPv2, Advertisement/);
    expect(await end(watched, 'SIGTERM')).toBe(2);
    expect(watched.output.stdout).toMatch(/^SPLIT BRAIN {2}/m);
  });

  test('a tcpdump that is killed is lost at once, started again, and nobody was silent for it', async () => {
    const watched = watch(`cat "$DIR/capture"; test $RUN = 1 && kill -9 $$; exec sleep 60`, oneMaster(), '--json');
    await says(watched, /"capture-resumed"/);
    const events = watched.output.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const names = events.map(({ event }) => event).filter((event) => event.startsWith('capture'));
    expect(names).toEqual(['capture-started', 'capture-lost', 'capture-resumed']);
    expect(watched.output.stdout).toContain('tcpdump was ended by SIGKILL');
    expect(watched.output.stdout).not.toContain('"silent"');
  });

  test('a lost capture is told beside the lines in the wording of tcpdump too', async () => {
    const script = `cat "$DIR/capture"; test $RUN = 1 && kill -9 $$; exec sleep 60`;
    const watched = watch(script, oneMaster(), '--format', 'tcpdump');
    await says(watched, /resumed/);
    expect(watched.output.stdout).not.toMatch(/capture/);
    expect(watched.output.stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/ {2}CRIT {5}capture on any lost: tcpdump was ended by SIGKILL/),
      expect.stringMatching(/ {2}notice {3}capture on any resumed: /),
    ]);
  });

  test('packets that a busy machine reads late are no silence', async () => {
    const late = Array.from({ length: 20 }, (_, i) => ({ agoS: 20 - i, advert: { from: '10.0.0.1', priority: 150 } }));
    const capture = playedCapture(late);
    const recordLength = (capture.length - 24) / late.length;
    const records = late.map((_, i) => capture.subarray(24 + i * recordLength, 24 + (i + 1) * recordLength));
    const oneByOne = [capture.subarray(0, 24), ...records].map((bytes) => `printf '${octal(bytes)}'; sleep 0.05`);
    const watched = watch([...oneByOne, 'exec sleep 60'].join('\n'), capture, '--json');
    // In the end it is one.
    await says(watched, /"silent"/);
    const events = watched.output.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(['capture-started', 'router-seen', 'advertiser-seen', 'silent']);
    expect(Date.parse(events[3].at) - Date.parse(events[1].at)).toBeGreaterThan(20_000);
  });

  test('a capture that cannot start is one line on stderr and status 3', async () => {
    const watched = watch(
      'echo "tcpdump: any: You don\'t have permission to capture on that device" >&2; exit 1',
      oneMaster(),
    );
    const [status] = await once(watched.child, 'close');
    expect(status).toBe(3);
    expect(watched.output.stdout).toBe('');
    expect(watched.output.stderr).toMatch(/^vrrpwatch: no permission to capture on any: CAP_NET_RAW [^\n]*\n$/);
  });
});

describe('live on a terminal', () => {
  test('that can move no cursor prints a line per event and a summary, as without one', async () => {
    const { screen, press, exited } = watchOnTerminal(twoMasters(), { TERM: 'dumb' });
    await screen.waitFor(/CRIT {5}vrid 51 .*SPLIT BRAIN/);
    press('\u0003');
    expect(await exited).toBe(2);
    expect(screen.output).toContain('Not shown:');
    expect(screen.output).not.toContain('\u001b');
  });

  test('keeps the latest thousand events for the log of the dashboard', async () => {
    // Nobody becomes silent meanwhile: master down after two minutes.
    const patient = { from: '10.0.0.1', priority: 150, intervalS: 40 };
    const adverts = Array.from({ length: 3 * 255 }, (_, i) => ({
      agoS: 0,
      advert: { ...patient, vrid: 1 + (i % 255), vlans: [1 + Math.floor(i / 255)] },
    }));
    const { screen, press, exited } = watchOnTerminal(playedCapture(adverts));
    await screen.waitFor(' 765 routers');
    press('e');
    expect(await screen.waitFor('newest first')).toMatch(/newest first.*\n.* 255 +new advertiser/);
    press('G');
    // Of 1531, and the title.
    await screen.waitFor(/-1001 of 1001 /);
    press('q');
    expect(await exited).toBe(0);
  });
});
