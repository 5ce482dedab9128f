import { createHook } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RouterIdentity, WatchEvent } from '../../src/analyzer/event.ts';
import { findProgram } from '../../src/find-program.ts';
import { endMail, type Mail, type SplitBrainEvent, startMail } from '../../src/notify/mail-message.ts';
import { MailTeller } from '../../src/notify/mail-teller.ts';
import {
  connectionOptions,
  MailError,
  type MailTransport,
  sendmailTransport,
  smtpTransport,
} from '../../src/notify/mail-transport.ts';
import { parseSmtpUrl, type SmtpServer } from '../../src/notify/smtp-url.ts';
import { childless } from '../support/childless.ts';
import { runCli } from '../support/run-cli.ts';
import { every, play, together } from '../support/story.ts';
import { type MailServer, mailServer, parseMail } from './mail-server.ts';

vi.mock('node:child_process', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:child_process')>();
  return { ...actual, spawn: vi.fn(actual.spawn) };
});

const SPLIT = play(together(every([0, 30], 'A', 100), every([5, 20], 'B', 90)), {
  all: { password: 'hush' },
  showSecrets: true,
});
const WHO = { from: 'vrrpwatch@example.org', to: ['admin@example.org', 'root@localhost'] };

/** Reaches this host on Linux, by a name that does not say so. */
const ELSEWHERE = { host: '0.0.0.0', isTls: false, user: null };

let servers: MailServer[] = [];
let complaints: string[] = [];

beforeEach(() => {
  complaints = [];
});

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

