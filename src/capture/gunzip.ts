import { constants, createGunzip, type Gunzip } from 'node:zlib';

/** Unpacked bytes handed over at once. Those before a damaged spot are lost up to this amount, so it is not large. */
const OUTPUT_LENGTH = 64 * 1024;

/** Unpacks gzip, of one member or several, as the packed bytes arrive. */
export class Gunzipper {
  /** What is wrong with the packed data, null while nothing is. */
  error: string | null = null;

  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_LENGTH, flush: constants.Z_SYNC_FLUSH });
  #unpacked = 0;
  /** Ends the wait for zlib; after an error it would never answer. */
  #wake: () => void = () => {};

  /** @param use gets the unpacked bytes; they are its own only until it returns */
  constructor(use: (bytes: Uint8Array) => void) {
    this.#gunzip.on('data', (bytes: Buffer) => {
      this.#unpacked += bytes.length;
      use(bytes);
    });
    this.#gunzip.on('error', (error: NodeJS.ErrnoException) => {
      this.error ??=
        error.code === 'Z_BUF_ERROR'
          ? `cut short: the gzip data ends early, after ${this.#unpacked} unpacked bytes`
          : `damaged: the gzip data is corrupt after ${this.#unpacked} unpacked bytes (${error.message})`;
      this.#wake();
    });
    this.#gunzip.on('end', () => this.#wake());
  }

  /** Resolves once all that `bytes` yield was handed over, so that packed data never piles up. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.error !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.write(bytes, () => resolve());
    });
  }

  /** Kept apart from the last write: zlib would drop what that one yields when it finds the end missing. */
  end(): Promise<void> {
    if (this.error !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.end();
    });
  }
}
