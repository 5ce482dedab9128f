/** Written at once when it is full, so that a flood that never lets the event loop turn still gets out. */
const BATCH_BYTES = 256 * 1024;

const GLOBAL_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

/** Collects frames into batches of a classic pcap stream: little endian, microseconds, version 2.4. */
export interface PcapWriter {
  /** Copies the first `length` bytes of `frame`, or as many as the snapshot length allows. */
  add(frame: Uint8Array, length: number, timeUs: number): void;
  /** Writes what was collected. */
  flush(): void;
}

/** @param write gets whole records and must be done with the bytes when it returns */
export function createPcapWriter(
  linkType: number,
  snapLengthBytes: number,
  write: (bytes: Uint8Array) => void,
): PcapWriter {
  const batch = Buffer.alloc(Math.max(BATCH_BYTES, RECORD_HEADER_BYTES + snapLengthBytes));
  let used = 0;

  function flush(): void {
    if (used > 0) write(batch.subarray(0, used));
    used = 0;
  }

  function add(frame: Uint8Array, length: number, timeUs: number): void {
    const capturedLength = Math.min(length, snapLengthBytes);
    if (used + RECORD_HEADER_BYTES + capturedLength > batch.length) flush();
    const seconds = Math.floor(timeUs / 1e6);
    batch.writeUInt32LE(seconds, used);
    batch.writeUInt32LE(timeUs - seconds * 1e6, used + 4);
    batch.writeUInt32LE(capturedLength, used + 8);
    batch.writeUInt32LE(length, used + 12);
    used += RECORD_HEADER_BYTES;
    batch.set(frame.subarray(0, capturedLength), used);
    used += capturedLength;
  }

  batch.writeUInt32LE(0xa1b2c3d4, 0);
  batch.writeUInt16LE(2, 4);
  batch.writeUInt16LE(4, 6);
  batch.writeUInt32LE(snapLengthBytes, 16);
  batch.writeUInt32LE(linkType, 20);
  used = GLOBAL_HEADER_BYTES;
  // At once: the header tells the reader that the capture has begun, however quiet the network is.
  flush();
  return { add, flush };
}
