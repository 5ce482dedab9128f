// Makes the captures that npm run bench reads: the same bytes on every machine, into bench/data/.
//
//   node bench/make-captures.mjs [mixed|small|adverts] [megabytes]
//
// mixed    traffic as on an uplink: web, DNS, bulk transfers, ARP, IPv6, tagged frames; every 1000th frame an advert
// small    60-byte frames only, the worst case for whoever does something per packet
// adverts  1,000,000 adverts of 255 virtual routers, with takeovers and split brains
//
// Each as classic pcap and as pcapng. A size in megabytes replaces the usual one of mixed and small.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { advertFrame, CaptureWriter, ipv4Frame } from './capture-writer.mjs';

const DIRECTORY = fileURLToPath(new URL('data/', import.meta.url));
const START_S = 1_700_000_000;

/** xorshift32: small, fast, the same everywhere. */
function randomSource(seed) {
  let x = seed;
  return (limit) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % limit;
  };
}

/** Both formats at once; `bytes` counts the pcap file. */
function writers(name) {
  const pcap = new CaptureWriter(`${DIRECTORY}${name}.pcap`, false);
  const pcapng = new CaptureWriter(`${DIRECTORY}${name}.pcapng`, true);
  return {
    record(frame, length, timeUs) {
      pcap.record(frame, length, timeUs);
      pcapng.record(frame, length, timeUs);
    },
    get bytes() {
      return pcap.bytes;
    },
    close() {
      pcap.close();
      pcapng.close();
    },
  };
}

const NODE_A = 0x0a090001;

/** One healthy virtual router in the middle of `megabytes` of other traffic. */
function makeMixed(megabytes) {
  const random = randomSource(0x5eed);
  const out = writers('mixed');
  const frame = Buffer.alloc(2048);
  const limit = megabytes * 1e6;
  for (let i = 0; i < frame.length; i++) frame[i] = random(256);
  const payload = Buffer.from(frame);
  let timeUs = START_S * 1e6;
  for (let n = 0; out.bytes < limit; n++) {
    timeUs += 1000;
    if (n % 1000 === 0) {
      out.record(
        frame,
        advertFrame(frame, { vrid: 51, priority: 150, source: NODE_A, address: 0x0a090064, id: n / 1000 }),
        timeUs,
      );
      continue;
    }
    payload.copy(frame, 0, 0, 64);
    frame[0] &= 0xfe;
    out.record(frame, otherFrame(frame, random), timeUs);
  }
  out.close();
}

/** A frame that has nothing to do with VRRP. @returns its length */
function otherFrame(frame, random) {
  const kind = random(100);
  const source = 0x0a000000 + random(0xffff);
  const destination = 0xc0a80000 + random(0xffff);
  if (kind < 2) {
    frame.fill(0xff, 0, 6);
    frame.writeUInt16BE(0x0806, 12);
    Buffer.from('0001080006040001', 'hex').copy(frame, 14);
    frame.writeUInt32BE(source, 28);
    frame.writeUInt32BE(destination, 38);
    return 60;
  }
  if (kind < 12) {
    frame.writeUInt16BE(0x86dd, 12);
    const length = kind < 6 ? 40 : 1000;
    frame.writeUInt32BE(0x60000000, 14);
    frame.writeUInt16BE(length, 18);
    frame[20] = 6;
    frame[21] = 64;
    return 54 + length;
  }
  const protocol = kind < 25 ? 17 : 6;
  const length = kind < 55 ? 40 + random(60) : kind < 70 ? 300 + random(500) : 1500;
  ipv4Frame(frame, protocol, source, destination, length, 64, random(0x10000));
  frame.writeUInt16BE(protocol === 17 ? 53 : 443, 34);
  if (kind % 10 !== 7) return Math.max(60, 14 + length);
  frame.copyWithin(16, 12, 2000);
  frame.writeUInt32BE(0x8100_0064, 12);
  return Math.max(64, 18 + length);
}

/** Frames of the shortest length that Ethernet allows. */
function makeSmall(megabytes) {
  const random = randomSource(0x5ee2);
  const out = writers('small');
  const frame = Buffer.alloc(64);
  const limit = megabytes * 1e6;
  for (let n = 0; out.bytes < limit; n++) {
    if (n % 10_000 === 0) {
      advertFrame(frame, { vrid: 51, priority: 150, source: NODE_A, address: 0x0a090064, id: n / 10_000 });
    } else {
      frame.writeUInt32BE(0x02000000 + random(0xffff), 0);
      ipv4Frame(frame, n % 3 ? 6 : 17, 0x0a000000 + random(0xffff), 0xc0a80000 + random(0xffff), 46, 64, n);
    }
    out.record(frame, 60, START_S * 1e6 + n * 100);
  }
  out.close();
}

/**
 * Rounds of one second in which every virtual router's master advertises, one after the other.
 *
 * By vrid: most change hands every 97 s, the holder resigning every other time; every eighth has a backup that is deaf
 * for 20 s of every 200.
 */
function makeAdverts() {
  const out = writers('adverts');
  const frame = Buffer.alloc(64);
  const sequence = new Uint16Array(512);
  let written = 0;
  const send = (vrid, node, priority, timeUs) => {
    const id = ++sequence[vrid * 2 + node];
    const source = NODE_A + node;
    out.record(frame, advertFrame(frame, { vrid, priority, source, address: 0x0a096400 + vrid, id }), timeUs);
    written++;
  };
  for (let second = 0; written < 1_000_000; second++) {
    for (let vrid = 1; vrid <= 255; vrid++) {
      const timeUs = (START_S + second) * 1e6 + vrid * 3000;
      const turn = Math.floor((second + vrid) / 97);
      const since = (second + vrid) % 97;
      if (vrid % 8 === 0) {
        send(vrid, 0, 150, timeUs);
        if ((second + vrid) % 200 >= 180) send(vrid, 1, 100, timeUs + 1500);
      } else if (turn % 2 === 0) {
        const resigns = since === 96 && turn % 4 === 0;
        send(vrid, 0, resigns ? 0 : 150, timeUs);
      } else if (since >= 3 || turn % 4 === 1) {
        send(vrid, 1, 100, timeUs);
      }
    }
  }
  out.close();
}

mkdirSync(DIRECTORY, { recursive: true });
const [which = 'all', size] = process.argv.slice(2);
const megabytes = size === undefined ? undefined : Number(size);
if (which === 'all' || which === 'mixed') makeMixed(megabytes ?? 1000);
if (which === 'all' || which === 'small') makeSmall(megabytes ?? 300);
if (which === 'all' || which === 'adverts') makeAdverts();
