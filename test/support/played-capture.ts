import { type FrameOptions, frame } from './build.ts';
import { pcapFile } from './capture-files.ts';

/** A moment of a segment: who advertised how long ago, in seconds. */
export interface Played {
  readonly agoS: number;
  readonly advert: FrameOptions;
}

/** A capture as tcpdump would write it now, so that the program takes it for what it just heard. */
export function playedCapture(played: readonly Played[]): Uint8Array {
  const nowUs = Date.now() * 1000;
  return pcapFile(
    played.map(({ agoS, advert }) => ({ bytes: frame(advert), timeUs: Math.round(nowUs - agoS * 1_000_000) })),
  );
}

/** Two masters, each advertising every second for four seconds. */
export function twoMasters(): Uint8Array {
  const rounds = [4, 3, 2, 1];
  return playedCapture(
    rounds.flatMap((agoS) => [
      { agoS, advert: { from: '10.0.0.1', priority: 150, password: 'secret99' } },
      { agoS: agoS - 0.5, advert: { from: '10.0.0.2', priority: 100, password: 'secret99' } },
    ]),
  );
}

/** One master, every second for four seconds. */
export function oneMaster(advert: Partial<FrameOptions> = {}): Uint8Array {
  return playedCapture(
    [4, 3, 2, 1, 0].map((agoS) => ({ agoS, advert: { from: '10.0.0.1', priority: 150, ...advert } })),
  );
}
