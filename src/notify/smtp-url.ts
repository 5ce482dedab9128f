import { isIP } from 'node:net';

/** A mail server. The password comes from elsewhere: command lines are seen by everybody on the machine. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, else STARTTLS where the server has it. */
  readonly isTls: boolean;
  readonly user: string | null;
}

const DEFAULT_PORTS = { relay: 25, submission: 587, tls: 465 } as const;

/** Reads `smtp://user@host:587` or `smtps://host`; for anything else, what is wrong with it. */
export function parseSmtpUrl(text: string): SmtpServer | string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    return 'a server is smtp://[USER@]HOST[:PORT] or smtps://[USER@]HOST[:PORT]';
  }
  if (url.password !== '') {
    return 'a password does not belong on the command line: --smtp-password-file or VRRPWATCH_SMTP_PASSWORD';
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return 'nothing may follow the host';
  const isTls = url.protocol === 'smtps:';
  const user = url.username === '' ? null : decoded(url.username);
  const usual = isTls ? DEFAULT_PORTS.tls : user === null ? DEFAULT_PORTS.relay : DEFAULT_PORTS.submission;
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? usual : Number(url.port), isTls, user };
}

/** True for a server on this machine: what goes there is seen by nobody else. */
export function isLoopback({ host }: SmtpServer): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
