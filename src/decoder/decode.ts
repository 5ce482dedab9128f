import { u8, u32 } from '../bytes.ts';
import type { AddressClaim, Advertisement } from './advertisement.ts';
import { CHECKSUM, CLAIM, DEFECT, FRAME } from './advertisement.ts';
import { isCarp } from './carp.ts';
import { readArp, readNeighbourAdvertisement } from './claim.ts';
import { PROTOCOL } from './ip.ts';
import { newLayers, readLayers } from './layers.ts';
import { ETHERTYPE } from './link.ts';
import type { MalformedReason } from './malformed.ts';
import { Tunnels } from './tunnels.ts';
import { readMessage } from './vrrp.ts';

const NO_BYTES = new Uint8Array(0);

/** Takes frames apart into instances of its own, which it fills anew for every frame. */
export class FrameDecoder {
  /** What `FRAME.advertisement` stands for; with `FRAME.malformed` and `FRAME.carp` the fields up to `ttl`, and what else is known; `vrid` is CARP's vhid. */
  readonly advertisement: Advertisement = newAdvertisement();

  /** What `FRAME.claim` stands for. */
  readonly claim: AddressClaim = newClaim();

  /** Set with `FRAME.malformed`, else null. */
  malformedReason: MalformedReason | null = null;

  /** What the interface indices of frames in tunnels stand for. */
  readonly tunnels = new Tunnels();

  private readonly layers = newLayers();

  /**
   * Parameters as in `FrameSink.frame`. Never throws, whatever the bytes are.
   *
   * @returns one of `FRAME`; `other` also for a frame that a snapshot length cut before the end of its IP headers
   */
  decode(
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    originalLength: number,
    timeUs: number,
    interfaceIndex: number,
    linkType: number,
  ): number {
    const { layers } = this;
    const end = offset + capturedLength;
    const wireEnd = offset + Math.max(originalLength, capturedLength);
    this.malformedReason = null;
    if (!readLayers(layers, bytes, offset, end, wireEnd, linkType)) return FRAME.other;
    const { link, packet } = layers;
    const outer = link.kernelInterface >= 0 ? link.kernelInterface : interfaceIndex;
    if (link.etherType === ETHERTYPE.arp) {
      if (!readArp(this.claim, bytes, link.networkOffset, layers.end, link.isBroadcast)) return FRAME.other;
      return this.finishClaim(bytes, timeUs, outer);
    }
    if (packet.protocol === PROTOCOL.vrrp) return this.readVrrp(bytes, timeUs, outer);
    if (packet.protocol === PROTOCOL.icmp6 && packet.family === 6 && !packet.fragment) {
      const messageEnd = Math.min(layers.end, packet.payloadOffset + packet.payloadLength);
      if (readNeighbourAdvertisement(this.claim, bytes, packet.payloadOffset, messageEnd, link.mac)) {
        return this.finishClaim(bytes, timeUs, outer);
      }
    }
    return FRAME.other;
  }

  private finishClaim(bytes: Uint8Array, timeUs: number, outer: number): number {
    const { claim, layers } = this;
    // A tunnel without a virtual router is none that a claim could be about.
    const interfaceIndex = layers.depth === 0 ? outer : this.tunnels.numberOf(layers, outer, false);
    if (interfaceIndex < 0) return FRAME.other;
    claim.bytes = bytes;
    claim.timeUs = timeUs;
    claim.interfaceIndex = interfaceIndex;
    claim.vlan = layers.link.vlan;
    return FRAME.claim;
  }

  private readVrrp(bytes: Uint8Array, timeUs: number, outer: number): number {
    const { advertisement, layers } = this;
    const { link, packet, end, wireEnd } = layers;
    const interfaceIndex = layers.depth === 0 ? outer : this.tunnels.numberOf(layers, outer, true);
    if (interfaceIndex < 0) return FRAME.other;
    advertisement.bytes = bytes;
    advertisement.timeUs = timeUs;
    advertisement.interfaceIndex = interfaceIndex;
    advertisement.packetType = link.packetType;
    advertisement.vlan = link.vlan;
    advertisement.mac = link.mac;
    advertisement.family = packet.family;
    advertisement.sourceOffset = packet.sourceOffset;
    advertisement.destinationOffset = packet.destinationOffset;
    advertisement.multicast = packet.multicast;
    advertisement.ttl = packet.ttl;
    advertisement.ipId = packet.ipId;
    this.readAh(bytes);
    advertisement.messageOffset = packet.payloadOffset;
    advertisement.payloadLength = packet.payloadLength;
    advertisement.capturedPayload = Math.min(packet.payloadLength, end - packet.payloadOffset);
    advertisement.defects = (packet.ttl === 255 ? 0 : DEFECT.ttl) | (packet.fragment ? DEFECT.fragment : 0);
    if (isCarp(bytes, packet.payloadOffset, packet.payloadLength, advertisement.capturedPayload)) {
      advertisement.vrid = u8(bytes, packet.payloadOffset + 1);
      return FRAME.carp;
    }
    const available = Math.min(packet.payloadLength, wireEnd - packet.payloadOffset);
    this.malformedReason = readMessage(advertisement, available);
    return this.malformedReason === null ? FRAME.advertisement : FRAME.malformed;
  }

  /** Authentication header (RFC 4302 §2): next header, length, 2 reserved bytes, SPI, sequence number, check value. */
  private readAh(bytes: Uint8Array): void {
    const { advertisement } = this;
    const { ahOffset } = this.layers.packet;
    advertisement.ah = ahOffset >= 0;
    advertisement.ahSpi = ahOffset < 0 ? 0 : u32(bytes, ahOffset + 4);
    advertisement.ahSequence = ahOffset < 0 ? 0 : u32(bytes, ahOffset + 8);
    advertisement.ahIcvOffset = ahOffset < 0 ? -1 : ahOffset + 12;
  }
}

function newAdvertisement(): Advertisement {
  return {
    bytes: NO_BYTES,
    timeUs: 0,
    interfaceIndex: 0,
    packetType: -1,
    vlan: 0,
    family: 4,
    mac: -1,
    sourceOffset: 0,
    destinationOffset: 0,
    multicast: false,
    ttl: 0,
    ipId: -1,
    ah: false,
    ahSpi: 0,
    ahSequence: 0,
    ahIcvOffset: -1,
    messageOffset: 0,
    payloadLength: 0,
    capturedPayload: 0,
    version: 0,
    type: 0,
    vrid: 0,
    priority: 0,
    addressCount: 0,
    addressesPresent: 0,
    addressesOffset: 0,
    authType: -1,
    authOffset: -1,
    intervalUs: 0,
    checksum: 0,
    checksumStyle: CHECKSUM.unknown,
    hmacOffset: -1,
    defects: 0,
  };
}

function newClaim(): AddressClaim {
  return {
    bytes: NO_BYTES,
    timeUs: 0,
    interfaceIndex: 0,
    vlan: 0,
    family: 4,
    kind: CLAIM.gratuitous,
    addressOffset: 0,
    mac: -1,
    asker: -1,
    askedOffset: -1,
  };
}
