import { constants, createGunzip, type Gunzip } from 'node:zlib';

/** Unpacked bytes handed over at once. zlib keeps those before a damaged spot to itself, up to this amount. */
const OUTPUT_LENGTH = 64 * 1024;

/** Packed bytes that are kept to unpack them once more when they turn out to be damaged, and the steps of that. */
const KEPT_LENGTH = 1024 * 1024;
const SALVAGE_STEP = 4;

/** Unpacks gzip, of one member or several, as the packed bytes arrive. */
export class Gunzipper {
  /** What is wrong with the packed data, null while nothing is. */
  error: string | null = null;

  readonly #gunzip: Gunzip = createGunzip({ chunkSize: OUTPUT_LENGTH, flush: constants.Z_SYNC_FLUSH });
  #unpacked = 0;
  /** What follows is padding, as tapes and block devices have it behind the last member. */
  #isOver = false;
  /** Ends the wait for zlib; after an error it would never answer. */
  #wake: () => void = () => {};

  readonly #use: (bytes: Uint8Array) => void;
  /** All packed bytes so far, null once they are too many. */
  #kept: Uint8Array[] | null = [];
  #keptLength = 0;

  /** @param use gets the unpacked bytes; they are its own only until it returns */
  constructor(use: (bytes: Uint8Array) => void) {
    this.#use = use;
    this.#gunzip.on('data', (bytes: Buffer) => {
      this.#unpacked += bytes.length;
      use(bytes);
    });
    this.#gunzip.on('error', async (error: NodeJS.ErrnoException) => {
      if (error.code === 'Z_BUF_ERROR') {
        this.error ??= `cut short: the gzip data ends early, after ${this.#unpacked} unpacked bytes`;
      } else {
        await this.#salvage();
        this.error ??= `damaged: the gzip data is corrupt after ${this.#unpacked} unpacked bytes (${error.message})`;
      }
      this.#wake();
    });
    this.#gunzip.on('end', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Resolves once all that `bytes` yield was handed over, so that packed data never piles up. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.error !== null || this.#isOver) return Promise.resolve();
    this.#keep(bytes);
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.write(bytes, (error) => {
        // An error wakes when what could be saved was handed over.
        if (!error) resolve();
      });
    });
  }

  #keep(bytes: Uint8Array): void {
    this.#keptLength += bytes.length;
    if (this.#keptLength > KEPT_LENGTH) this.#kept = null;
    else this.#kept?.push(bytes.slice());
  }

  /** Hands over what the bytes of the last write yield before the damage: those of each step that is sound. */
  #salvage(): Promise<void> {
    const kept = this.#kept ?? [];
    this.#kept = null;
    const last = kept.pop();
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      let at = 0;
      const gunzip = createGunzip({ chunkSize: OUTPUT_LENGTH, flush: constants.Z_SYNC_FLUSH });
      gunzip.on('data', (bytes: Buffer) => {
        const fresh = bytes.subarray(Math.max(0, this.#unpacked - at));
        at += bytes.length;
        if (fresh.length === 0) return;
        this.#unpacked += fresh.length;
        this.#use(fresh);
      });
      for (const event of ['error', 'end'] as const) gunzip.on(event, () => resolve());
      gunzip.write(Buffer.concat(kept));
      for (let step = 0; step < last.length; step += SALVAGE_STEP)
        gunzip.write(last.subarray(step, step + SALVAGE_STEP));
      gunzip.end();
    });
  }

  /** Kept apart from the last write: zlib would drop what that one yields when it finds the end missing. */
  end(): Promise<void> {
    if (this.error !== null || this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#gunzip.end();
    });
  }
}
