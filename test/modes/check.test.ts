import { afterEach, describe, expect, test } from 'vitest';
import { type FakeTcpdump, fakeTcpdump } from '../support/fake-tcpdump.ts';
import { oneMaster, twoMasters } from '../support/played-capture.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';

const PLAY = 'cat "$DIR/capture"; exec sleep 60';

let tcpdump: FakeTcpdump | undefined;

afterEach(() => {
  tcpdump?.remove();
  tcpdump = undefined;
});

/** `--check` on whatever a tcpdump says that runs `script`. */
function check(script: string, capture: Uint8Array, ...parameters: string[]): Promise<CliRun> {
  tcpdump = fakeTcpdump(script);
  tcpdump.put('capture', capture);
  return runCli(['-i', 'any', '--engine', 'tcpdump', '--check', ...parameters]);
}

describe('--check', () => {
  test('ends as soon as split brain is proven, with status 2', async () => {
    const { status, stdout, stderr } = await check(PLAY, twoMasters(), '--for', '50s');
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toMatch(/^VRRP CRITICAL - vrid 51 .*split brain: 10\.0\.0\.1\(p150\) 10\.0\.0\.2\(p100, deaf\) \| /);
    const [, window = ''] = / window=([\d.]+)s\n$/.exec(stdout) ?? [];
    expect(Number(window)).toBeLessThan(25);
  });

  test('hides passwords, with details too', async () => {
    const { stdout } = await check(PLAY, twoMasters(), '-v');
    expect(stdout.trimEnd().split('\n').length).toBeGreaterThan(3);
    expect(stdout).not.toContain('secret99');
  });

  test('is unknown when less than a master down interval was listened', async () => {
    const { status, stdout } = await check(PLAY, oneMaster(), '--for', '1s');
    expect(status).toBe(3);
    expect(stdout).toMatch(/^VRRP UNKNOWN - .*master 10\.0\.0\.1.*listened for 1\.\d+ s only, .* 4\.00 s to show \| /);
  });

  test('tells of a lost capture how long it listened before, not that it listened for no time', async () => {
    const once = '[ $RUN -eq 1 ] || exit 1; cat "$DIR/capture"; sleep 1; exit 1';
    const { status, stdout } = await check(once, oneMaster(), '--for', '1500ms');
    expect(status).toBe(3);
    expect(stdout).toMatch(
      /^VRRP UNKNOWN - any cannot be captured [^;|]*master 10\.0\.0\.1 \| .* window=1(\.\d+)?s\n$/,
    );
  });

  test('counts anew after a gap, and says so', async () => {
    const twice = 'cat "$DIR/capture"; [ $RUN -eq 1 ] || exec sleep 60; sleep 1; exit 1';
    const { status, stdout } = await check(twice, oneMaster(), '--for', '2s');
    expect(status).toBe(3);
    expect(stdout).toMatch(/; listened for [\d.]+ m?s only since a gap, .* 4\.00 s to show \| .* window=1\.\d+s\n$/);
  });

  test('listens for ten seconds at most, and says what that leaves open of a slow master', async () => {
    const { status, stdout } = await check(`trap '' USR1; ${PLAY}`, oneMaster({ intervalS: 20 }));
    expect(status).toBe(3);
    expect(stdout).toMatch(/^VRRP UNKNOWN - .*listened for 10(\.\d+)? s only, .* may take 1 min 1 s to show \| /);
  }, 20_000);

  test('says that its metrics could not be written, and leaves a proven split brain critical', async () => {
    const { status, stdout } = await check(PLAY, twoMasters(), '--textfile', '/nonexistent/x.prom');
    expect(status).toBe(2);
    expect(stdout).toMatch(/^VRRP CRITICAL - .*; --textfile: cannot write [^|]* \| /);
  });

  test('is unknown when nothing is heard, even if quiet', async () => {
    const { status, stdout } = await check(PLAY, oneMaster().subarray(0, 24), '--for', '300ms', '-q');
    expect(status).toBe(3);
    expect(stdout).toMatch(/^VRRP UNKNOWN - no VRRP heard in any \| window=0\.\d+s\n$/);
  });

  test('is critical when an expected virtual router is not heard', async () => {
    const { status, stdout } = await check(PLAY, oneMaster(), '--for', '300ms', '--expect', '52');
    expect(status).toBe(2);
    expect(stdout).toMatch(
      /^VRRP CRITICAL - vrid 52 is expected and was not heard.* vrid51_masters=.* vrid52_masters=0;/,
    );
  });

  test('is a document too, with --json, when the capture cannot start', async () => {
    const { status, stdout, stderr } = await check(
      'echo "tcpdump: any: You don\'t have permission" >&2; exit 1',
      oneMaster(),
      '--json',
    );
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'unknown', exitStatus: 3, captures: [{ truncated: true }] });
    expect(stderr).toMatch(/^vrrpwatch: no permission .*\n$/);
  });

  test('does not wait for a capture that cannot start, and keeps the bar for performance data', async () => {
    const refusal = 'echo "tcpdump: can\'t parse filter expression: syntax error" >&2; exit 1';
    const { status, stdout, stderr } = await check(refusal, new Uint8Array(), '-f', 'foo | bar');
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toMatch(/^VRRP UNKNOWN - bad filter "foo [^|\n]* bar": [^|\n]*\n$/);
  });

  test.each([
    ['a duration that is none', ['-i', 'any', '--for', '1x'], /^VRRP UNKNOWN - .*--for.* '1x' is invalid[^|\n]*\n$/],
    ['a VRID that is none', ['-i', 'any', '--expect', '300'], /^VRRP UNKNOWN - .*'300' is invalid[^|\n]*\n$/],
    ['no interface', [], /^VRRP UNKNOWN - nothing to watch\n$/],
  ])('wrong usage is a line for the monitoring system too: %s', async (_, parameters, line) => {
    const { status, stdout, stderr } = await runCli(['--check', ...parameters]);
    expect(status).toBe(3);
    expect(stdout).toMatch(line);
    expect(stderr).toMatch(/^vrrpwatch: /);
  });

  test.each([['--json'], ['--format', 'json'], ['--format=json']])('no such line beside %s %s', async (...format) => {
    expect(await runCli(['--check', ...format])).toMatchObject({ status: 3, stdout: '' });
  });
});
