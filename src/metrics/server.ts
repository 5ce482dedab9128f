import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UserError } from '../user-error.ts';
import { CONTENT_TYPE } from './exposition.ts';
import { formatListenAddress, type ListenAddress } from './listen-address.ts';
import { Problem } from './problem.ts';

/** Scrapers at the same time; whoever comes after is hung up on. */
const CONNECTIONS_MAX = 32;

/** Whoever asks more often gets the same answer again: judging the watch is not free. */
const FRESH_MS = 1_000;

/** Serves `/metrics` and nothing else. */
export class MetricsServer {
  readonly #server: Server;
  readonly #metrics: () => Promise<string>;
  readonly #problem: Problem;
  #answer: Promise<string> | null = null;
  #answerMs = 0;

  private constructor(metrics: () => Promise<string>, complain: (message: string) => void) {
    this.#metrics = metrics;
    this.#problem = new Problem((message) => complain(`--metrics: ${message}`));
    this.#server = createServer((request, response) => {
      const path = request.url?.split('?', 1)[0];
      if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405);
      else if (path !== '/metrics') refuse(response, 404);
      else void this.#serve(response);
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.requestTimeout = 10_000;
  }

  /**
   * Listens.
   *
   * @throws UserError when the port is taken or may not be used
   */
  static async listen(
    address: ListenAddress,
    metrics: () => Promise<string>,
    complain: (message: string) => void,
  ): Promise<MetricsServer> {
    const server = new MetricsServer(metrics, complain);
    try {
      server.#server.listen(address.port, address.host);
      await once(server.#server, 'listening');
    } catch (error) {
      throw listenError(address, error as NodeJS.ErrnoException);
    }
    // A connection that cannot be accepted, for lack of memory say, does not end the watch.
    server.#server.on('error', (error) => server.#problem.say(error));
    return server;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${formatListenAddress({ host: address, port })}/metrics`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(response: ServerResponse): Promise<void> {
    try {
      const text = await this.#freshAnswer();
      response.writeHead(200, { 'Content-Type': CONTENT_TYPE, 'Content-Length': Buffer.byteLength(text) });
      response.end(text);
      this.#problem.over();
    } catch (error) {
      this.#problem.say(error);
      refuse(response, 500);
    }
  }

  #freshAnswer(): Promise<string> {
    const nowMs = performance.now();
    if (this.#answer === null || nowMs - this.#answerMs > FRESH_MS) {
      this.#answer = this.#metrics();
      this.#answerMs = nowMs;
    }
    return this.#answer;
  }
}

function refuse(response: ServerResponse, status: 404 | 405 | 500): void {
  const text = status === 500 ? 'The metrics could not be made.\n' : 'Metrics are at /metrics, by GET.\n';
  response.writeHead(status, { 'Content-Type': 'text/plain', ...(status === 405 ? { Allow: 'GET, HEAD' } : {}) });
  response.end(text);
}

function listenError(address: ListenAddress, { code, message }: NodeJS.ErrnoException): UserError {
  const where = formatListenAddress(address);
  switch (code) {
    case 'EADDRINUSE':
      return new UserError(`--metrics: ${where} is taken by another program`, 'choose another port');
    case 'EACCES':
      return new UserError(`--metrics: ${where} may not be used`, 'choose a port above 1023');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UserError(`--metrics: this host has no address ${address.host}`, 'ip address show lists them');
    default:
      return new UserError(`--metrics: cannot listen on ${where}: ${message}`);
  }
}
