/** Where to listen for requests. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Others on the network see the metrics only when asked for. */
const LOOPBACK = '127.0.0.1';

/** `9912`, `0.0.0.0:9912`, `[::1]:9912` or `name:9912`; null for anything else. */
export function parseListenAddress(text: string): ListenAddress | null {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  return { host: match[1] ?? match[2] ?? LOOPBACK, port };
}

/** As in a URL. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
