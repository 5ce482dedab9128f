import type { FrameSink } from '../frame.ts';
import { CAP_UNAVAILABLE_STATUS } from './cap-engine.ts';
import { CaptureChild, type ChildEnd, describeEnd } from './capture-child.ts';
import type { CaptureError } from './capture-error.ts';
import {
  type CaptureRequest,
  type Engine,
  type EngineChoice,
  type EngineName,
  enginesFor,
  noEngineError,
} from './engine.ts';
import { ANY_LINK_FILTER, defaultFilter } from './filter.ts';
import { describeLink, isUsable, type Link, readLink, UNKNOWN_LINK } from './link-state.ts';
import { engineMessage, judgeStartFailure } from './start-failure.ts';

/**
 * Room for an advertisement of 255 IPv6 addresses in a jumbo frame; with its header it stays below 8 KiB, which is
 * what libpcap spends of the ring on each frame then.
 */
const DEFAULT_SNAP_LENGTH = 8000;

/** How soon a link that went down or lost its carrier is noticed: neither engine says so by itself. */
const LINK_CHECK_MS = 100;

/** Between two attempts to start an engine; the wait doubles with each failure in a row. */
const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 2000;

/** A run of at least this long was no failed attempt. */
const STABLE_RUN_MS = 5000;

/** How often drops are asked for, where the engine counts them. */
const STATISTICS_MS = 5000;

export interface WatchOptions {
  readonly interface: string;
  /** Passed to the sink with each frame: which of several watched interfaces it came from. */
  readonly interfaceIndex: number;
  readonly engine: EngineChoice;
  /** libpcap expression, null for the default. */
  readonly filter: string | null;
  /** Ring between kernel and engine in KiB, null for the engine's default. */
  readonly bufferSizeKib: number | null;
  /** Bytes kept of a frame. */
  readonly snapLength?: number;
  /** Time until an engine must capture, in milliseconds. */
  readonly startPatienceMs?: number;
}

export interface WatchDetail {
  readonly interface: string;
  readonly engine: EngineName;
  /** LINKTYPE_ number. */
  readonly linkType: number;
}

/** What happens to a watched interface. After `failed` nothing follows. */
export interface WatchListener {
  /** Frames come from now on. Once; `lost` may come before it when the interface is down at the start. */
  started(detail: WatchDetail): void;
  /** No frame can be seen from now on; attempts to go on are under way. Never twice in a row. */
  lost(reason: string): void;
  /** Frames come again after `lost`. */
  resumed(): void;
  /** The capture could not be started and will not by waiting. */
  failed(error: CaptureError): void;
}

export interface InterfaceWatcher {
  /** Frames the kernel dropped since the start, null when the engine does not tell. */
  readonly dropped: number | null;
  /** Ends the capture and its process; nothing is reported any more. */
  stop(): Promise<void>;
}

/** Captures on one interface until it is stopped, whatever happens to the interface or to the capturing process. */
export function watchInterface(options: WatchOptions, sink: FrameSink, listener: WatchListener): InterfaceWatcher {
  const watcher = new Watcher(options, sink, listener);
  watcher.start();
  return watcher;
}

