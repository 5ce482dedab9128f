import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RouterIdentity, WatchEvent } from '../../src/analyzer/event.ts';
import { commandWords } from '../../src/notify/command-words.ts';
import { DEFAULT_EVENTS, EVENT_NAMES, type EventName, parseEventNames } from '../../src/notify/event-names.ts';
import { hookCall } from '../../src/notify/hook-call.ts';
import { hookCommand } from '../../src/notify/hook-command.ts';
import { HookRunner } from '../../src/notify/hook-runner.ts';
import { childless } from '../support/childless.ts';
import { every, play, together } from '../support/story.ts';

vi.mock('node:child_process', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:child_process')>();
  return { ...actual, spawn: vi.fn(actual.spawn) };
});

let directory = '';
let complaints: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-hook-'));
  complaints = [];
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

/** A split brain from its start to its end, as the analyzer tells it. */
const SPLIT = play(together(every([0, 30], 'A', 100), every([5, 20], 'B', 90)));

describe('arguments', () => {
  test('a split brain is told as keepalived tells a state: INSTANCE, name, state, priority', () => {
    expect(hookCall(first('split-brain-confirmed'), 100).args).toEqual(['INSTANCE', 'VRID 51', 'SPLIT_BRAIN', '100']);
  });

  test.each<[string, WatchEvent]>([
    ['MASTER', takeover()],
    ['BACKUP', first('split-brain-ended')],
    ['FAULT', { event: 'silent', atUs: 0, router: router(99), lastMaster: '10.0.0.1', lastAdvertUs: 0 }],
    ['FAULT', { event: 'capture-lost', atUs: 0, interface: 'eth0', detail: 'eth0 is down' }],
    ['BACKUP', { event: 'capture-resumed', atUs: 0, interface: 'eth0', detail: '' }],
    ['ROUTER_SEEN', { event: 'router-seen', atUs: 0, router: router(99) }],
  ])('%s is the state of %o', (state, event) => {
    expect(hookCall(event, 100).args[2]).toBe(state);
  });

  test('an event of the capture has the interface in place of the virtual router', () => {
    const event: WatchEvent = { event: 'capture-lost', atUs: 0, interface: 'eth0', detail: 'eth0 is down' };
    expect(hookCall(event, 0).args).toEqual(['INSTANCE', 'eth0', 'FAULT', '0']);
  });

  test('a finding that concerns no virtual router in particular has VRRP in place of it', () => {
    const finding = { code: 'clock-went-back', severity: 'warning', atUs: 0, count: 1, summary: '' } as const;
    expect(hookCall({ event: 'finding', atUs: 0, router: null, finding }, 0).args).toEqual([
      'INSTANCE',
      'VRRP',
      'FINDING',
      '0',
    ]);
  });

  test('the environment says who is deaf, why, and what to type', () => {
    const { environment } = hookCall(first('split-brain-confirmed'), 100);
    expect(environment).toMatchObject({
      VRRPWATCH_EVENT: 'split-brain-confirmed',
      VRRPWATCH_VRID: '51',
      VRRPWATCH_CLAIMANTS: '10.0.0.1 10.0.0.2',
      VRRPWATCH_WINNER: '10.0.0.1',
      VRRPWATCH_DEAF: '10.0.0.2',
      VRRPWATCH_CAUSE: 'filtered',
      VRRPWATCH_REMEDY_ON: '10.0.0.2',
    });
    expect(environment['VRRPWATCH_REMEDY']).not.toBe('');
    expect(environment['VRRPWATCH_INTERFACE']).toBe('');
  });

  test('text from outside reaches the environment without control bytes', () => {
    const finding = {
      code: 'not-vrrp',
      severity: 'warning',
      atUs: 0,
      count: 1,
      summary: 'a\u0000\n\u001b[31mb',
    } as const;
    const { environment, args, json } = hookCall({ event: 'finding', atUs: 0, router: null, finding }, 0);
    for (const text of [...Object.values(environment), ...args]) expect(text).not.toMatch(/\p{Cc}/u);
    expect(json.trimEnd()).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(json)).toMatchObject({ summary: finding.summary });
  });
});

