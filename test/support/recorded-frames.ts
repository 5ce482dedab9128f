import type { FrameFilter, FrameSink } from '../../src/frame.ts';

/** A frame as a sink got it, its bytes copied. */
export interface RecordedFrame {
  readonly bytes: string;
  readonly originalLength: number;
  readonly timeUs: number;
  readonly interfaceIndex: number;
  readonly linkType: number;
}

/** A sink that keeps everything. */
export function recorder(): FrameSink & { readonly frames: RecordedFrame[] } {
  const frames: RecordedFrame[] = [];
  return {
    frames,
    frame(block, offset, capturedLength, originalLength, timeUs, interfaceIndex, linkType) {
      const bytes = Buffer.from(block.buffer, block.byteOffset + offset, capturedLength).toString('hex');
      frames.push({ bytes, originalLength, timeUs, interfaceIndex, linkType });
    },
  };
}

export const everyFrame: FrameFilter = () => true;
