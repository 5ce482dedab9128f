// Capture files and frames for the benchmarks.
import { closeSync, openSync, writeSync } from 'node:fs';

const BUFFER_LENGTH = 4 << 20;

/** Writes records of one format through one buffer. */
export class CaptureWriter {
  #descriptor;
  #isPcapng;
  #buffer = Buffer.alloc(BUFFER_LENGTH);
  #used = 0;
  bytes = 0;

  constructor(path, isPcapng) {
    this.#isPcapng = isPcapng;
    this.#descriptor = openSync(path, 'w');
    const u32 = (...values) => {
      for (const value of values) {
        this.#buffer.writeUInt32LE(value, this.#used);
        this.#used += 4;
      }
    };
    if (isPcapng) {
      u32(0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28);
      u32(1, 20, 1, 262_144, 20);
    } else {
      u32(0xa1b2c3d4, 0x0004_0002, 0, 0, 262_144, 1);
    }
  }

  record(frame, length, timeUs) {
    const padding = this.#isPcapng ? -length & 3 : 0;
    const total = this.#isPcapng ? 32 + length + padding : 16 + length;
    if (this.#used + total > BUFFER_LENGTH) this.#flush();
    const buffer = this.#buffer;
    let at = this.#used;
    if (this.#isPcapng) {
      at = buffer.writeUInt32LE(6, at);
      at = buffer.writeUInt32LE(total, at);
      at = buffer.writeUInt32LE(0, at);
      at = buffer.writeUInt32LE(Math.floor(timeUs / 2 ** 32), at);
      at = buffer.writeUInt32LE(timeUs % 2 ** 32, at);
    } else {
      at = buffer.writeUInt32LE(Math.floor(timeUs / 1e6), at);
      at = buffer.writeUInt32LE(timeUs % 1e6, at);
    }
    at = buffer.writeUInt32LE(length, at);
    at = buffer.writeUInt32LE(length, at);
    frame.copy(buffer, at, 0, length);
    at += length;
    if (this.#isPcapng) {
      buffer.fill(0, at, at + padding);
      buffer.writeUInt32LE(total, at + padding);
    }
    this.#used += total;
    this.bytes += total;
  }

  close() {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush() {
    writeSync(this.#descriptor, this.#buffer, 0, this.#used);
    this.#used = 0;
  }
}

function sumOf(bytes, start, end) {
  let sum = 0;
  for (let i = start; i + 1 < end; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** An IPv4 header with 14 bytes of Ethernet before it; addresses are numbers. */
export function ipv4Frame(frame, protocol, source, destination, totalLength, ttl, id) {
  frame.writeUInt16BE(0x0800, 12);
  frame.fill(0, 14, 34);
  frame[14] = 0x45;
  frame.writeUInt16BE(totalLength, 16);
  frame.writeUInt16BE(id & 0xffff, 18);
  frame[22] = ttl;
  frame[23] = protocol;
  frame.writeUInt32BE(source, 26);
  frame.writeUInt32BE(destination, 30);
  frame.writeUInt16BE(sumOf(frame, 14, 34), 24);
}

const GROUP = 0xe0000012;

/** A VRRPv2 advert of one address, as keepalived sends it. @returns length of the frame */
export function advertFrame(frame, { vrid, priority, source, address, id }) {
  Buffer.from('01005e00001202000000', 'hex').copy(frame);
  frame.writeUInt16BE(source & 0xffff, 10);
  ipv4Frame(frame, 112, source, GROUP, 40, 255, id);
  frame[15] = 0xc0;
  frame.writeUInt16BE(0, 24);
  frame.writeUInt16BE(sumOf(frame, 14, 34), 24);
  frame.fill(0, 34, 60);
  frame[34] = 0x21;
  frame[35] = vrid;
  frame[36] = priority;
  frame[37] = 1;
  frame[39] = 1;
  frame.writeUInt32BE(address, 42);
  frame.writeUInt16BE(sumOf(frame, 34, 54), 40);
  return 60;
}
