import type { ChildProcess } from 'node:child_process';
import { end, spawnIn } from './command.ts';

/** A time during which a node had a virtual address configured; microseconds since the Unix epoch. */
export interface HeldAddress {
  readonly node: string;
  readonly address: string;
  readonly fromUs: number;
  /** Null while it lasts. */
  readonly toUs: number | null;
}

/** The kernel's own account of who has the virtual addresses: the truth, whatever keepalived believes. */
export class AddressMonitor {
  readonly #node: string;
  readonly #addresses: ReadonlySet<string>;
  readonly #process: ChildProcess;
  readonly #held: HeldAddress[] = [];
  #rest = '';
  #nowUs = 0;

  constructor(node: string, namespace: string, addresses: ReadonlySet<string>) {
    this.#node = node;
    this.#addresses = addresses;
    this.#process = spawnIn(namespace, 'ip', '-timestamp', '-oneline', 'monitor', 'address');
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#read(chunk.toString()));
  }

  intervals(): HeldAddress[] {
    return [...this.#held];
  }

  stop(): Promise<void> {
    return end(this.#process, 'SIGKILL');
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#readLine(line);
  }

  /** `Timestamp: Sun Nov 22 15:30:00 2026 123456 usec`, then `[Deleted ]3: eth0    inet 10.9.0.100/24 ...`. */
  #readLine(line: string): void {
    const stamp = /^Timestamp: (.*) (\d+) usec/.exec(line);
    if (stamp !== null) this.#nowUs = Date.parse(`${stamp[1]} UTC`) * 1000 + Number(stamp[2]);
    const address = /\binet6? ([^/ ]+)/.exec(line)?.[1];
    if (address === undefined || !this.#addresses.has(address)) return;
    const open = this.#held.findIndex((each) => each.address === address && each.toUs === null);
    const held = this.#held[open];
    if (!line.startsWith('Deleted')) {
      if (held === undefined) this.#held.push({ node: this.#node, address, fromUs: this.#nowUs, toUs: null });
    } else if (held !== undefined) this.#held[open] = { ...held, toUs: this.#nowUs };
  }
}
