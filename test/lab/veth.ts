import { execFileSync } from 'node:child_process';

/** Two interfaces joined by a cable: a test captures on `near` and sends from `far`. */
export interface VethPair {
  readonly near: string;
  readonly far: string;
  create(): void;
  remove(): void;
}

export function vethPair(): VethPair {
  const near = `vw${process.pid}a`;
  const far = `vw${process.pid}b`;
  return {
    near,
    far,
    create() {
      ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
      for (const name of [near, far]) ip('link', 'set', name, 'up');
    },
    remove: () => ip('link', 'del', near),
  };
}

export function ip(...args: string[]): void {
  execFileSync('ip', args);
}

const SENDER = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for frame in sys.argv[2:]: s.send(bytes.fromhex(frame))
`;

/** Sends whole Ethernet frames, once each. */
export function send(interfaceName: string, ...frames: readonly Uint8Array[]): void {
  execFileSync('python3', sending(interfaceName, frames));
}

/** Sends them from an interface of a network namespace. */
export function sendIn(namespace: string, interfaceName: string, ...frames: readonly Uint8Array[]): void {
  ip('netns', 'exec', namespace, 'python3', ...sending(interfaceName, frames));
}

function sending(interfaceName: string, frames: readonly Uint8Array[]): string[] {
  return ['-c', SENDER, interfaceName, ...frames.map((bytes) => Buffer.from(bytes).toString('hex'))];
}