describe('message', () => {
  test('subject and text say host, interface, vrid, claimants, deaf node, cause and command', () => {
    const { subject, text } = startMail(WHO, named(confirmed(), { interface: 'enp0s3' }), SPLIT.report, false);
    expect(subject).toBe(
      `[${hostname()}] SPLIT BRAIN vrid 51 on enp0s3: 10.0.0.1 and 10.0.0.2 are master, 10.0.0.2 deaf (filtered)`,
    );
    for (const line of [
      /^host +\S+$/m,
      /^interface +enp0s3$/m,
      /^vrid +51$/m,
      /^addresses +10\.0\.0\.100$/m,
      /^masters +10\.0\.0\.1.* and 10\.0\.0\.2/m,
      /^deaf +10\.0\.0\.2 should yield to 10\.0\.0\.1$/m,
      /^cause +filtered \(\w+\): /m,
      /^repair +on 10\.0\.0\.2: \S+/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  test('the report of the terminal follows, without colours and without the password', () => {
    const { text } = startMail(WHO, confirmed(), SPLIT.report, false);
    expect(text).toContain('SPLIT BRAIN  vrid 51');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('hush');
  });

  test('the end is in the thread of the start', () => {
    const start = startMail(WHO, confirmed(), SPLIT.report, false);
    const end = endMail(WHO, ended(), SPLIT.report);
    expect(end.references).toBe(start.messageId);
    expect(end.messageId).not.toBe(start.messageId);
    expect(end.subject).toMatch(/split brain ended vrid 51: over after 1\d s/);
  });

  test('a node that ended it by resigning is named with the priority that it claimed', () => {
    const steps = [...together(every([0, 30], 'A', 100), every([5, 20], 'B', 90)), [20.4, 'B', 0]] as const;
    const { events, report } = play([...steps]);
    const event = events.find(({ event: name }) => name === 'split-brain-ended');
    if (event === undefined || !('splitBrain' in event)) throw new Error('it did not end');
    expect(report.virtualRouters[0]?.advertisers.map(({ priority }) => priority)).toContain(0);
    expect(endMail(WHO, event, report).text).toMatch(
      /^masters +10\.0\.0\.1 \(priority 100\) and 10\.0\.0\.2 \(priority 90\)$/m,
    );
  });

  test('text from outside cannot become a header or an attachment', async () => {
    const evil = 'eth0\r\nBcc: thief@example.com\r\n\r\nhello\u0000\u2028';
    const event = named(confirmed(), { interface: evil });
    const cause = { ...event.splitBrain.cause, summary: `x\r\nX-Evil: 1\r\n.\r\nQUIT\r\n` };
    const server = await serve();
    const mail = startMail(
      WHO,
      { ...event, splitBrain: { ...event.splitBrain, cause } },
      { ...SPLIT.report, virtualRouters: [] },
      false,
    );
    await smtpTransport(localServer(server), null)(mail, new AbortController().signal);
    const [received] = server.mails;
    expect(received?.recipients).toEqual(['admin@example.org', 'root@localhost']);
    expect(Object.keys(received?.headers ?? {}).sort()).toEqual([
      'auto-submitted',
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
    ]);
    expect(received?.headers['subject']).toContain('on eth0\\x0d\\x0aBcc: thief@example.com');
    expect(received?.body).toContain('x\\x0d\\x0aX-Evil: 1');
  });
});

test('a recipient that is refused is named, and one that is put off gets the mail later', async () => {
  const server = await serve({
    onRcptTo({ address }, _session, done) {
      const code = { 'gone@example.org': 550, 'grey@example.org': isGrey ? 450 : 0 }[address] ?? 0;
      done(code === 0 ? null : Object.assign(new Error('not now'), { responseCode: code }));
    },
  });
  let isGrey = true;
  const who = { ...WHO, to: ['admin@example.org', 'gone@example.org', 'grey@example.org'] };
  const mail = startMail(who, confirmed(), SPLIT.report, false);
  const send = smtpTransport(localServer(server), null);
  await expect(send(mail, new AbortController().signal)).rejects.toMatchObject({
    message: expect.stringMatching(/refused gone@example.org: .*550.*grey@example.org: .*450/),
    isPermanent: false,
    isOfThisMail: true,
  });
  isGrey = false;
  await send(mail, new AbortController().signal);
  expect(server.mails.map(({ recipients }) => recipients)).toEqual([['admin@example.org'], ['grey@example.org']]);
});

test('an only recipient that is put off says nothing about the next mail, a server that is not reached does', async () => {
  const server = await serve({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('not now'), { responseCode: 450 })),
  });
  const send = smtpTransport(localServer(server), null);
  await expect(send(...anyMail())).rejects.toMatchObject({ isPermanent: false, isOfThisMail: true });
  await server.stop();
  servers = [];
  await expect(send(...anyMail())).rejects.toMatchObject({ isPermanent: false, isOfThisMail: false });
});

describe('server', () => {
  test.each([
    ['smtp://mail.example.org', { host: 'mail.example.org', port: 25, isTls: false, user: null }],
    ['smtp://me@mail.example.org', { host: 'mail.example.org', port: 587, isTls: false, user: 'me' }],
    ['smtp://me%40example.org@mail:2525/', { host: 'mail', port: 2525, isTls: false, user: 'me@example.org' }],
    ['smtps://[2001:db8::1]', { host: '2001:db8::1', port: 465, isTls: true, user: null }],
    ['smtp://me:geheim@mail', expect.stringContaining('command line')],
    ['http://mail', expect.stringContaining('smtp://')],
    ['mail.example.org', expect.stringContaining('smtp://')],
    ['smtp://mail/path', expect.stringContaining('follow the host')],
  ])('%s is read', (text, server) => {
    expect(parseSmtpUrl(text)).toEqual(server);
  });

  test('a login elsewhere is encrypted and the certificate checked, on this host it is as the server likes', () => {
    const elsewhere = { host: 'mail.example.org', port: 587, isTls: false, user: 'me' };
    expect(connectionOptions(elsewhere)).toMatchObject({ requireTLS: true, tls: { rejectUnauthorized: true } });
    expect(connectionOptions({ ...elsewhere, isTls: true })).toMatchObject({
      secure: true,
      tls: { rejectUnauthorized: true },
    });
    expect(connectionOptions({ ...elsewhere, host: 'localhost' })).toMatchObject({ requireTLS: false });
  });

  test.each([
    ['127.0.0.1', false],
    ['127.8.9.10', false],
    ['::1', false],
    ['127.evil.example', true],
    ['127.0.0.1.evil.example', true],
    ['10.0.0.1', true],
  ])('a login at %s has to be encrypted: %s', (host, requireTLS) => {
    expect(connectionOptions({ host, port: 587, isTls: false, user: 'me' })).toMatchObject({
      requireTLS,
      tls: { rejectUnauthorized: requireTLS },
    });
  });

  test('a mail arrives with the password of the environment, which is then gone from there', async () => {
    const server = await serve();
    vi.stubEnv('VRRPWATCH_SMTP_PASSWORD', 'geheim');
    const transport = smtpTransport({ ...localServer(server), user: 'watcher' }, null);
    expect(process.env['VRRPWATCH_SMTP_PASSWORD']).toBeUndefined();
    await transport(...anyMail());
    expect(server.mails).toMatchObject([{ user: 'watcher', recipients: ['admin@example.org', 'root@localhost'] }]);
    expect(server.mails[0]?.raw).not.toContain('geheim');
    vi.unstubAllEnvs();
  });

  test('a mail arrives by STARTTLS and by TLS, with the password of a file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-mail-'));
    const file = join(directory, 'password');
    writeFileSync(file, 'geheim\n');
    const plain = await serve();
    const tls = await serve({ secure: true });
    for (const [server, isTls] of [
      [plain, false],
      [tls, true],
    ] as const) {
      const transport = smtpTransport({ ...localServer(server), isTls, user: 'watcher' }, file);
      await transport(...anyMail());
      expect(server.mails).toMatchObject([{ user: 'watcher', isEncrypted: true }]);
    }
    rmSync(directory, { recursive: true });
  });

  test('a certificate that nobody vouches for is refused elsewhere', async () => {
    const server = await serve({ secure: true });
    const transport = smtpTransport({ ...ELSEWHERE, port: server.port, isTls: true }, null);
    await expect(transport(...anyMail())).rejects.toThrow(/certificate/);
    expect(server.mails).toEqual([]);
  });

  test('a login elsewhere is not tried where there is no STARTTLS', async () => {
    const server = await serve({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
    vi.stubEnv('VRRPWATCH_SMTP_PASSWORD', 'geheim');
    const transport = smtpTransport({ ...ELSEWHERE, port: server.port, user: 'watcher' }, null);
    vi.unstubAllEnvs();
    await expect(transport(...anyMail())).rejects.toThrow(/STARTTLS/);
    expect([server.logins, server.mails]).toEqual([[], []]);
  });

  test('a refused login is permanent, and neither the message nor the log holds the password', async () => {
    const server = await serve();
    vi.stubEnv('VRRPWATCH_SMTP_PASSWORD', 'wrong-secret');
    const transport = smtpTransport({ ...localServer(server), user: 'watcher' }, null);
    vi.unstubAllEnvs();
    const teller = tellerOf(transport);
    teller.event(confirmed());
    await teller.stop();
    expect(server.logins).toEqual(['watcher']);
    expect(complaints).toEqual([expect.stringMatching(/given up: 127\.0\.0\.1:\d+ refused the login: .*no such user/)]);
    expect(complaints.join()).not.toContain('wrong-secret');
  });
});

describe('local sendmail', () => {
  test('it gets the mail with -t -i, and a failure of it is tried again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-mail-'));
    const script = `#!/bin/sh\necho "$@" > ${directory}/arguments; cat > ${directory}/mail; exit $(cat ${directory}/status)\n`;
    writeFileSync(join(directory, 'sendmail'), script, { mode: 0o755 });
    vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`);
    const transport = sendmailTransport();
    vi.unstubAllEnvs();
    const deliver = () => transport(...anyMail());
    writeFileSync(join(directory, 'status'), '0');
    await deliver();
    expect(readFileSync(join(directory, 'arguments'), 'utf8')).toBe('-t -i\n');
    const raw = readFileSync(join(directory, 'mail'), 'latin1');
    expect(raw).not.toContain('\r');
    expect(parseMail(raw).headers).toMatchObject({
      to: 'admin@example.org, root@localhost',
      from: 'vrrpwatch <vrrpwatch@example.org>',
    });
    writeFileSync(join(directory, 'status'), '75');
    await expect(deliver()).rejects.toMatchObject({ message: 'sendmail failed with status 75', isPermanent: false });
    rmSync(directory, { recursive: true });
  });

  test('one that cannot be started for want of file descriptors is tried again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-mail-'));
    writeFileSync(join(directory, 'sendmail'), '', { mode: 0o755 });
    vi.stubEnv('PATH', directory);
    const transport = sendmailTransport();
    vi.unstubAllEnvs();
    vi.mocked(spawn).mockImplementationOnce(childless);
    await expect(transport(...anyMail())).rejects.toMatchObject({
      name: 'MailError',
      message: 'sendmail: spawn EMFILE',
      isPermanent: false,
    });
    rmSync(directory, { recursive: true });
  });

  test('one that cannot be started does not hold up the end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-mail-'));
    writeFileSync(join(directory, 'sendmail'), '', { mode: 0o755 });
    vi.stubEnv('PATH', directory);
    const transport = sendmailTransport();
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
    const timers: NodeJS.Timeout[] = [];
    const hook = createHook({
      init: (_id, type, _trigger, resource) => {
        if (type === 'Timeout') timers.push(resource as NodeJS.Timeout);
      },
    }).enable();
    await expect(transport(...anyMail())).rejects.toMatchObject({ message: expect.stringMatching(/ENOENT$/) });
    hook.disable();
    expect(timers.filter((timer) => timer.hasRef())).toEqual([]);
  });

  test('a machine without one is told of --smtp', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    if (findProgram('sendmail', ['/usr/sbin', '/usr/lib']) === null) {
      expect(sendmailTransport).toThrow('there is no sendmail on this machine');
    } else expect(sendmailTransport).not.toThrow();
    vi.unstubAllEnvs();
  });
});

describe('more mails than may wait', () => {
  /** Split brains of virtual routers 1 to 60, as many minutes apart as the limit of mails per hour asks for. */
  async function tellOfSixty(teller: MailTeller): Promise<void> {
    for (let vrid = 1; vrid <= 60; vrid++) {
      teller.event(named(confirmed(), { vrid }));
      await vi.advanceTimersByTimeAsync(3.1 * 60_000);
    }
  }

  function vrids(from: number, to: number): number[] {
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }

  function vridOf({ subject }: { subject: string }): number {
    return Number(/vrid (\d+)/.exec(subject)?.[1]);
  }

  test('the oldest are given up and that is said; of the others all arrive once the server is back', async () => {
    vi.useFakeTimers();
    const sent: number[] = [];
    let isDead = true;
    const teller = tellerOf(async (mail) => {
      if (isDead) throw new MailError('no answer', false);
      sent.push(vridOf(mail));
    });
    await tellOfSixty(teller);
    isDead = false;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(sent).toEqual(vrids(11, 60));
    expect(complaints.filter((text) => text === '--mail-to: too many mails wait, the oldest is given up')).toHaveLength(
      10,
    );
  });

  test('the one that the server is just taking is not among them', async () => {
    vi.useFakeTimers();
    const sent: number[] = [];
    let answer = (): void => undefined;
    const teller = tellerOf(async (mail) => {
      sent.push(vridOf(mail));
      if (sent.length > 1) return;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    await tellOfSixty(teller);
    expect(sent).toEqual([1]);
    answer();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([1, ...vrids(12, 60)]);
  });
});

describe('command line', () => {
  test.each([
    [['--smtp', 'smtp://me:geheim@mail', '--mail-to', 'root'], 'command line'],
    [['--smtp', 'smtp://me@mail', '--mail-to', 'root'], 'the login has no password'],
    [['--smtp', 'smtp://me@mail', '--mail-to', 'root', '--smtp-password-file', '/nonexistent'], 'ENOENT'],
    [['--smtp', 'smtp://mail'], '--smtp goes with --mail-to'],
    [['--mail-to', 'a@b\r\nBcc: c@d'], 'An address is'],
    [['--mail-to', '-oQ/tmp'], 'An address is'],
    [['--mail-to', 'root', '--check'], 'live watch only'],
  ])('%j is refused', async (args, message) => {
    const { status, stderr } = await runCli(['-i', 'lo', ...args]);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('geheim');
    expect(status).toBe(3);
  });
});

describe('when', () => {
  test('one mail when it starts, after the cause is known, and one when it ends', async () => {
    vi.useFakeTimers();
    const { sent, transport } = recorder();
    const teller = tellerOf(transport);
    teller.event(confirmed());
    await vi.advanceTimersByTimeAsync(2_900);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toHaveLength(1);
    teller.event(ended());
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.map(kind)).toEqual(['SPLIT BRAIN', 'split brain ended']);
    expect(complaints).toEqual([]);
  });

  test('one mail more in its thread when another node is to blame, unless the first one waits still', async () => {
    vi.useFakeTimers();
    const { sent, transport } = recorder();
    const teller = tellerOf(transport);
    const correction = { ...confirmed(), isCorrection: true } as SplitBrainEvent;
    teller.event(confirmed());
    await vi.advanceTimersByTimeAsync(1_000);
    teller.event(correction);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map(kind)).toEqual(['SPLIT BRAIN']);
    teller.event(correction);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.map(kind)).toEqual(['SPLIT BRAIN', 'SPLIT BRAIN correction']);
    const [start, corrected] = sent as Mail[];
    expect(corrected?.references).toBe(start?.messageId);
    expect(corrected?.text).toContain('The split brain of virtual router 51 goes on');
  });

  test('a split brain that comes and goes is a digest every quarter of an hour', async () => {
    vi.useFakeTimers();
    const { sent, transport } = recorder();
    const teller = tellerOf(transport);
    for (let i = 0; i < 20; i++) {
      teller.event(confirmed());
      await vi.advanceTimersByTimeAsync(20_000);
      teller.event(ended());
      await vi.advanceTimersByTimeAsync(40_000);
    }
    expect(sent.map(kind)).toEqual([
      'SPLIT BRAIN',
      'split brain ended',
      'SPLIT BRAIN',
      'split brain ended',
      'SPLIT BRAIN',
      'SPLIT BRAIN digest',
    ]);
    expect(sent[4]?.text).toContain('a digest follows');
    expect(sent[5]?.text).toMatch(/began 15 times, ended 15 times, now going on/);
    await teller.stop();
    expect(sent).toHaveLength(7);
  });

  test('a flood of virtual routers is twenty mails and a digest', async () => {
    vi.useFakeTimers();
    const { sent, transport } = recorder();
    const teller = tellerOf(transport);
    for (let vlan = 1; vlan <= 1000; vlan++) teller.event(named(confirmed(), { vlan }));
    await vi.advanceTimersByTimeAsync(16 * 60_000);
    expect(sent).toHaveLength(21);
    expect(sent.at(-1)?.subject).toContain('SPLIT BRAIN digest 980 virtual routers');
    expect(sent.at(-1)?.text).toContain('and 930 more');
  });

  test('a split brain that comes and goes is known to do so also after a flood of others', async () => {
    vi.useFakeTimers();
    const { sent, transport } = recorder();
    const teller = tellerOf(transport);
    for (let vlan = 1; vlan <= 5000; vlan++) {
      teller.event(named(confirmed(), { vlan }));
      if (vlan % 1000 === 0) teller.event(confirmed());
    }
    // By then the limit lets one mail more through, which this one would be were it not known.
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    const before = sent.length;
    teller.event(confirmed());
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sent).toHaveLength(before);
  });

  test('other events are not mailed', async () => {
    const { sent, transport } = recorder();
    const teller = tellerOf(transport);
    for (const event of SPLIT.events) if (!('splitBrain' in event)) teller.event(event);
    await teller.stop();
    expect(sent).toEqual([]);
  });

  test('a server that is dead is tried again with longer and longer pauses, and the same mail arrives', async () => {
    vi.useFakeTimers();
    const atMs: number[] = [];
    const ids = new Set<string>();
    const transport: MailTransport = async ({ messageId }) => {
      atMs.push(Date.now());
      ids.add(messageId);
      if (atMs.length < 6) throw new MailError('no answer', false);
    };
    const teller = tellerOf(transport);
    teller.event(confirmed());
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(atMs.slice(1).map((ms, i) => Math.round((ms - (atMs[i] ?? 0)) / 1000))).toEqual([5, 15, 60, 300, 900]);
    expect(ids.size).toBe(1);
    expect(complaints).toEqual(['--mail-to: will be tried again: no answer', '--mail-to: delivered at attempt 6']);
  });

  test('a mail that the server puts off for its recipient does not hold up the next one, nor the end', async () => {
    vi.useFakeTimers();
    const sent: string[] = [];
    const transport: MailTransport = async (mail) => {
      if (mail.subject.includes('vrid 1:')) throw new MailError('450 not now', false, true);
      sent.push(mail.subject);
    };
    const teller = tellerOf(transport);
    for (const vrid of [1, 2]) teller.event(named(confirmed(), { vrid }));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sent).toEqual([expect.stringContaining('vrid 2:')]);
    teller.event(named(confirmed(), { vrid: 3 }));
    await teller.stop();
    expect(sent.at(-1)).toContain('vrid 3:');
    expect(complaints.at(-1)).toBe('--mail-to: 1 mail was not delivered');
  });

  test('a mail that was put off is tried again while nothing else waits', async () => {
    vi.useFakeTimers();
    const atMs: number[] = [];
    const transport: MailTransport = async () => {
      atMs.push(Date.now());
      if (atMs.length < 4) throw new MailError('450 not now', false, true);
    };
    const teller = tellerOf(transport);
    teller.event(confirmed());
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(atMs.slice(1).map((ms, i) => Math.round((ms - (atMs[i] ?? 0)) / 1000))).toEqual([5, 15, 60]);
  });

  test('a mail that cannot be written is given up, and the next one is sent', async () => {
    vi.useFakeTimers();
    const { sent, transport } = recorder();
    let asked = 0;
    const teller = tellerOf(transport, () => {
      if (++asked === 1) throw new Error('no report');
      return SPLIT.report;
    });
    teller.event(named(confirmed(), { vrid: 1 }));
    teller.event(named(confirmed(), { vrid: 2 }));
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sent.map(({ subject }) => subject)).toEqual([expect.stringContaining('vrid 2:')]);
    expect(complaints).toEqual(['--mail-to: given up: no report']);
  });

  test('at the end nothing is said to be tried again: not a mail that fails, nor one that hangs', async () => {
    vi.useFakeTimers();
    const failing = tellerOf(async () => {
      throw new MailError('no answer', false);
    });
    failing.event(confirmed());
    await failing.stop();
    expect(complaints).toEqual(['--mail-to: not delivered: no answer', '--mail-to: 1 mail was not delivered']);
    complaints = [];
    const hanging = tellerOf(
      (_mail, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new MailError('called off', false)));
        }),
    );
    hanging.event(confirmed());
    await vi.advanceTimersByTimeAsync(4_000);
    const stopped = hanging.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    await stopped;
    expect(complaints).toEqual(['--mail-to: 1 mail was not delivered']);
  });

  test('a server that stays dead costs neither memory nor the end of vrrpwatch', async () => {
    const server = await serve();
    const { port } = server;
    await server.stop();
    servers = [];
    const teller = tellerOf(smtpTransport({ host: '127.0.0.1', port, isTls: false, user: null }, null));
    for (let vrid = 1; vrid <= 200; vrid++) teller.event(named(confirmed(), { vrid }));
    await teller.stop();
    expect(complaints.at(0)).toMatch(/not delivered: 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect(complaints.at(-1)).toMatch(/mails were not delivered/);
  });
});

function tellerOf(transport: MailTransport, report = () => SPLIT.report): MailTeller {
  const complain = (message: string) => complaints.push(message);
  return new MailTeller({ transport, to: WHO.to, from: WHO.from, report, complain });
}

function recorder() {
  const sent: { subject: string; text: string }[] = [];
  const transport: MailTransport = async (mail) => {
    sent.push(mail);
  };
  return { sent, transport };
}

function anyMail(): Parameters<MailTransport> {
  return [startMail(WHO, confirmed(), SPLIT.report, false), new AbortController().signal];
}

function kind({ subject }: { subject: string }): string {
  return /SPLIT BRAIN digest|SPLIT BRAIN correction|SPLIT BRAIN|split brain ended/.exec(subject)?.[0] ?? subject;
}

async function serve(options: Parameters<typeof mailServer>[0] = {}): Promise<MailServer> {
  const server = await mailServer(options);
  servers.push(server);
  return server;
}

function localServer({ port }: MailServer): SmtpServer {
  return { host: '127.0.0.1', port, isTls: false, user: null };
}

function confirmed(): SplitBrainEvent {
  return splitBrainEvent('split-brain-confirmed');
}

function ended(): SplitBrainEvent {
  return splitBrainEvent('split-brain-ended');
}

function splitBrainEvent(name: WatchEvent['event']): SplitBrainEvent {
  const event = SPLIT.events.find((each) => each.event === name);
  if (event === undefined || !('splitBrain' in event)) throw new Error(`no ${name} in ${SPLIT.eventNames}`);
  return event;
}

function named(event: SplitBrainEvent, changes: Partial<RouterIdentity>): SplitBrainEvent {
  const key = `${event.router.key} ${JSON.stringify(changes)}`;
  return { ...event, router: { ...event.router, key, ...changes } };
}
