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
  const inHex = frames.map((bytes) => Buffer.from(bytes).toString('hex'));
  execFileSync('python3', ['-c', SENDER, interfaceName, ...inHex]);
}
