import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKSUM, FRAME } from '../../src/decoder/advertisement.ts';
import { recordedCaptures, visitVrrp, withCapture } from '../support/decoded-captures.ts';
import { advertisements, malformed, tunnelled } from '../support/frame-variants.ts';
import { isInstalled } from '../support/installed.ts';
import { readable } from './decoding.ts';

const FIELDS = [
  'frame.number',
  'eth.src',
  'ieee8021ad.id',
  'vlan.id',
  'gre.proto',
  'ieee8021ah.csrc',
  'ip.src',
  'ip.dst',
  'ip.ttl',
  'ip.id',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.hlim',
  'ah.spi',
  'ah.sequence',
  'vrrp.version',
  'vrrp.type',
  'vrrp.virt_rtr_id',
  'vrrp.prio',
  'vrrp.addr_count',
  'vrrp.auth_type',
  'vrrp.adver_int',
  'vrrp.short_adver_int',
  'vrrp.checksum',
  'vrrp.checksum.status',
  'vrrp.ip_addr',
  'vrrp.ipv6_addr',
] as const;

/**
 * It does not know TPID 0x9200, looks no further than a mobility header, takes every ERSPAN for Ethernet, and does not call
 * nothing VRRP.
 */
const HIDDEN_FROM_TSHARK = new Set([
  'IP in ERSPAN type III',
  'old tag numbers',
  'IPv6 mobility header',
  '0 bytes of VRRP',
  '0 bytes of VRRP over IPv6',
]);

type Row = Record<(typeof FIELDS)[number], string>;

describe.skipIf(!isInstalled('tshark'))('the decoder and tshark read the same', () => {
  test.each(recordedCaptures.map((path) => [basename(path), path]))('in %s', (_, path) => {
    expect(compare(path)).toBeGreaterThan(0);
  });

  const linkTypes = [...new Set(advertisements.map(({ linkType }) => linkType))];
  test.each(linkTypes)('in built frames of link type %i', (linkType) => {
    const variants = [...advertisements, ...malformed, ...tunnelled].filter(
      ({ name }) => !HIDDEN_FROM_TSHARK.has(name),
    );
    const frames = variants.filter((variant) => variant.linkType === linkType);
    expect(withCapture(frames, linkType, compare)).toBe(frames.length);
  });
});

/** @returns the number of frames compared */
function compare(path: string): number {
  const rows = tshark(path);
  const numbers: number[] = [];
  visitVrrp(path, ({ decoder, number, kind }) => {
    numbers.push(number);
    const row = rows.get(number);
    expect(row, `frame ${number} is VRRP to tshark`).toBeDefined();
    if (row === undefined) return;
    const { advertisement } = decoder;
    const ours = readable(advertisement);
    const isV4 = advertisement.family === 4;
    expect({
      number,
      source: innermost(isV4 ? row['ip.src'] : row['ipv6.src']),
      destination: innermost(isV4 ? row['ip.dst'] : row['ipv6.dst']),
      ttl: Number(innermost(isV4 ? row['ip.ttl'] : row['ipv6.hlim'])),
    }).toEqual({ number, source: ours.source, destination: ours.destination, ttl: ours.ttl });
    if (isV4) expect(Number(innermost(row['ip.id']))).toBe(ours.ipId);
    const mac = row['ieee8021ah.csrc'] || innermost(row['eth.src']);
    const isPacketAlone = row['gre.proto'] === '0x0800' || row['gre.proto'] === '0x86dd';
    if (mac !== '') expect(ours.mac).toBe(isPacketAlone ? null : mac);
    const vids = `${row['ieee8021ad.id']},${row['vlan.id']}`.split(',').filter((vid) => vid !== '' && vid !== '0');
    const vlan = String(ours.vlan ?? '');
    // Of a frame in a tunnel, the tags that carry the tunnel come first.
    if (decoder.tunnels.interfaceOf(advertisement.interfaceIndex) === advertisement.interfaceIndex) {
      expect(vlan).toBe(vids.slice(0, 4).join('.'));
    } else expect(vids.join('.').endsWith(vlan)).toBe(true);
    if (advertisement.ah) {
      expect(Number(row['ah.spi'])).toBe(advertisement.ahSpi);
      expect(Number(row['ah.sequence'])).toBe(advertisement.ahSequence);
    }
    if (kind !== FRAME.advertisement) return;
    expect({
      version: Number(row['vrrp.version']),
      type: Number(row['vrrp.type']),
      vrid: Number(row['vrrp.virt_rtr_id']),
      priority: Number(row['vrrp.prio']),
      addressCount: Number(row['vrrp.addr_count']),
      checksum: Number(row['vrrp.checksum']),
      addresses: (isV4 ? row['vrrp.ip_addr'] : row['vrrp.ipv6_addr']).split(',').filter((text) => text !== ''),
    }).toEqual({
      version: ours.version,
      type: advertisement.type,
      vrid: ours.vrid,
      priority: ours.priority,
      addressCount: ours.addressCount,
      checksum: advertisement.checksum,
      addresses: ours.addresses,
    });
    if (ours.version === 2) {
      expect(Number(row['vrrp.auth_type'])).toBe(ours.authType);
      expect(Number(row['vrrp.adver_int']) * 1_000_000).toBe(ours.intervalUs);
    } else {
      expect(Number(row['vrrp.short_adver_int']) * 10_000).toBe(ours.intervalUs);
    }
    compareChecksum(row, advertisement.checksumStyle, advertisement.payloadLength === expectedLength(advertisement));
  });
  expect([...rows.keys()]).toEqual(numbers);
  return numbers.length;
}

/** Of what tshark finds in a frame again and again. */
function innermost(values: string): string {
  return values.split(',').at(-1) ?? '';
}

/** tshark sums the whole payload, and knows the pseudo header with the real destination alone. */
function compareChecksum(row: Row, style: number, isExact: boolean): void {
  if (style === CHECKSUM.unknown || !isExact) return;
  const isV3 = row['vrrp.version'] === '3';
  const isGood = style === CHECKSUM.pseudoHeader || (style === CHECKSUM.plain && !isV3);
  expect(row['vrrp.checksum.status']).toBe(isGood ? '1' : '0');
}

function expectedLength(advertisement: { family: 4 | 6; version: number; addressCount: number }): number {
  const addresses = advertisement.addressCount * (advertisement.family === 4 ? 4 : 16);
  return 8 + addresses + (advertisement.version === 2 ? 8 : 0);
}

function tshark(path: string): Map<number, Row> {
  const options = ['-n', '-r', path, '-Y', 'vrrp', '-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=a'];
  const preferences = ['-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE', '-o', 'vlan.summary_in_tree:FALSE'];
  // To tshark it is the port of OTV, whose header is that of VXLAN.
  const ports = ['-d', 'udp.port==8472,vxlan'];
  const fields = FIELDS.flatMap((field) => ['-e', field]);
  const output = execFileSync('tshark', [...options, ...preferences, ...ports, ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rows = output.split('\n').filter((line) => line !== '');
  return new Map(
    rows.map((line) => {
      const values = line.split('|');
      const row = Object.fromEntries(FIELDS.map((field, i) => [field, values[i] ?? ''])) as Row;
      return [Number(row['frame.number']), row];
    }),
  );
}
