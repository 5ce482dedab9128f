import { readdirSync, readFileSync } from 'node:fs';
import { backbone } from '../support/build-links.ts';
import { erspan, gre, vxlan } from '../support/build-tunnels.ts';
import { type Packet, pcapFile, pcapngFile } from '../support/capture-files.ts';
import { Random } from '../support/simulate/random.ts';
import { everyOutput, faultIn } from './every-output.ts';
import { mutate } from './mutate.ts';

const CAPTURES = new URL('../pcaps/', import.meta.url);

/** Of which there is one for each tunnel, too: a split brain, in Ethernet. */
const MIRRORED = '02_drop_in_backup_oneway_heal.pcap';
const TUNNELS: readonly ((frame: Uint8Array) => Uint8Array)[] = [
  (frame) => vxlan(frame),
  (frame) => gre(frame, { checksum: 1, key: 7, sequence: 2, outerSrc: 'fe80::1', outerDst: 'fe80::2' }),
  (frame) => gre(frame.subarray(14), { type: 0x0800 }),
  (frame) => erspan(frame),
  (frame) => erspan(vxlan(frame), { version: 3, subheader: true }),
  (frame) => vxlan(backbone(frame)),
];

/** Longer than any capture of the corpus takes with all outputs; beyond it, something grows faster than its input. */
const TIME_LIMIT_MS = 5000;

/** Records of a capture that are mutated: every one of them is judged and rendered, and a few hundred are a story. */
const LENGTH_MAX = 24_000;

export interface Found {
  readonly seed: number;
  readonly fault: string;
  readonly bytes: Uint8Array;
}

/** The recorded captures, whose stories mutation bends, each as pcap and as pcapng, and one as mirror ports send it. */
export function corpus(): readonly Uint8Array[] {
  const files = readdirSync(CAPTURES).filter((name) => /\.pcap(ng)?$/.test(name));
  const recorded = files.sort().flatMap((name) => {
    const bytes = read(name);
    return [bytes, asPcapng(bytes)];
  });
  const mirrored = packetsOf(read(MIRRORED));
  return [
    ...recorded,
    ...TUNNELS.map((tunnel) => pcapFile(mirrored.map(({ bytes, timeUs }) => ({ bytes: tunnel(bytes), timeUs })))),
  ];
}

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, CAPTURES))).subarray(0, LENGTH_MAX);
}

/** Mutates a capture by the seed and renders all that is said of it. @returns what went wrong, null when nothing did */
export async function fuzzOnce(seed: number, captures: readonly Uint8Array[]): Promise<Found | null> {
  const random = new Random(seed);
  const draw = () => captures[random.between(0, captures.length - 1)] ?? new Uint8Array(0);
  const bytes = mutate(random, draw(), draw());
  const start = performance.now();
  let fault: string | null;
  try {
    fault = faultIn(await everyOutput(portionsOf(random, bytes)));
  } catch (error) {
    fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const elapsedMs = performance.now() - start;
  if (elapsedMs > TIME_LIMIT_MS) fault ??= `it took ${elapsedMs.toFixed(0)} ms`;
  return fault === null ? null : { seed, fault, bytes };
}

function portionsOf(random: Random, bytes: Uint8Array): Uint8Array[] {
  const portions: Uint8Array[] = [];
  const largest = random.pick([1 << 20, 4096, 100]);
  for (let at = 0; at < bytes.length; ) {
    const length = random.between(1, largest);
    portions.push(bytes.subarray(at, at + length));
    at += length;
  }
  return portions;
}

function asPcapng(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return pcapngFile(packetsOf(bytes), { linkType: view.getUint32(20, true) });
}

/** Of a little-endian pcap file; a record that is cut is left out. */
function packetsOf(bytes: Uint8Array): Packet[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= bytes.length; ) {
    const length = view.getUint32(at + 8, true);
    const end = at + 16 + length;
    if (end > bytes.length) break;
    const timeUs = view.getUint32(at, true) * 1_000_000 + view.getUint32(at + 4, true);
    packets.push({ bytes: bytes.subarray(at + 16, end), timeUs });
    at = end;
  }
  return packets;
}
