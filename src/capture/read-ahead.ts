import { read, readSync } from 'node:fs';
import type { CaptureReader } from './reader.ts';

/**
 * Copying a file out of the kernel's cache takes several times as long as walking its records, so two threads share
 * it: the thread pool fills a portion ahead while this thread reads and walks the one before. What this thread has
 * not copied itself is slower to walk, hence the uneven lengths; measured by npm run bench.
 */
const AHEAD_LENGTH = 4 * 1024 * 1024;
const OWN_LENGTH = 2 * 1024 * 1024;

/** Room in front of a portion for the record that began in the one before; a longer one takes another way. */
const HEADROOM = 64 * 1024;

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
  let filling = new Uint8Array(HEADROOM + AHEAD_LENGTH);
  let filled = new Uint8Array(HEADROOM + AHEAD_LENGTH);
  let at = position;
  let pending = fill(descriptor, filling, at);
  try {
    for (;;) {
      const count = await pending;
      [filling, filled] = [filled, filling];
      const ownEnd = at + AHEAD_LENGTH + OWN_LENGTH;
      const isWhole = count === AHEAD_LENGTH;
      if (isWhole) pending = fill(descriptor, filling, ownEnd);
      reader.pushInPlace(filled, HEADROOM, HEADROOM + count);
      at += count;
      if (!note(count) || !isWhole) return at;
      while (at < ownEnd) {
        const own = reader.fill((block, offset, length) =>
          readSync(descriptor, block, offset, Math.min(length, ownEnd - at), at),
        );
        at += own;
        if (own === 0 || !note(own)) return at;
      }
    }
  } finally {
    // The thread pool must be done with the descriptor and the buffer before they go.
    await pending.catch(() => {});
  }
}

function fill(descriptor: number, buffer: Uint8Array, position: number): Promise<number> {
  const filling = new Promise<number>((resolve, reject) => {
    read(descriptor, buffer, HEADROOM, AHEAD_LENGTH, position, (error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
  // Whoever awaits it gets the error; it may come while nobody does yet.
  filling.catch(() => {});
  return filling;
}
