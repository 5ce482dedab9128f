import { read, readSync } from 'node:fs';
import type { CaptureReader } from './reader.ts';
import { Skipper } from './skipper.ts';

/**
 * Copying a file out of the kernel's cache takes several times as long as walking its records, so two threads share
 * it: the thread pool fills a portion ahead while this thread reads and walks the one before. What this thread has
 * not copied itself is slower to walk, hence the uneven lengths; measured by npm run bench.
 */
const AHEAD_LENGTH = 4 * 1024 * 1024;
const OWN_LENGTH = 3 * 1024 * 1024;

/** Bytes read at once by this thread: what it walks lies in the second-level cache still. */
const BLOCK_LENGTH = 1024 * 1024;

/** Room in front of a portion for the record that began in the one before; a longer one takes another way. */
const HEADROOM = 64 * 1024;

const ROOM = 2 * (HEADROOM + AHEAD_LENGTH) + HEADROOM + BLOCK_LENGTH;

/** Below this the file is read before a second thread is awake. */
export const READ_AHEAD_MIN_LENGTH = 4 * (AHEAD_LENGTH + OWN_LENGTH);

/**
 * Reads a plain capture file from `position` on until it comes to its end, or close to it.
 *
 * @param note is told the number of bytes read since the last call; false ends the reading
 * @returns position up to which everything was handed to the reader
 */
export async function readAhead(
  descriptor: number,
  position: number,
  reader: CaptureReader,
  note: (count: number) => boolean,
): Promise<number> {
  const skipper = Skipper.create(reader.filter, ROOM);
  const block = skipper?.memory ?? new Uint8Array(Skipper.start + ROOM);
  const own = Skipper.start + HEADROOM;
  let filling = own + BLOCK_LENGTH + HEADROOM;
  let filled = filling + AHEAD_LENGTH + HEADROOM;
  let at = position;
  let pending = fill(descriptor, block, filling, at);
  try {
    for (;;) {
      const count = await pending;
      [filling, filled] = [filled, filling];
      const ownEnd = at + AHEAD_LENGTH + OWN_LENGTH;
      const isWhole = count === AHEAD_LENGTH;
      if (isWhole) pending = fill(descriptor, block, filling, ownEnd);
      reader.pushInPlace(block, filled, filled + count, skipper);
      at += count;
      if (!note(count) || !isWhole) return at;
      while (at < ownEnd) {
        const ownCount = readSync(descriptor, block, own, Math.min(BLOCK_LENGTH, ownEnd - at), at);
        reader.pushInPlace(block, own, own + ownCount, skipper);
        at += ownCount;
        if (ownCount === 0 || !note(ownCount)) return at;
      }
    }
  } finally {
    // The thread pool must be done with the descriptor and the buffer before they go.
    await pending.catch(() => {});
  }
}

function fill(descriptor: number, block: Uint8Array, offset: number, position: number): Promise<number> {
  const filling = new Promise<number>((resolve, reject) => {
    read(descriptor, block, offset, AHEAD_LENGTH, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
  // Whoever awaits it gets the error; it may come while nobody does yet.
  filling.catch(() => {});
  return filling;
}
