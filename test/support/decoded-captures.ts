import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaptureReader } from '../../src/capture/reader.ts';
import { FRAME } from '../../src/decoder/advertisement.ts';
import { FrameDecoder } from '../../src/decoder/decode.ts';
import { pcapFile } from './capture-files.ts';
import { everyFrame } from './recorded-frames.ts';

const RECORDED = fileURLToPath(new URL('../pcaps/', import.meta.url));

/** The captures of real routers that the tests have. */
export const recordedCaptures: readonly string[] = readdirSync(RECORDED)
  .filter((name) => /\.(pcap|pcapng)$/.test(name))
  .map((name) => join(RECORDED, name));

/** What is given to `visit`: the decoder as it stands after the frame, and the frame's place. */
export interface DecodedFrame {
  readonly decoder: FrameDecoder;
  readonly kind: number;
  /** From 1, as tshark counts. */
  readonly number: number;
  readonly offset: number;
  readonly originalLength: number;
  readonly linkType: number;
}

/** Decodes a capture and calls `visit` for each frame of VRRP's protocol number. */
export function visitVrrp(path: string, visit: (frame: DecodedFrame) => void): void {
  const decoder = new FrameDecoder();
  let number = 0;
  const reader = new CaptureReader(everyFrame, {
    frame(block, offset, capturedLength, originalLength, timeUs, interfaceIndex, linkType) {
      number++;
      const kind = decoder.decode(block, offset, capturedLength, originalLength, timeUs, interfaceIndex, linkType);
      if (kind === FRAME.other || kind === FRAME.claim) return;
      visit({ decoder, kind, number, offset, originalLength, linkType });
    },
  });
  reader.push(readFileSync(path));
  const damage = reader.finish();
  if (damage !== null) throw new Error(`${path}: ${damage}`);
}

/** Writes frames into a capture file, a second apart, that exists while `use` runs. */
export function withCapture<T>(
  frames: readonly { readonly bytes: Uint8Array; readonly originalLength?: number }[],
  linkType: number,
  use: (path: string) => T,
): T {
  const directory = mkdtempSync(join(tmpdir(), 'vrrpwatch-test-'));
  try {
    const path = join(directory, 'built.pcap');
    const packets = frames.map((frame, i) => ({ ...frame, timeUs: (1_700_000_000 + i) * 1_000_000 + i }));
    writeFileSync(path, pcapFile(packets, { linkType }));
    return use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
