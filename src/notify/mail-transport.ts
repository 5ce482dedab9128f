import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { findProgram } from '../find-program.ts';
import { printable } from '../output/escape.ts';
import { UserError } from '../user-error.ts';
import type { Mail } from './mail-message.ts';
import { isLoopback, type SmtpServer } from './smtp-url.ts';

/** Delivers one mail to a server or to the local sendmail, unless the signal calls it off; rejects with `MailError`. */
export type MailTransport = (mail: Mail, signal: AbortSignal) => Promise<void>;

/** Why a mail was not taken. */
export class MailError extends Error {
  /** True when trying again cannot help. */
  readonly isPermanent: boolean;
  /** True when the server refused this mail or a recipient of it, and may take another. */
  readonly isOfThisMail: boolean;

  constructor(message: string, isPermanent: boolean, isOfThisMail = false) {
    super(message);
    this.name = 'MailError';
    this.isPermanent = isPermanent;
    this.isOfThisMail = isOfThisMail;
  }
}

const PASSWORD_VARIABLE = 'VRRPWATCH_SMTP_PASSWORD';

/** Where sendmail is when it is not in PATH, which is the rule for those who are not root. */
const SENDMAIL_DIRECTORIES = ['/usr/sbin', '/usr/lib'];

/** A local sendmail only queues. */
const SENDMAIL_LIMIT_MS = 30_000;

const CONNECT_LIMIT_MS = 10_000;
const SILENCE_LIMIT_MS = 30_000;

/** No mail of ours names a file or an address to take contents from. */
const OWN_TEXT_ONLY = { disableFileAccess: true, disableUrlAccess: true } as const;

/** What nodemailer's errors carry beside the message. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly recipient?: string;
}

/** @throws UserError when a login has no password */
export function smtpTransport(server: SmtpServer, passwordFile: string | null): MailTransport {
  const { user } = server;
  const transport = createTransport({
    ...connectionOptions(server),
    ...(user === null ? {} : { auth: { user, pass: readPassword(passwordFile) } }),
  });
  /** Who has yet to get a mail that others got. */
  const remaining = new WeakMap<Mail, readonly string[]>();
  return async (mail, signal) => {
    const to = remaining.get(mail) ?? mail.to.map(({ address }) => address);
    const envelope = { from: mail.from.address, to: [...to] };
    let refused: readonly SmtpError[];
    try {
      const sent = await transport.sendMail({ ...mail, ...OWN_TEXT_ONLY, envelope, signal });
      refused = (sent.rejectedErrors ?? []) as SmtpError[];
    } catch (error) {
      throw smtpFailure(server, error as SmtpError);
    }
    if (refused.length === 0) return;
    const later = refused.filter(({ responseCode = 0 }) => responseCode < 500);
    remaining.set(
      mail,
      later.map(({ recipient = '' }) => recipient),
    );
    const reasons = refused.map(({ recipient, message }) => `${recipient}: ${message}`).join('; ');
    throw new MailError(printable(`${server.host}:${server.port} refused ${reasons}`), later.length === 0, true);
  };
}

/** A password is sent encrypted or, to this machine itself, as the server likes. Certificates are checked but here. */
export function connectionOptions(server: SmtpServer) {
  const { host, port, isTls, user } = server;
  const isHere = isLoopback(server);
  return {
    host,
    port,
    secure: isTls,
    requireTLS: !isTls && user !== null && !isHere,
    opportunisticTLS: isHere,
    tls: { rejectUnauthorized: !isHere },
    connectionTimeout: CONNECT_LIMIT_MS,
    greetingTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
  };
}

/** @throws UserError when this machine has no sendmail */
export function sendmailTransport(): MailTransport {
  const path = findProgram('sendmail', SENDMAIL_DIRECTORIES);
  if (path === null) {
    throw new UserError('--mail-to: there is no sendmail on this machine', 'name a mail server: --smtp smtp://HOST');
  }
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return async (mail, signal) => {
    const { message } = await composer.sendMail({ ...mail, ...OWN_TEXT_ONLY });
    await pipeTo(path, message as Buffer, signal);
  };
}

function readPassword(file: string | null): string {
  const given = process.env[PASSWORD_VARIABLE];
  // Programs that are run from here need not know it.
  delete process.env[PASSWORD_VARIABLE];
  if (file === null) {
    if (given) return given;
    throw new UserError('--smtp: the login has no password', `--smtp-password-file FILE or ${PASSWORD_VARIABLE}`);
  }
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    throw new UserError(`--smtp-password-file: ${error instanceof Error ? error.message : error}`);
  }
}

function smtpFailure({ host, port }: SmtpServer, { code, responseCode = 0, message }: SmtpError): MailError {
  const where = `${host}:${port}`;
  // 4xx asks to come again, a refused login too.
  const isPermanent = responseCode >= 500 || (code === 'EAUTH' && responseCode === 0);
  const text = code === 'EAUTH' ? `${where} refused the login: ${message}` : `${where}: ${message}`;
  return new MailError(printable(text), isPermanent, code === 'EENVELOPE' || code === 'EMESSAGE');
}

function pipeTo(path: string, message: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const sendmail: ChildProcess = spawn(path, ['-t', '-i'], { stdio: ['pipe', 'ignore', 'ignore'], signal });
    // Not by the option of `spawn`, whose timer goes on when nothing was started, and keeps vrrpwatch from ending.
    setTimeout(() => sendmail.kill(), SENDMAIL_LIMIT_MS).unref();
    sendmail.once('error', (error) => reject(new MailError(`sendmail: ${error.message}`, false)));
    sendmail.once('exit', (status, signal) => {
      if (status === 0) resolve();
      else
        reject(
          new MailError(`sendmail ${signal === null ? `failed with status ${status}` : `ended by ${signal}`}`, false),
        );
    });
    // Short of file descriptors, node makes no streams.
    sendmail.stdin?.on('error', () => undefined);
    sendmail.stdin?.end(message);
  });
}
