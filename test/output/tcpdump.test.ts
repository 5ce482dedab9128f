import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { interfaceNameOf } from '../../src/capture/link-state.ts';
import { FRAME } from '../../src/decoder/advertisement.ts';
import { LINK_TYPE } from '../../src/frame.ts';
import { tcpdumpLine } from '../../src/output/tcpdump.ts';
import { tcpdumpListener } from '../../src/stdout/tcpdump-listener.ts';
import { decode } from '../decoder/decoding.ts';
import * as build from '../support/build.ts';
import { sll2 } from '../support/build-links.ts';
import { erspan, vxlan } from '../support/build-tunnels.ts';
import { recordedCaptures, visitVrrp, withCapture } from '../support/decoded-captures.ts';
import { advertisements, carps, malformed } from '../support/frame-variants.ts';
import { isInstalled } from '../support/installed.ts';

/** Behind these tcpdump finds no VRRP, and prints something else. */
const HIDDEN_FROM_TCPDUMP = new Set(['802.1ah', 'IPv6 routing header', 'IPv6 mobility header']);

describe('a line', () => {
  test.each([
    [
      build.frame({ from: '192.168.0.111', vrid: 99, password: 'secret' }),
      'IP 192.168.0.111 > 224.0.0.18: VRRPv2, Advertisement, vrid 99, prio 100, authtype simple, intvl 1s, length 20',
    ],
    [
      build.frame({ from: '192.168.0.117', vrid: 99, priority: 80, ttl: 64 }),
      'IP 192.168.0.117 > 224.0.0.18: VRRPv2, Advertisement, (ttl 64), vrid 99, prio 80, authtype none, intvl 1s, length 20',
    ],
    [
      build.frame({ from: 'fe80::1', intervalCs: 50 }),
      'IP6 fe80::1 > ff02::12: VRRPv3, Advertisement, vrid 51, prio 100, intvl 50cs, length 24',
    ],
    [
      build.frame({ from: '10.0.0.1', ah: { sequence: 7 } }),
      'IP 10.0.0.1 > 224.0.0.18: AH(spi=0x0a000001,seq=0x7,icv=0xaaaaaaaaaaaaaaaaaaaaaaaa): VRRPv2, Advertisement, vrid 51, prio 100, authtype ah, intvl 1s, length 20',
    ],
    [build.frame({ from: '10.0.0.1', type: 2 }), 'IP 10.0.0.1 > 224.0.0.18: VRRPv2, unknown type (2)'],
  ])('is tcpdump’s, without the password', (bytes, text) => {
    const { kind, advertisement } = decode(bytes);
    const { originalLength, linkType } = { originalLength: bytes.length, linkType: LINK_TYPE.ethernet };
    const line = tcpdumpLine(advertisement, { kind, offset: 5, originalLength, linkType, interfaceName: null });
    expect(line.slice(line.indexOf(' ') + 1)).toBe(text);
    expect(line).toMatch(/^\d\d:\d\d:20\.123456 /);
  });

  test('of a LINUX_SLL2 frame begins with interface and direction', () => {
    const bytes = sll2({ payload: build.advertPacket({ from: '10.0.0.1' }), packetType: 4 });
    const { kind, advertisement } = decode(bytes, { linkType: LINK_TYPE.linuxSll2 });
    const frame = { kind, offset: 5, originalLength: bytes.length, linkType: LINK_TYPE.linuxSll2 };
    expect(tcpdumpLine(advertisement, { ...frame, interfaceName: 'eth0' })).toContain(' eth0  Out IP 10.0.0.1 > ');
    expect(tcpdumpLine(advertisement, { ...frame, interfaceName: null })).toContain(' ?     Out IP 10.0.0.1 > ');
  });
});