class Watcher implements InterfaceWatcher {
  readonly #options: WatchOptions;
  readonly #sink: FrameSink;
  readonly #listener: WatchListener;
  /** Engines that were not tried yet; the first one that captures is kept. */
  #untried: readonly Engine[];
  #engine: Engine | undefined;
  #child: CaptureChild | undefined;
  /** The child was told to end, as its interface has gone. */
  #isChildRecalled = false;
  #link: Link;
  #filter: string;
  #capMessage = '';
  #wasListed = false;
  #hasStarted = false;
  #isLost = false;
  #retryMs = RETRY_MIN_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #timers: NodeJS.Timeout[] = [];
  #runStartedAtMs = 0;
  #droppedBefore: number | null = null;
  #stopped: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(options: WatchOptions, sink: FrameSink, listener: WatchListener) {
    this.#options = options;
    this.#sink = sink;
    this.#listener = listener;
    this.#untried = enginesFor(options.engine);
    this.#link = this.#readLink();
    this.#filter = options.filter ?? defaultFilter(options.interface);
  }

  start(): void {
    this.#timers = [
      setInterval(() => this.#checkLink(), LINK_CHECK_MS),
      setInterval(() => this.#child?.askForStatistics(), STATISTICS_MS),
    ];
    // The caller gets the watcher before it hears of it.
    this.#retryTimer = setTimeout(() => this.#tryNextEngine(), 0);
  }

  get dropped(): number | null {
    const now = this.#child?.dropped ?? null;
    return this.#droppedBefore === null && now === null ? null : (this.#droppedBefore ?? 0) + (now ?? 0);
  }

  stop(): Promise<void> {
    if (this.#stopped !== undefined) return this.#stopped.promise;
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.#stopped = { promise, resolve };
    this.#clearTimers();
    if (this.#child === undefined) resolve();
    else this.#child.stop();
    return promise;
  }

  #clearTimers(): void {
    this.#timers.forEach(clearInterval);
    clearTimeout(this.#retryTimer);
  }

  #tryNextEngine(): void {
    const [engine, ...untried] = this.#untried;
    this.#engine = engine;
    this.#untried = untried;
    if (engine === undefined) this.#fail(noEngineError(this.#options.engine, this.#capMessage));
    else this.#launch(engine);
  }

  #launch(engine: Engine): void {
    this.#runStartedAtMs = performance.now();
    this.#link = this.#readLink();
    this.#isChildRecalled = false;
    this.#child = new CaptureChild({
      engine,
      request: this.#request(engine),
      interfaceIndex: this.#options.interfaceIndex,
      sink: this.#sink,
      startPatienceMs: this.#options.startPatienceMs,
      onCapturing: (linkType) => this.#onCapturing(engine, linkType),
      onEnd: (end) => this.#onEnd(engine, end),
    });
  }

  #request(engine: Engine): CaptureRequest {
    const { bufferSizeKib, snapLength } = this.#options;
    return {
      interface: this.#options.interface,
      filter: this.#filter,
      snapLength: snapLength ?? DEFAULT_SNAP_LENGTH,
      bufferSizeKib: bufferSizeKib ?? engine.defaultBufferSizeKib,
    };
  }

  #onCapturing(engine: Engine, linkType: number): void {
    if (this.#stopped !== undefined) return;
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#isLost = false;
      this.#listener.started({ interface: this.#options.interface, engine: engine.name, linkType });
    }
    this.#checkLink();
  }

  /** Of a name that the kernel never listed, such as an alternative one, the engine alone knows the state. */
  #readLink(): Link {
    const link = readLink(this.#options.interface);
    this.#wasListed ||= link.index !== null;
    return link.state === 'absent' && !this.#wasListed ? UNKNOWN_LINK : link;
  }

  /** Reports a link that cannot carry frames, and one that can again. */
  #checkLink(): void {
    const before = this.#link;
    const link = this.#readLink();
    // While some other interface comes or goes, /proc and /sys disagree for a moment.
    if (link.state === 'unknown' && before.state !== 'unknown') return;
    this.#link = link;
    // Until the engine has said what it makes of the interface there is nothing to lose.
    if (!this.#hasStarted && !this.#isLost) return;
    if (isUsable(link.state)) {
      if (before.index !== null && before.index !== link.index) this.#replaceChild();
      else if (this.#child?.isCapturing) this.#reportResumed();
      else if (!isUsable(before.state)) this.#launchNow();
      return;
    }
    this.#reportLost(describeLink(this.#options.interface, link.state));
    if (link.state === 'absent') this.#recallChild();
  }

  #recallChild(): void {
    this.#isChildRecalled = true;
    this.#child?.stop();
  }

  /** The interface is another one of the same name: what captured on the old one will never see a frame. */
  #replaceChild(): void {
    this.#reportLost(`${this.#options.interface} was deleted and made again`);
    this.#retryMs = RETRY_MIN_MS;
    if (this.#child === undefined) this.#launchNow();
    else this.#recallChild();
  }

  #launchNow(): void {
    if (this.#child !== undefined || this.#engine === undefined) return;
    clearTimeout(this.#retryTimer);
    this.#launch(this.#engine);
  }

  #onEnd(engine: Engine, end: ChildEnd): void {
    this.#droppedBefore = this.dropped;
    this.#child = undefined;
    if (this.#stopped !== undefined) {
      this.#stopped.resolve();
    } else if (this.#hasStarted) {
      this.#checkLink();
      this.#reportLost(describeEnd(engine, end, this.#options.interface));
      this.#retry(engine);
    } else if (this.#isChildRecalled) {
      this.#retry(engine);
    } else {
      this.#onStartFailure(engine, end);
    }
  }

  #onStartFailure(engine: Engine, end: ChildEnd): void {
    const said = engineMessage(end.stderr, this.#options.interface);
    if (end.status === CAP_UNAVAILABLE_STATUS && engine.name === 'cap') {
      this.#capMessage = said;
      this.#tryNextEngine();
      return;
    }
    const reason = end.damage === null && said !== '' ? said : describeEnd(engine, end, this.#options.interface);
    const failure = judgeStartFailure(this.#options.interface, this.#filter, reason);
    if (failure.kind === 'transient') {
      this.#reportLost(failure.reason);
      this.#retry(engine);
    } else if (failure.error.kind === 'no-interface' && this.#isLost) {
      // It was there, if only down.
      this.#retry(engine);
    } else if (
      failure.error.kind === 'bad-filter' &&
      this.#filter !== ANY_LINK_FILTER &&
      this.#options.filter === null
    ) {
      // Not Ethernet, but a tunnel for example: there are no VLANs.
      this.#filter = ANY_LINK_FILTER;
      this.#launch(engine);
    } else if (failure.error.kind === 'no-permission' && this.#untried.length > 0) {
      // tcpdump may have file capabilities of its own.
      this.#tryNextEngine();
    } else {
      this.#fail(failure.error);
    }
  }

  #retry(engine: Engine): void {
    if (performance.now() - this.#runStartedAtMs > STABLE_RUN_MS) this.#retryMs = RETRY_MIN_MS;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => {
      if (this.#child === undefined) this.#launch(engine);
    }, this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MAX_MS);
  }

  #fail(error: CaptureError): void {
    this.#clearTimers();
    this.#stopped = { promise: Promise.resolve(), resolve: () => {} };
    this.#listener.failed(error);
  }

  #reportLost(reason: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#listener.lost(reason);
  }

  #reportResumed(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#listener.resumed();
  }
}