describe('commands', () => {
  test.each([
    ['notify.sh', ['notify.sh']],
    ["  /a/b  --to 'on call'  ", ['/a/b', '--to', 'on call']],
    ['"/my dir/x" a\\ b ""', ['/my dir/x', 'a b', '']],
    ['a\'b\'"c"', ['abc']],
    ['"a\\d+" "\\$\\`\\"\\\\" \'a\\d+\' a\\d+', ['a\\d+', '$`"\\', 'a\\d+', 'ad+']],
    ['one\\\nword "one\\\nword"', ['oneword', 'oneword']],
    ['a $HOME `id` ; rm', ['a', '$HOME', '`id`', ';', 'rm']],
    ['"open', null],
    ['end\\', null],
  ])('%j has the words %j', (text, words) => {
    expect(commandWords(text)).toEqual(words);
  });

  test('a program that does not exist or cannot be executed is refused at the start', () => {
    const path = join(directory, 'plain');
    writeFileSync(path, '');
    for (const text of [path, join(directory, 'none'), 'no-such-program', directory]) {
      expect(() => hookCommand(text, false)).toThrow('no program');
    }
    expect(hookCommand('true now', false)).toEqual({ file: 'true', args: ['now'] });
  });

  test('event names are read with commas, and a wrong one is refused', () => {
    expect(parseEventNames('takeover, silent')).toEqual(['takeover', 'silent']);
    expect(parseEventNames('all')).toEqual(EVENT_NAMES);
    expect(parseEventNames('takeover,toString')).toBeNull();
    expect(DEFAULT_EVENTS).not.toContain('advertiser-seen');
  });
});

