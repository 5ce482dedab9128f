import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it came in, headers unfolded. */
export interface ReceivedMail {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly raw: string;
  readonly recipients: readonly string[];
  readonly user: string | null;
  readonly isEncrypted: boolean;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Logins that were tried, right or wrong. */
  readonly logins: readonly string[];
  stop(): Promise<void>;
}

/** A real mail server on loopback that takes the login `watcher` with the password `geheim`. */
export async function mailServer(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth({ username = '', password }, _session, done) {
      logins.push(username);
      if (username === 'watcher' && password === 'geheim') done(null, { user: username });
      else done(new Error('no such user'));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const user = typeof session.user === 'string' ? session.user : null;
        const raw = Buffer.concat(chunks).toString('latin1');
        mails.push({ ...parseMail(raw), raw, recipients, user, isEncrypted: session.secure });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    logins,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Headers and text, both decoded. */
export function parseMail(raw: string): Pick<ReceivedMail, 'headers' | 'body'> {
  const text = raw.replaceAll('\r\n', '\n');
  const end = text.indexOf('\n\n');
  const headers: Record<string, string> = {};
  for (const line of text
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')) {
    const [name = '', ...rest] = line.split(': ');
    headers[name.toLowerCase()] = decodeWords(rest.join(': '));
  }
  const encoding = headers['content-transfer-encoding'];
  const body = text.slice(end + 2);
  return { headers, body: encoding === 'quoted-printable' ? decodeQuoted(body) : decodeBase64(body, encoding) };
}

/** RFC 2047. */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?(.*?)\?=/gi, (_, kind: string, word: string) =>
      kind.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString() : decodeQuoted(word.replaceAll('_', ' ')),
    );
}

function decodeQuoted(text: string): string {
  const bytes = text
    .replace(/=\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

function decodeBase64(text: string, encoding: string | undefined): string {
  return encoding === 'base64' ? Buffer.from(text, 'base64').toString() : text;
}
