import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { FrameFilter, FrameSink } from '../frame.ts';
import type { Gunzipper } from './gunzip.ts';
import { linkTypeName } from './link-type-name.ts';
import { READ_AHEAD_MIN_LENGTH, readAhead } from './read-ahead.ts';
import { CaptureReader } from './reader.ts';
import { captureName, isStandardInput } from './standard-input.ts';

/** What a capture was, once it is read to its end or to its damage. */
export interface CaptureSummary {
  /** `pcap` or `pcapng`, with `.gz` behind it when it was packed. */
  readonly format: string;
  /** LINKTYPE_ names without that prefix, `ETHERNET`; several of a pcapng file are joined by commas, null without any. */
  readonly linkType: string | null;
  /** Packets of every kind. */
  readonly packets: number;
  /** Time of the first and last packet of any kind, in file order; null without packets. */
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** It does not tell everything: it has an `error`, or packets are `untimed`. */
  readonly truncated: boolean;
  /** In the middle of what it ends, or how it is damaged, and where; null when it is whole. */
  readonly error: string | null;
  /** What to do about an `error` that is no damage; null for damage and without an error. */
  readonly hint: string | null;
  /** Packets without a time among those that passed the filter. */
  readonly untimed: number;
  /** Frames that the capture says it lost, null where it does not say. */
  readonly dropped: number | null;
  /** By the `interfaceIndex` of the frames; text from the file, not safe to print as it is. */
  readonly interfaceNames: readonly (string | null)[];
}

export interface ReadOptions {
  /** Called now and then with the bytes of the file read so far and its length, null where that is not known. */
  readonly onProgress?: (bytesRead: number, totalBytes: number | null) => void;
  /** Ends the reading: of a stream as if it ended there, of a file with an error. */
  readonly signal?: AbortSignal;
  /** Stands in for the process's standard input. */
  readonly stdin?: Readable;
}

/** Nothing of the capture can be read. The message is one line; the hint, where there is one, says what to do. */
export class CaptureFileError extends Error {
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CaptureFileError';
    this.hint = hint;
  }
}

/** Bytes after which progress is told and, at the latest, the event loop gets its turn to see signals. */
const PROGRESS_STEP = 32 * 1024 * 1024;

/** First portion of a file, read to see whether it is packed, and the portions in which packed data is read. */
const PORTION_LENGTH = 64 * 1024;

/**
 * Reads a pcap or pcapng file, packed with gzip or not, and hands the frames that pass `filter` to `sink`.
 *
 * @param path a file, a named pipe, or `-` for standard input, which is read as it arrives
 * @throws CaptureFileError when nothing can be read; damage further on is told by the summary
 */
export async function readCaptureFile(
  path: string,
  filter: FrameFilter,
  sink: FrameSink,
  options: ReadOptions = {},
): Promise<CaptureSummary> {
  const intake = new Intake(filter, sink);
  const name = captureName(path);
  try {
    if (isStandardInput(path)) await readStdin(intake, options);
    else await readPath(path, intake, options);
  } catch (error) {
    if (error instanceof CaptureFileError) throw error;
    if (!intake.hasStarted)
      throw new CaptureFileError(`cannot read ${name}: ${systemMessage(error)}`, null, { cause: error });
    intake.failure ??= `cannot be read on: ${systemMessage(error)}`;
  }
  return intake.finish(name, options.signal?.aborted === true);
}

/** Brings bytes, packed or not, to a reader. */
class Intake {
  failure: string | null = null;
  readonly reader: CaptureReader;
  #gunzipper: Gunzipper | null = null;
  /** The first byte while it is the only one: two tell whether the data is packed. */
  #head: Uint8Array | null = null;
  #hasBegun = false;

  constructor(filter: FrameFilter, sink: FrameSink) {
    this.reader = new CaptureReader(filter, sink);
  }

  /** True once it is known that the bytes go to the reader as they are. */
  get isPlain(): boolean {
    return this.#hasBegun && this.#gunzipper === null;
  }

  get hasStarted(): boolean {
    return this.reader.parser?.headerRead === true;
  }