describe('runs', () => {
  test('a notify script written for keepalived works unchanged', async () => {
    const script = program(`
      TYPE=$1 NAME=$2 STATE=$3
      case $STATE in
        "MASTER") echo "$TYPE $NAME is master" >> ${directory}/out; exit 0 ;;
        "BACKUP") echo "$TYPE $NAME is backup" >> ${directory}/out; exit 0 ;;
        "FAULT")  echo "$TYPE $NAME is faulty" >> ${directory}/out; exit 0 ;;
        *) echo "unknown state"; exit 1 ;;
      esac`);
    const runner = run(script);
    runner.event(takeover());
    runner.event(first('split-brain-ended'));
    runner.event({ event: 'silent', atUs: 0, router: router(51), lastMaster: null, lastAdvertUs: 0 });
    await runner.stop();
    expect(out('out')).toEqual([
      'INSTANCE VRID 99 is master',
      'INSTANCE VRID 51 is backup',
      'INSTANCE VRID 51 is faulty',
    ]);
    expect(complaints).toEqual([]);
  });

  test('the program reads the event as JSON and by its environment', async () => {
    const runner = run(program(`cat > ${directory}/json; env > ${directory}/env`));
    process.env['VRRPWATCH_SMTP_PASSWORD'] = 'not for you';
    runner.event(first('split-brain-confirmed'));
    delete process.env['VRRPWATCH_SMTP_PASSWORD'];
    await runner.stop();
    expect(JSON.parse(out('json').join(''))).toMatchObject({ event: 'split-brain-confirmed', deaf: ['10.0.0.2'] });
    expect(out('env')).toContain('VRRPWATCH_DEAF=10.0.0.2');
    expect(out('env').join()).not.toContain('not for you');
  });

  test('the end of a split brain carries the priority that its start told', async () => {
    const runner = run(program(`echo "$3 $4" >> ${directory}/out`));
    for (const event of SPLIT.events) runner.event(event);
    await runner.stop();
    expect(out('out')).toEqual(['SPLIT_BRAIN 100', 'BACKUP 100']);
  });

  test('the priority is that of the master, whatever other nodes say', async () => {
    const runner = run(program(`echo "$3 $4" >> ${directory}/out`));
    const [confirmed, ended] = ['split-brain-confirmed', 'split-brain-ended'].map((name) =>
      SPLIT.events.find(({ event }) => event === name),
    );
    if (confirmed === undefined || ended === undefined || !('router' in confirmed) || confirmed.router === null)
      throw new Error('no split brain');
    const router = confirmed.router;
    runner.event(confirmed);
    runner.event({ event: 'advertiser-seen', atUs: 0, router, source: '10.0.0.3', mac: null, priority: 50 });
    runner.event({ event: 'priority-changed', atUs: 0, router, source: '10.0.0.2', from: 90, to: 40 });
    runner.event(ended);
    runner.event({ event: 'priority-changed', atUs: 0, router, source: '10.0.0.1', from: 100, to: 120 });
    runner.event({ event: 'silent', atUs: 0, router, lastMaster: '10.0.0.1', lastAdvertUs: 0 });
    await runner.stop();
    expect(out('out')).toEqual(['SPLIT_BRAIN 100', 'BACKUP 100', 'FAULT 120']);
  });

  test('no shell reads the command or the event', async () => {
    const runner = run(
      hookCommand(`${program(`echo "$1|$2" > ${directory}/out`).file} "; touch ${directory}/shell"`, false),
    );
    runner.event(takeover());
    await runner.stop();
    expect(out('out')).toEqual([`; touch ${directory}/shell|INSTANCE`]);
    expect(existsSync(join(directory, 'shell'))).toBe(false);
  });

  test('a shell takes part when it is asked for, with the arguments as $1 to $4', async () => {
    const runner = run(hookCommand(`echo "$1, $2, $3, $4" | tr A-Z a-z > ${directory}/out`, true));
    runner.event(takeover());
    await runner.stop();
    expect(out('out')).toEqual(['instance, vrid 99, master, 100']);
  });

  test('events of one virtual router are told in order, one at a time', async () => {
    const runner = run(program(`echo "start $4" >> ${directory}/out; sleep 0.05; echo "end $4" >> ${directory}/out`));
    for (const priority of [1, 2, 3]) runner.event(takeover({ priority }));
    await runner.stop();
    expect(out('out')).toEqual(['start 1', 'end 1', 'start 2', 'end 2', 'start 3', 'end 3']);
  });

  test('one virtual router does not wait for another', async () => {
    // Each waits for the file that the other one makes.
    const runner = run(
      program(
        `touch "${directory}/$2"; until [ -e "${directory}/VRID 1" ] && [ -e "${directory}/VRID 2" ]; do sleep 0.02; done`,
      ),
    );
    runner.event(takeover({ vrid: 1 }));
    runner.event(takeover({ vrid: 2 }));
    await runner.stop();
    expect(complaints).toEqual([]);
  });

  test('at most four programs run at once', async () => {
    const runner = run(
      program(
        `echo $$ > "${directory}/$2.pid"; ls ${directory} | grep -c pid >> ${directory}/out; sleep 0.2; rm "${directory}/$2.pid"`,
      ),
    );
    for (let vrid = 1; vrid <= 12; vrid++) runner.event(takeover({ vrid }));
    await runner.stop();
    expect(out('out')).toHaveLength(12);
    expect(Math.max(...out('out').map(Number))).toBeLessThanOrEqual(4);
  });

  test('a flood of events starts few programs and leaves the oldest out', async () => {
    const runner = run(program(`echo "$4 $VRRPWATCH_LEFT_OUT" >> ${directory}/out`));
    for (let i = 1; i <= 1000; i++) runner.event(takeover({ priority: i % 255 }));
    await runner.stop();
    // The first began at once; eight waited; 991 between them were left out.
    expect(out('out')).toHaveLength(9);
    expect(out('out').at(0)).toBe('1 0');
    expect(out('out').at(1)).toMatch(/ 991$/);
    expect(out('out').at(-1)).toBe(`${1000 % 255} 0`);
    expect(complaints).toEqual(['--on-event: too many events, 1 left out so far']);
  });

  test('a flood of virtual routers is held back', () => {
    const runner = run({ file: 'true', args: [] });
    for (let vlan = 0; vlan < 5000; vlan++) runner.event(takeover({ vlan }));
    expect(complaints[0]).toMatch(/too many events/);
    return runner.stop();
  });

  test('a program that fails, is killed or is missing is reported, and the next event is told', async () => {
    const gone = { file: join(directory, 'gone'), args: [] };
    const notADirectory = { file: join(process.execPath, 'hook'), args: [] };
    for (const command of [program('exit 7'), program('kill -9 $$'), gone, notADirectory]) {
      const runner = run(command);
      runner.event(takeover());
      await runner.stop();
    }
    expect(complaints).toEqual([
      expect.stringMatching(/failed with status 7 \(takeover\)$/),
      expect.stringMatching(/was ended by SIGKILL/),
      expect.stringMatching(/cannot be run: .*ENOENT/),
      expect.stringMatching(/cannot be run: .*ENOTDIR/),
    ]);
  });

  test('want of file descriptors is reported in one line, and the next event is told', async () => {
    const runner = run(program(`echo "$4" >> ${directory}/out`));
    vi.mocked(spawn).mockImplementationOnce(childless);
    for (const priority of [1, 2]) runner.event(takeover({ priority }));
    await runner.stop();
    expect(complaints).toEqual([expect.stringMatching(/^--on-event: \S+ cannot be run: spawn EMFILE \(takeover\)$/)]);
    expect(out('out')).toEqual(['2']);
  });

  test('a program that takes too long is ended with all that it started', async () => {
    const script = program(`trap '' TERM; sleep 60 & echo $! > ${directory}/child; wait; sleep 60`);
    const runner = run(script, ['takeover'], 300);
    runner.event(takeover());
    await expect.poll(() => complaints, { timeout: 5000 }).toHaveLength(1);
    expect(complaints[0]).toContain('took longer than 0.3 s');
    await expect.poll(() => isAlive(Number(out('child')[0]))).toBe(false);
    await runner.stop();
  });

  test('at the end a program that takes too long is killed, and what waits for it is left out and counted', async () => {
    vi.useFakeTimers();
    const runner = run(program('exec sleep 60'), DEFAULT_EVENTS, 60_000);
    for (const priority of [1, 2, 3]) runner.event(takeover({ priority }));
    const stopped = runner.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
    expect(complaints).toEqual([
      '--on-event: 2 events were left out at the end',
      expect.stringMatching(/was ended by SIGKILL \(takeover\)$/),
    ]);
  }, 10_000);

  test('what the filter does not name is not told', async () => {
    const runner = run(program(`echo "$VRRPWATCH_EVENT" >> ${directory}/out`), ['router-seen', 'split-brain-ended']);
    for (const event of SPLIT.events) runner.event(event);
    await runner.stop();
    expect(out('out')).toEqual(['router-seen', 'split-brain-ended']);
  });
});

