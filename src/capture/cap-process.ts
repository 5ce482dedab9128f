import type { EventEmitter } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CAP_UNAVAILABLE_STATUS } from './cap-engine.ts';
import { createPcapWriter } from './pcap-writer.ts';
import { createWallClock } from './wall-clock.ts';

/**
 * The capture process: frames from the `cap` addon as a classic pcap stream on stdout.
 *
 * Arguments: interface, filter, ring size in KiB, snapshot length in bytes. It ends when its stdin or stdout closes,
 * and by SIGABRT when the interface goes down, which the addon takes for a programming error. It ends, too, when it was
 * stopped for a while: the addon does not tell when a frame came, so what waited in the ring cannot be given a time.
 */

/** What is used of the addon. */
interface CapAddon {
  readonly Cap: new () => EventEmitter & {
    open(device: string, filter: string, bufferSizeBytes: number, buffer: Buffer): string;
  };
}

/** The addon's names for libpcap's DLT_ numbers; any other comes as "Unknown linktype N". */
const LINK_TYPES: Readonly<Record<string, number>> = {
  NULL: 0,
  ETHERNET: 1,
  RAW: 101,
  LINKTYPE_LINUX_SLL: 113,
  IEEE802_11_RADIO: 127,
};

/** The addon copies at most this much of a frame; the snapshot length that it asks libpcap for is the same. */
const MAX_FRAME_BYTES = 65535;

/** How often the clock is set against the system's, in milliseconds. */
const CLOCK_CHECK_MS = 1000;

/** Without a turn of the event loop for so long, in milliseconds, this process was stopped, starved, or its reader was. */
const STALL_MS = 2 * CLOCK_CHECK_MS;

/** User and group `nobody`. */
const NOBODY_ID = 65534;

const [interfaceName = '', filter = '', bufferSizeKib = '', snapLength = ''] = process.argv.slice(2);
run(interfaceName, filter, Number(bufferSizeKib) * 1024, Math.min(Number(snapLength), MAX_FRAME_BYTES));

function run(device: string, expression: string, bufferSizeBytes: number, snapLengthBytes: number): void {
  endWithParent();
  const { Cap } = loadAddon();
  const capture = new Cap();
  const frame = Buffer.alloc(MAX_FRAME_BYTES);
  let linkType: number;
  try {
    linkType = linkTypeNumber(capture.open(device, expression, bufferSizeBytes, frame));
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), 1);
  }
  dropPrivileges();

  const clock = createWallClock(0, performance.timeOrigin);
  let aliveMs = performance.now();
  const nowMs = (): number => {
    const beforeMs = aliveMs;
    aliveMs = performance.now();
    const stalledMs = aliveMs - beforeMs;
    if (stalledMs > STALL_MS) fail(`it was stopped for ${Math.round(stalledMs / 1000)} s`, 1);
    return aliveMs;
  };
  setInterval(() => clock.correct(nowMs(), Date.now()), CLOCK_CHECK_MS);
  const writer = createPcapWriter(linkType, snapLengthBytes, writeToParent);
  let isFlushDue = false;
  capture.on('packet', (length: number) => {
    writer.add(frame, length, clock.nowUs(nowMs()));
    if (isFlushDue) return;
    // The addon emits all that waits in the ring within one turn of the event loop: one write for them together.
    isFlushDue = true;
    setImmediate(() => {
      isFlushDue = false;
      writer.flush();
    });
  });
}

/** A watcher that died must not leave its capture behind. */
function endWithParent(): void {
  // A terminal or a file on stdin says nothing about the parent: someone runs this by hand.
  if (!fstatSync(0).isSocket() && !fstatSync(0).isFIFO()) return;
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
}

function loadAddon(): CapAddon {
  try {
    return createRequire(import.meta.url)('cap') as CapAddon;
  } catch (error) {
    return fail(`cap cannot be loaded: ${loadFailure(error)}`, CAP_UNAVAILABLE_STATUS);
  }
}

function linkTypeNumber(name: string): number {
  const number = LINK_TYPES[name] ?? Number(name.replace('Unknown linktype ', ''));
  return Number.isInteger(number) ? number : fail(`unknown link type ${name}`, 1);
}

/** The socket is open and nothing else of root is needed. Best effort: in a container the ids may not exist. */
function dropPrivileges(): void {
  if (process.getuid?.() !== 0) return;
  try {
    process.setgroups?.([]);
    process.setgid?.(NOBODY_ID);
    process.setuid?.(NOBODY_ID);
  } catch {}
}

/** Blocks while the parent is busy: the ring keeps the frames meanwhile, and its size is the user's to choose. */
function writeToParent(bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(1, bytes, written);
  } catch {
    process.exit(0);
  }
}

/** The first sentence of what node says, which goes on for several lines. */
function loadFailure(error: unknown): string {
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND') return 'it is not installed, or not built';
  return message.replaceAll('\n', ' ').split('. ', 1)[0] ?? message;
}

function fail(message: string, status: number): never {
  writeSync(2, `cap: ${message}\n`);
  process.exit(status);
}