describe('a line of a frame in a tunnel', () => {
  const inner = build.frame({ from: '10.0.0.1', vlans: [100] });
  const text = 'IP 10.0.0.1 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 100, authtype none, intvl 1s, length 20';

  test.each([
    [vxlan(inner), LINK_TYPE.ethernet, text],
    [erspan(inner, { outerSrc: '2001:db8::1', outerDst: '2001:db8::2' }), LINK_TYPE.ethernet, text],
    [sll2({ payload: vxlan(inner).subarray(14), interfaceIndex: 9999 }), LINK_TYPE.linuxSll2, `?     M   ${text}`],
  ])('leaves out the tunnel', (bytes, linkType, expected) => {
    const lines: string[] = [];
    const { kind, decoder } = decode(bytes, { linkType });
    tcpdumpListener((line) => lines.push(line))(decoder, kind, 5, bytes.length, linkType);
    expect(lines.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual([expected]);
  });

  test('names the interface on which a cooked capture heard it', () => {
    const bytes = sll2({ payload: vxlan(inner).subarray(14), interfaceIndex: 1, packetType: 0 });
    const lines: string[] = [];
    const { kind, decoder } = decode(bytes, { linkType: LINK_TYPE.linuxSll2 });
    tcpdumpListener((line) => lines.push(line))(decoder, kind, 5, bytes.length, LINK_TYPE.linuxSll2);
    expect(lines[0]).toContain(` ${(interfaceNameOf(1) ?? '?').padEnd(5)} In  IP 10.0.0.1 > `);
  });
});

describe.skipIf(!isInstalled('tcpdump'))('line by line, tcpdump prints the same', () => {
  test.each(recordedCaptures.map((path) => [basename(path), path]))('for %s', (_, path) => {
    const lines = ourLines(path);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines).toEqual(tcpdumpLines(path).filter((line) => line.includes('VRRP')));
  });

  const variants = [...advertisements, ...malformed].filter(({ name }) => !HIDDEN_FROM_TCPDUMP.has(name));
  test.each([...new Set(variants.map(({ linkType }) => linkType))])('for built frames of link type %i', (linkType) => {
    const frames = variants.filter((variant) => variant.linkType === linkType);
    withCapture(frames, linkType, (path) => {
      expect(ourLines(path)).toEqual(tcpdumpLines(path));
    });
  });

  test.each([
    ['version 2', build.frame({ from: '10.0.0.1', addresses: ['10.0.0.7', '10.0.0.8'] })],
    ['version 3', build.frame({ from: '10.0.0.1', version: 3 })],
    ['version 3 over IPv6', build.frame({ from: 'fe80::1' })],
    ['version 2 behind AH', build.frame({ from: '10.0.0.1', ah: {} })],
  ])('wherever the capture cut %s', (_, whole) => {
    const { messageOffset } = decode(whole).advertisement;
    const start = messageOffset - 5;
    const frames = Array.from({ length: whole.length - start + 1 }, (_, i) => ({
      bytes: whole.subarray(0, start + i),
      originalLength: whole.length,
    }));
    withCapture(frames, LINK_TYPE.ethernet, (path) => {
      expect(ourLines(path)).toEqual(tcpdumpLines(path));
    });
  });

  test('for a frame shorter on the wire than its IP header says', () => {
    const v4 = build.ipv4({ src: '10.0.0.1', dst: '224.0.0.18', payload: build.advert() }).subarray(0, 32);
    const v6 = build.advertPacket({ from: 'fe80::1' }).subarray(0, 52);
    withCapture(
      [v4, v6].map((payload) => ({ bytes: build.ethernet({ payload }) })),
      LINK_TYPE.ethernet,
      (path) => {
        expect(ourLines(path)).toEqual(tcpdumpLines(path));
      },
    );
  });

  test('for authentication headers of any length', () => {
    const frames = [0, 4, 12, 16, 32].map((length) => ({
      bytes: build.frame({ from: '10.0.0.1', ah: { icv: new Uint8Array(length).fill(0x0b) } }),
    }));
    withCapture(frames, LINK_TYPE.ethernet, (path) => {
      expect(ourLines(path)).toEqual(tcpdumpLines(path));
    });
  });

  test('for CARP, when it is told to', () => {
    const whole = carps.map(({ bytes }) => bytes);
    const cut = Array.from({ length: 32 }, (_, i) => (whole[0] ?? new Uint8Array(0)).subarray(0, 34 + 4 + i));
    const frames = [...whole, ...cut].map((bytes) => ({ bytes, originalLength: Math.max(bytes.length, 70) }));
    withCapture(frames, LINK_TYPE.ethernet, (path) => {
      expect(ourLines(path)).toEqual(tcpdumpLines(path, '-T', 'carp'));
    });
  });
});

function ourLines(path: string): string[] {
  const lines: string[] = [];
  const listen = tcpdumpListener((line) => lines.push(line));
  visitVrrp(path, ({ decoder, kind, offset, originalLength, linkType }) => {
    expect([FRAME.advertisement, FRAME.malformed, FRAME.carp]).toContain(kind);
    listen(decoder, kind, offset, originalLength, linkType);
  });
  return lines;
}

/** Without the lines of hexadecimal digits that follow what it does not understand. */
function tcpdumpLines(path: string, ...options: string[]): string[] {
  const output = execFileSync('tcpdump', ['-nn', ...options, '-r', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.split('\n').filter((line) => line !== '' && !line.startsWith('\t'));
}