function run(
  command: { file: string; args: readonly string[] },
  events: readonly EventName[] = DEFAULT_EVENTS,
  timeLimitMs = 5000,
) {
  return new HookRunner({
    command,
    events,
    timeLimitMs,
    isQuiet: true,
    complain: (message) => complaints.push(message),
  });
}

let programs = 0;

function program(script: string): { file: string; args: readonly string[] } {
  const file = join(directory, `program${programs++}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { file, args: [] };
}

function out(name: string): string[] {
  return readFileSync(join(directory, name), 'utf8').trimEnd().split('\n');
}

function first(name: EventName): WatchEvent {
  const event = SPLIT.events.find((each) => each.event === name);
  if (event === undefined) throw new Error(`no ${name} in ${SPLIT.eventNames}`);
  return event;
}

function router(vrid: number, vlan: number | null = null): RouterIdentity {
  return {
    key: `eth0/${vrid}/${vlan}`,
    capture: 'eth0',
    interface: 'eth0',
    vlan,
    family: 4,
    vrid,
    addresses: ['192.168.0.99'],
  };
}

function takeover({ vrid = 99, priority = 100, vlan = null as number | null } = {}): WatchEvent {
  const takeover = {
    atUs: 0,
    from: '10.0.0.1',
    to: '10.0.0.2',
    kind: 'timed-out',
    gapUs: 3_600_000,
    expectedGapUs: 3_600_000,
  } as const;
  return { event: 'takeover', atUs: 0, router: router(vrid, vlan), takeover, priority };
}

/** A zombie that nobody has collected yet is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
