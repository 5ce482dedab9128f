import { u8, u16, u32 } from '../bytes.ts';
import { formatAddress } from '../decoder/address.ts';
import type { Advertisement } from '../decoder/advertisement.ts';
import { FRAME } from '../decoder/advertisement.ts';
import { LINK_TYPE } from '../frame.ts';

/** Where an advertisement came from, as far as tcpdump's line depends on it. */
export interface TcpdumpFrame {
  /** What the decoder returned: `FRAME.advertisement`, `FRAME.malformed` or `FRAME.carp`. */
  readonly kind: number;
  /** As given to the decoder. */
  readonly offset: number;
  readonly originalLength: number;
  readonly linkType: number;
  /** What this machine calls the interface of a LINUX_SLL2 frame; null when it has none of that index. */
  readonly interfaceName: string | null;
}

const AUTH_TYPE_NAMES: Readonly<Record<number, string>> = { 0: 'none', 1: 'simple', 2: 'ah' };
const ETHERTYPE_8021Q = 0x8100;
const ETHERTYPE_NAMES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  33024: '802.1Q',
  34525: 'IPv6',
  34984: '802.1Q-QinQ',
  37120: '802.1Q-9100',
  37376: '802.1Q-9200',
};

/** Next header numbers of IPv6 that the line mentions. */
const EXTENSION = { hopByHop: 0, fragment: 44, ah: 51, destination: 60 } as const;

const PACKET_TYPE_NAMES: Readonly<Record<number, string>> = { 0: 'In', 1: 'B', 2: 'M', 3: 'P', 4: 'Out' };

/**
 * The line that `tcpdump -nn` 4.99 prints for the frame, `tcpdump -nn -T carp` for CARP, in local time.
 *
 * Where tcpdump itself finds no VRRP, behind IPv6 routing headers, 802.1ah, ERSPAN, or other tags than 802.1Q in a cooked
 * capture, the line leaves out what hides it; and so with GRE and VXLAN, of which tcpdump tells before.
 */
export function tcpdumpLine(advertisement: Advertisement, frame: TcpdumpFrame): string {
  const { family, bytes, sourceOffset, destinationOffset } = advertisement;
  const source = formatAddress(bytes, sourceOffset, family);
  const destination = formatAddress(bytes, destinationOffset, family);
  const ip = `${family === 4 ? 'IP' : 'IP6'} ${missingBytes(advertisement, frame)}${source} > ${destination}: `;
  const message = frame.kind === FRAME.carp ? carpText(advertisement) : vrrpText(advertisement);
  return `${localTime(advertisement.timeUs)} ${cookedPrefix(advertisement, frame)}${ip}${headers(advertisement)}${message}`;
}

/** print-vrrp.c, vrrp_print. */
function vrrpText(advertisement: Advertisement): string {
  const { bytes, messageOffset, capturedPayload, version, type } = advertisement;
  const truncated = ' [|vrrp]';
  if (capturedPayload < 1) return `VRRP${truncated}`;
  let text = `VRRPv${version}, ${type === 1 ? 'Advertisement' : `unknown type (${type})`}`;
  if (advertisement.ttl !== 255) text += `, (ttl ${advertisement.ttl})`;
  if (version < 2 || version > 3 || type !== 1) return text;
  if (capturedPayload < 3) return text + truncated;
  text += `, vrid ${advertisement.vrid}, prio ${advertisement.priority}`;
  if (capturedPayload < 5) return text + truncated;
  const fifth = u8(bytes, messageOffset + 4);
  if (version === 2) text += `, authtype ${AUTH_TYPE_NAMES[fifth] ?? `#${fifth}`}`;
  if (capturedPayload < 6) return text + truncated;
  const interval = version === 2 ? `${u8(bytes, messageOffset + 5)}s` : `${u16(bytes, messageOffset + 4) & 0xfff}cs`;
  return `${text}, intvl ${interval}, length ${advertisement.payloadLength}`;
}

