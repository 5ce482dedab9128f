import type { Advertiser } from '../analyzer/advertiser.ts';
import { Analyzer, type AnalyzerOptions } from '../analyzer/analyzer.ts';
import { type Advertisement, FRAME } from '../decoder/advertisement.ts';
import { FrameDecoder } from '../decoder/decode.ts';
import { vrrpFilter } from '../decoder/filter.ts';
import { describeMalformed, type MalformedReason } from '../decoder/malformed.ts';
import { Repeats } from '../decoder/repeats.ts';
import { type FrameFilter, type FrameSink, NO_TIME } from '../frame.ts';

/** Sees every frame that is VRRP or CARP, copies and malformed ones included, before it is judged. */
export type FrameListener = (
  decoder: FrameDecoder,
  kind: number,
  offset: number,
  originalLength: number,
  linkType: number,
) => void;

/** Takes the frames of one capture apart and has them judged. */
export class Watch implements FrameSink {
  readonly analyzer: Analyzer;
  /** Says no to frames that would change nothing, as nearly all ARP packets are. */
  readonly filter: FrameFilter;
  readonly #decoder = new FrameDecoder();
  readonly #onFrame: FrameListener | null;
  readonly #repeats = new Repeats();
  /** Whose advertisements are in the places of `#repeats`. */
  readonly #senders: (Advertiser | undefined)[] = [];

  constructor(options: AnalyzerOptions, onFrame: FrameListener | null = null) {
    const { tunnels } = this.#decoder;
    const interfaceName = (index: number) => tunnels.nameOf(index, options.interfaceName);
    this.analyzer = new Analyzer({ ...options, interfaceName });
    this.filter = vrrpFilter(this.analyzer.knownAddresses);
    this.#onFrame = onFrame;
  }

  frame(
    block: Uint8Array,
    offset: number,
    capturedLength: number,
    originalLength: number,
    timeUs: number,
    interfaceIndex: number,
    linkType: number,
  ): void {
    if (timeUs === NO_TIME) {
      this.#untimed(block, offset, capturedLength, originalLength, interfaceIndex, linkType);
      return;
    }
    const decoder = this.#decoder;
    // Whoever listens gets every frame taken apart.
    const isHeard = this.#onFrame !== null;
    const place = isHeard ? -1 : this.#repeats.placeOf(block, offset, capturedLength, originalLength, linkType);
    if (place >= 0 && this.#repeat(place, block, offset, capturedLength, timeUs, interfaceIndex)) return;
    const kind = decoder.decode(block, offset, capturedLength, originalLength, timeUs, interfaceIndex, linkType);
    if (kind === FRAME.other) return;
    if (kind === FRAME.claim) {
      this.analyzer.claim(decoder.claim);
      return;
    }
    this.#onFrame?.(decoder, kind, offset, originalLength, linkType);
    if (kind === FRAME.advertisement) {
      const sender = this.analyzer.advertisement(decoder.advertisement);
      if (sender === null || place < 0) return;
      this.#repeats.remember(place, block, offset, capturedLength, interfaceIndex);
      this.#senders[place] = sender;
      sender.rememberedAt = place;
    } else if (kind === FRAME.carp) this.analyzer.carp(decoder.advertisement);
    else this.#malformed(decoder.advertisement, decoder.malformedReason);
  }

  /** Without a time there is nothing to judge; whoever listens gets the one that tcpdump prints then, 1970. */
  #untimed(
    block: Uint8Array,
    offset: number,
    capturedLength: number,
    originalLength: number,
    interfaceIndex: number,
    linkType: number,
  ): void {
    if (this.#onFrame === null) return;
    const decoder = this.#decoder;
    const kind = decoder.decode(block, offset, capturedLength, originalLength, 0, interfaceIndex, linkType);
    if (kind !== FRAME.other && kind !== FRAME.claim) this.#onFrame(decoder, kind, offset, originalLength, linkType);
  }

  #malformed(advertisement: Advertisement, reason: MalformedReason | null): void {
    // What the capture cut says nothing about its sender.
    if (reason === null || reason === 'cut') return;
    this.analyzer.malformed(advertisement, describeMalformed(advertisement, reason));
  }

  /** Takes an advertisement that repeats the last one of its sender, as nearly all do. False when it does not. */
  #repeat(
    place: number,
    block: Uint8Array,
    offset: number,
    capturedLength: number,
    timeUs: number,
    interfaceIndex: number,
  ): boolean {
    const repeats = this.#repeats;
    const sender = this.#senders[place];
    if (sender?.rememberedAt !== place) return false;
    if (!repeats.has(place, block, offset, capturedLength, interfaceIndex)) return false;
    return this.analyzer.repeat(sender, repeats.ipId(block, offset), timeUs);
  }
}
