import { describe, expect, test } from 'vitest';
import { NO_TIME } from '../../src/frame.ts';
import { FrameTape } from '../../src/watch/frame-tape.ts';
import { type RecordedFrame, recorder } from '../support/recorded-frames.ts';

const LENGTH = 60;
/** What a frame takes with its fields. */
const ROOM = LENGTH + 20;

/** Frames of ever other bytes, times, lengths, interfaces and link types. */
function record(tape: FrameTape, count: number): void {
  for (let i = 0; i < count; i++) {
    const block = new Uint8Array(LENGTH + 2).fill(i);
    tape.frame(block, 1, LENGTH, LENGTH + i, 1_700_000_000_000_000 + i, i % 0x1_0000, 1 + (i % 300));
  }
}

function played(tape: FrameTape): readonly RecordedFrame[] {
  const sink = recorder();
  while (tape.nextUs !== null) tape.playNext(sink);
  return sink.frames;
}

describe('a tape', () => {
  test('plays each frame as it was', () => {
    const tape = new FrameTape();
    record(tape, 70_000);
    const frames = played(tape);
    expect(frames).toHaveLength(70_000);
    expect(frames[69_999]).toEqual({
      bytes: Buffer.alloc(LENGTH, 69_999 % 256).toString('hex'),
      originalLength: LENGTH + 69_999,
      timeUs: 1_700_000_000_069_999,
      interfaceIndex: 69_999 - 0x1_0000,
      linkType: 1 + (69_999 % 300),
    });
    expect(tape.played).toBe(70_000);
  });

  test('leaves out a frame without a time, which has no place among the others', () => {
    const tape = new FrameTape();
    tape.frame(new Uint8Array(LENGTH), 0, LENGTH, LENGTH, NO_TIME, 0, 1);
    record(tape, 2);
    expect(played(tape)).toHaveLength(2);
  });

  test('keeps what fits, and says when something did not', () => {
    const tape = new FrameTape(3 * ROOM);
    record(tape, 3);
    expect(tape.isFull).toBe(false);
    record(tape, 1);
    expect(tape).toMatchObject({ isFull: true, lastUs: 1_700_000_000_000_002 });
    expect(played(tape)).toHaveLength(3);
  });

  test('leaves nothing out in the middle', () => {
    const tape = new FrameTape(2 * ROOM);
    record(tape, 1);
    tape.frame(new Uint8Array(1500), 0, 1500, 1500, 0, 0, 1);
    record(tape, 1);
    expect(played(tape)).toHaveLength(1);
  });

  test('tells the times without playing', () => {
    const tape = new FrameTape();
    record(tape, 2);
    expect([...tape.timesUs()]).toEqual([1_700_000_000_000_000, 1_700_000_000_000_001]);
    expect(tape.played).toBe(0);
  });

  test('is empty without frames', () => {
    expect(new FrameTape()).toMatchObject({ nextUs: null, lastUs: null, isFull: false });
  });
});
