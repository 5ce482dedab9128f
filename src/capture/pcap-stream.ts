import type { Readable } from 'node:stream';
import { parse } from 'pcap-parser';
import type { FrameSink } from '../frame.ts';

/** The upper bits of the link type field tell of a frame check sequence (pcap-savefile(5)). */
const LINK_TYPE_MASK = 0xffff;

export interface PcapStreamOptions {
  readonly interfaceIndex: number;
  /** Bytes that the capture was told to keep of a frame; a longer one is damage. */
  readonly snapLength: number;
  /** The global header arrived: the capture runs. */
  readonly onHeader: (linkType: number) => void;
  /** The bytes make no sense from here on; no frame follows. */
  readonly onDamage: (reason: string) => void;
}

/** Cuts a live pcap stream into frames for `sink` as they arrive. */
export function readPcapStream(stream: Readable, sink: FrameSink, options: PcapStreamOptions): void {
  const parser = parse(stream);
  let linkType = -1;
  let isDamaged = false;

  function stopFor(reason: string): void {
    if (isDamaged) return;
    isDamaged = true;
    stream.destroy();
    options.onDamage(reason);
  }

  parser.on('globalHeader', (header) => {
    linkType = header.linkLayerType & LINK_TYPE_MASK;
    options.onHeader(linkType);
  });
  // The parser would wait for, and keep, whatever length it is told: 4 GiB at most.
  parser.on('packetHeader', ({ capturedLength }) => {
    if (capturedLength > options.snapLength) {
      stopFor(`frame of ${capturedLength} bytes where at most ${options.snapLength} are captured`);
    }
  });
  parser.on('packet', ({ header, data }) => {
    if (isDamaged) return;
    const timeUs = header.timestampSeconds * 1e6 + header.timestampMicroseconds;
    sink.frame(data, 0, data.length, header.originalLength, timeUs, options.interfaceIndex, linkType);
  });
  parser.on('error', (error) => stopFor(error.message));
}
