import { Analyzer, type AnalyzerOptions } from './analyzer/analyzer.ts';
import { FRAME } from './decoder/advertisement.ts';
import { FrameDecoder } from './decoder/decode.ts';
import { describeMalformed } from './decoder/malformed.ts';
import type { FrameSink } from './frame.ts';

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
  readonly #decoder = new FrameDecoder();
  readonly #onFrame: FrameListener | null;

  constructor(options: AnalyzerOptions, onFrame: FrameListener | null = null) {
    this.analyzer = new Analyzer(options);
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
    const decoder = this.#decoder;
    const kind = decoder.decode(block, offset, capturedLength, originalLength, timeUs, interfaceIndex, linkType);
    if (kind === FRAME.other) return;
    if (kind === FRAME.claim) {
      this.analyzer.claim(decoder.claim);
      return;
    }
    this.#onFrame?.(decoder, kind, offset, originalLength, linkType);
    if (kind === FRAME.advertisement) this.analyzer.advertisement(decoder.advertisement);
    else if (kind === FRAME.carp) this.analyzer.carp(decoder.advertisement);
    else if (decoder.malformedReason !== 'cut') {
      this.analyzer.malformed(decoder.advertisement, describeMalformed(decoder.advertisement, decoder.malformedReason));
    }
  }
}
