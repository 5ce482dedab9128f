import { CaptureReader } from '../../src/capture/reader.ts';
import { everyFrame, type RecordedFrame, recorder } from './recorded-frames.ts';

/** What a capture given as bytes reads as. */
export interface FedCapture {
  readonly frames: readonly RecordedFrame[];
  readonly reader: CaptureReader;
  readonly error: string | null;
}

/** Feeds a whole capture in portions of the given lengths, repeated as often as needed; without any, in one. */
export function feed(bytes: Uint8Array, portionLengths: readonly number[] = []): FedCapture {
  const sink = recorder();
  const reader = new CaptureReader(everyFrame, sink);
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = portionLengths[i % portionLengths.length] ?? bytes.length;
    reader.push(bytes.slice(at, at + length));
    at += length;
  }
  return { frames: sink.frames, error: reader.finish(), reader };
}