  get wantsMore(): boolean {
    return this.reader.wantsMore && (this.#gunzipper === null || this.#gunzipper.error === null);
  }

  async push(bytes: Uint8Array): Promise<void> {
    let all = bytes;
    if (!this.#hasBegun) {
      if (this.#head !== null) all = Buffer.concat([this.#head, bytes]);
      this.#head = all.length < 2 ? Buffer.from(all) : null;
      if (this.#head !== null) return;
      this.#hasBegun = true;
      if (isGzip(all)) {
        // Loaded for packed files alone: zlib takes some milliseconds.
        const { Gunzipper } = await import('./gunzip.ts');
        this.#gunzipper = new Gunzipper((unpacked) => this.reader.push(unpacked));
      }
    }
    if (this.#gunzipper === null) this.reader.push(all);
    else await this.#gunzipper.write(all);
  }

  async finish(name: string, isAborted: boolean): Promise<CaptureSummary> {
    if (this.#head !== null) this.reader.push(this.#head);
    if (!isAborted && this.wantsMore) await this.#gunzipper?.end();
    const reader = this.reader;
    const readerError = reader.finish();
    const error = this.failure ?? this.#gunzipper?.error ?? (isAborted ? null : readerError);
    if (error !== null && !this.hasStarted && reader.parser === null) {
      throw new CaptureFileError(`${name} cannot be read: ${error}`);
    }
    if (reader.unreadable !== null)
      throw new CaptureFileError(`${name} ${reader.unreadable.reason}`, reader.unreadable.hint);
    if (reader.parser === null) throw new CaptureFileError(`${name} is empty`);
    const { format, linkTypes, packets, firstUs, lastUs, hint, untimed, dropped, interfaceNames } = reader.parser;
    return {
      format: this.#gunzipper !== null ? `${format}.gz` : format,
      linkType: linkTypes.length > 0 ? [...new Set(linkTypes.map(linkTypeName))].join(',') : null,
      packets,
      firstUs,
      lastUs,
      truncated: error !== null || untimed > 0,
      error,
      hint,
      untimed,
      dropped,
      interfaceNames,
    };
  }
}

/** The two bytes with which every member of a gzip file starts (RFC 1952 §2.3.1). */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function readStdin(intake: Intake, options: ReadOptions): Promise<void> {
  if (options.stdin !== undefined) return readStream(options.stdin, intake, options);
  if (fstatSync(0).isFile()) return readDescriptor(0, null, intake, options);
  if (process.stdin.isTTY) {
    throw new CaptureFileError('standard input is a terminal', 'tcpdump -U -w - vrrp | vrrpwatch --pcap -');
  }
  return readStream(process.stdin, intake, options);
}

async function readPath(path: string, intake: Intake, options: ReadOptions): Promise<void> {
  const stat = statSync(path);
  if (stat.isDirectory()) throw new CaptureFileError(`${path} is a directory`);
  if (stat.isFIFO()) {
    const { openNamedPipe } = await import('./named-pipe.ts');
    return readStream(openNamedPipe(path), intake, options);
  }
  if (!stat.isFile()) return readStream(createReadStream(path), intake, options);
  const descriptor = openSync(path, 'r');
  try {
    await readDescriptor(descriptor, 0, intake, options);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads a file to wherever its end is by then; it may grow or shrink meanwhile.
 *
 * @param start where to begin, null for wherever the descriptor stands
 */
async function readDescriptor(
  descriptor: number,
  start: number | null,
  intake: Intake,
  options: ReadOptions,
): Promise<void> {
  const totalBytes = fstatSync(descriptor).size;
  const portion = Buffer.allocUnsafe(PORTION_LENGTH);
  let bytesRead = 0;
  let nextProgress = PROGRESS_STEP;
  let nextTurn = PROGRESS_STEP;
  const readInto = (block: Uint8Array, offset: number, length: number) =>
    readSync(descriptor, block, offset, length, start === null ? null : start + bytesRead);
  const note = (count: number) => {
    bytesRead += count;
    if (bytesRead >= nextProgress) {
      nextProgress += PROGRESS_STEP;
      options.onProgress?.(bytesRead, totalBytes);
    }
    if (options.signal?.aborted !== true) return intake.wantsMore;
    // Unlike a stream, a file has an end, and what comes before it may hold what matters.
    if (bytesRead < totalBytes) intake.failure = 'was read in part only: interrupted';
    return false;
  };
  for (;;) {
    const { isPlain } = intake;
    if (isPlain && start !== null && totalBytes - bytesRead >= READ_AHEAD_MIN_LENGTH) {
      await readAhead(descriptor, start + bytesRead, intake.reader, note);
      if (!note(0)) return;
    }
    const count = isPlain ? intake.reader.fill(readInto) : readInto(portion, 0, portion.length);
    if (count === 0) return;
    if (!isPlain) await intake.push(portion.subarray(0, count));
    if (!note(count)) return;
    if (bytesRead >= nextTurn) {
      nextTurn = bytesRead + PROGRESS_STEP;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function readStream(stream: Readable, intake: Intake, options: ReadOptions): Promise<void> {
  const stop = () => stream.destroy();
  options.signal?.addEventListener('abort', stop, { once: true });
  let bytesRead = 0;
  let nextProgress = PROGRESS_STEP;
  try {
    if (options.signal?.aborted) stop();
    for await (const chunk of stream) {
      await intake.push(chunk);
      if (!intake.wantsMore) return;
      bytesRead += chunk.length;
      if (bytesRead >= nextProgress) {
        nextProgress += PROGRESS_STEP;
        options.onProgress?.(bytesRead, null);
      }
    }
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
}

/** `no such file or directory` out of `ENOENT: no such file or directory, open 'x'`. */
function systemMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: /, '').replace(/, [a-z]+( '.*')?$/s, '');
}