/** print-carp.c, carp_print. */
function carpText(advertisement: Advertisement): string {
  const { bytes, messageOffset, capturedPayload, payloadLength, ttl } = advertisement;
  const truncated = ' [|carp]';
  let text = `CARPv2-advertise ${payloadLength}: `;
  if (ttl !== 255) text += `[ttl=${ttl}!] `;
  if (capturedPayload < 6) return text + truncated;
  const vhid = u8(bytes, messageOffset + 1);
  const advskew = u8(bytes, messageOffset + 2);
  text += `vhid=${vhid} advbase=${u8(bytes, messageOffset + 5)} advskew=${advskew} authlen=${u8(bytes, messageOffset + 3)} `;
  if (capturedPayload < 16) return text + truncated;
  const counter = (BigInt(u32(bytes, messageOffset + 8)) << 32n) | BigInt(u32(bytes, messageOffset + 12));
  return `${text}counter=${counter}`;
}

/** What stands between the IP header and the message. Routing and mobility headers are stepped over in silence. */
function headers(advertisement: Advertisement): string {
  if (advertisement.family === 4) return advertisement.ah ? ahText(advertisement) : '';
  const { bytes, sourceOffset, messageOffset } = advertisement;
  let text = '';
  let next = u8(bytes, sourceOffset - 2);
  for (let at = sourceOffset + 32; at < messageOffset; ) {
    const words = u8(bytes, at + 1);
    let length = (words + 1) * 8;
    if (next === EXTENSION.hopByHop) text += 'HBH ';
    else if (next === EXTENSION.destination) text += 'DSTOPT ';
    else if (next === EXTENSION.fragment) {
      length = 8;
      text += `frag (0|${messageOffset + advertisement.payloadLength - at - length}) `;
    } else if (next === EXTENSION.ah) {
      length = (words + 2) * 4;
      text += ahText(advertisement);
    }
    next = u8(bytes, at);
    at += length;
  }
  return text;
}

/** print-ah.c */
function ahText(advertisement: Advertisement): string {
  const { bytes, ahIcvOffset } = advertisement;
  const end = ahIcvOffset - 12 + (u8(bytes, ahIcvOffset - 11) + 2) * 4;
  let icv = '';
  for (let i = ahIcvOffset; i < end; i++) icv += hex(u8(bytes, i), 2);
  const spi = hex(advertisement.ahSpi, 8);
  return `AH(spi=0x${spi},seq=0x${advertisement.ahSequence.toString(16)},icv=0x${icv}): `;
}

/** Noted when the frame was shorter on the wire than its IP header says. */
function missingBytes(advertisement: Advertisement, frame: TcpdumpFrame): string {
  const { bytes, family, sourceOffset } = advertisement;
  const headerOffset = sourceOffset - (family === 4 ? 12 : 8);
  const length = family === 4 ? u16(bytes, headerOffset + 2) : 40 + u16(bytes, headerOffset + 4);
  const missing = headerOffset + length - (frame.offset + frame.originalLength);
  if (missing <= 0) return '';
  return family === 4 ? `truncated-ip - ${missing} bytes missing! ` : `truncated-ip6 - ${missing} bytes missing!`;
}

/** print-sll.c: without -e, only the newer cooked header is shown, and what follows an 802.1Q tag. */
function cookedPrefix(advertisement: Advertisement, frame: TcpdumpFrame): string {
  const { bytes, packetType } = advertisement;
  if (frame.linkType === LINK_TYPE.linuxSll) return tagText(bytes, frame.offset + 14, frame.offset + 16);
  if (frame.linkType !== LINK_TYPE.linuxSll2) return '';
  const name = (frame.interfaceName ?? '?').padEnd(5);
  const direction = (PACKET_TYPE_NAMES[packetType] ?? '?').padEnd(3);
  return `${name} ${direction} ${tagText(bytes, frame.offset, frame.offset + 20)}`;
}

function tagText(bytes: Uint8Array, typeOffset: number, tagOffset: number): string {
  let text = '';
  let type = u16(bytes, typeOffset);
  for (let at = tagOffset; type === ETHERTYPE_8021Q; at += 4) {
    type = u16(bytes, at + 2);
    text += `ethertype ${ETHERTYPE_NAMES[type] ?? 'Unknown'}, `;
  }
  return text;
}

function localTime(timeUs: number): string {
  const date = new Date(Math.floor(timeUs / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const microseconds = String(timeUs % 1_000_000).padStart(6, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${microseconds}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
