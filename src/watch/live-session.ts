import { describe } from '../analyzer/describe.ts';
import type { WatchEvent } from '../analyzer/event.ts';
import { expectedKey, unheard } from '../analyzer/expectation.ts';
import type { Report } from '../analyzer/report.ts';
import type { VirtualRouter } from '../analyzer/virtual-router.ts';
import type { CaptureError } from '../capture/capture-error.ts';
import { GroupMembership } from '../capture/group-membership.ts';
import { linkTypeName } from '../capture/link-type-name.ts';
import { type InterfaceWatcher, type WatchDetail, watchInterface } from '../capture/live.ts';
import type { FrameSink } from '../frame.ts';
import type { Options } from '../options.ts';
import { UserError } from '../user-error.ts';
import { type FrameListener, Watch } from './watch.ts';

/** How often time passes for the analyzers when nothing arrives. */
const TICK_MS = 100;

/**
 * Time passes for the analyzers only up to here before now: packets are on their way for a moment, and the process that
 * captures has to wait for its turn on a busy machine. A silence is told that much later, and never falsely for it.
 */
const ARRIVAL_US = 500_000;

/** Without a packet for so many ticks, none is on its way: what a busy machine has not read yet comes without a pause. */
const QUIET_TICKS = 3;

/** A tick this many ticks late means that the program was stopped or starved meanwhile. */
const STALL_TICKS = 5;

/** The wall clock was set when it and the monotonic clock differ by more than this from one tick to the next. */
const CLOCK_STEP_US = 1_000_000;

/** Who is expected and was not heard for so long is silent: with all but the slowest settings, a backup is master by then. */
const UNHEARD_US = 12_000_000;

/** One interface being listened to. */
export interface WatchedInterface {
  readonly name: string;
  readonly watch: Watch;
  /** Held while something is captured. */
  readonly membership: GroupMembership;
  /** Set while the capture runs or ran. */
  detail: WatchDetail | null;
  /** Why nothing is captured at the moment, null while it is. */
  lostReason: string | null;
  /** When the capture began or resumed, on the monotonic clock; null before and while it is lost. */
  hearingSinceMs: number | null;
  /** How long it had captured before the latest loss, all runs together, in microseconds. */
  heardBeforeUs: number;
  packets: number;
  /** `packets` at the latest tick that found new ones, and the ticks since then. */
  packetsThen: number;
  quietTicks: number;
  firstUs: number | null;
  lastUs: number | null;
}

/** Listens on all interfaces that the user named and has each judged by an analyzer of its own. */
export class LiveSession {
  readonly interfaces: readonly WatchedInterface[];
  readonly startedUs = wallClockUs();
  /** Rejects when a capture cannot be started. */
  readonly failed: Promise<never>;
  readonly #options: Options;
  readonly #onEvent: (event: WatchEvent) => void;
  #watchers: InterfaceWatcher[] = [];
  #ticker: NodeJS.Timeout | undefined;
  #clockOffsetUs = clockOffsetUs();
  #startedMs = performance.now();
  #hasStarted = false;
  #hasToldUnheard = false;
  #tickedMs = performance.now();
  #stoppedMs: number | null = null;
  #fail: (error: UserError) => void = () => undefined;

  constructor(options: Options, onEvent: (event: WatchEvent) => void, onFrame: FrameListener | null = null) {
    this.#options = options;
    this.#onEvent = onEvent;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.interfaces = options.interfaces.map((name) => {
      const watch = new Watch(
        {
          capture: name,
          interfaceName: () => name,
          laneHistory: 'recent',
          expectations: options.expectations,
          onEvent,
        },
        onFrame,
      );
      return {
        name,
        watch,
        membership: new GroupMembership(name),
        detail: null,
        lostReason: null,
        hearingSinceMs: null,
        heardBeforeUs: 0,
        packets: 0,
        packetsThen: 0,
        quietTicks: 0,
        firstUs: null,
        lastUs: null,
      };
    });
  }

  start(): void {
    const { engine, filter, bufferSizeKib } = this.#options;
    this.#watchers = this.interfaces.map((watched) =>
      watchInterface(
        { interface: watched.name, interfaceIndex: 0, engine, filter, bufferSizeKib },
        new CountingSink(watched, () => this.#noteClockStep()),
        {
          started: (detail) => this.#onStarted(watched, detail),
          lost: (reason) => this.#onLost(watched, reason),
          resumed: () => this.#onResumed(watched),
          failed: (error) => this.#onFailed(error),
        },
      ),
    );
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  async stop(): Promise<void> {
    this.#stoppedMs ??= performance.now();
    clearInterval(this.#ticker);
    await Promise.all(this.#watchers.map((watcher) => watcher.stop()));
    for (const { membership } of this.interfaces) membership.leave();
  }

  /** Time since the first capture began, in microseconds; until one has, since the start. */
  get watchedForUs(): number {
    return this.#sinceUs(this.#startedMs);
  }

  /** For how long all interfaces have been heard without a gap, in microseconds; 0 while one is not. */
  get heardForUs(): number {
    return Math.min(
      ...this.interfaces.map(({ hearingSinceMs: sinceMs }) => (sinceMs === null ? 0 : this.#sinceUs(sinceMs))),
    );
  }

  /** For how long the interface was heard that was heard the longest, without its gaps, in microseconds. */
  get listenedForUs(): number {
    return Math.max(...this.interfaces.map((watched) => this.#heardUs(watched)));
  }

  get routers(): readonly VirtualRouter[] {
    return this.interfaces.flatMap(({ watch }) => watch.analyzer.routers);
  }

  get adverts(): number {
    return this.interfaces.reduce((sum, { watch }) => sum + watch.analyzer.adverts, 0);
  }

  get packets(): number {
    return this.interfaces.reduce((sum, { packets }) => sum + packets, 0);
  }

  /** Frames dropped on all interfaces, null when no engine tells. */
  get dropped(): number | null {
    const counts = this.#watchers.map(({ dropped }) => dropped).filter((dropped) => dropped !== null);
    return counts.length === 0 ? null : counts.reduce((sum, dropped) => sum + dropped, 0);
  }

  report(): Report {
    const watched = this.interfaces.map((each, i) => ({
      analyzer: each.watch.analyzer,
      capture: {
        name: each.name,
        format: 'live',
        linkType: each.detail === null ? null : linkTypeName(each.detail.linkType),
        packets: each.packets,
        adverts: each.watch.analyzer.adverts,
        firstUs: each.firstUs,
        lastUs: each.lastUs,
        truncated: each.lostReason !== null,
        dropped: this.#watchers[i]?.dropped ?? null,
      },
      trouble: each.lostReason === null ? null : `cannot be captured at the moment: ${each.lostReason}`,
    }));
    return describe(watched, { showSecrets: this.#options.showSecrets });
  }

  #onStarted(watched: WatchedInterface, detail: WatchDetail): void {
    const wasLost = watched.lostReason !== null;
    watched.detail = detail;
    watched.lostReason = null;
    watched.hearingSinceMs = performance.now();
    watched.membership.join();
    if (!this.#hasStarted) this.#startedMs = watched.hearingSinceMs;
    this.#hasStarted = true;
    watched.watch.analyzer.deaf(wallClockUs());
    this.#announce('capture-started', watched, `by ${detail.engine}, link type ${linkTypeName(detail.linkType)}`);
    // Whoever was told of a loss is told of its end: the interface may have been down at first.
    if (wasLost) this.#announce('capture-resumed', watched, 'packets can be seen');
  }

  #onLost(watched: WatchedInterface, reason: string): void {
    watched.lostReason = reason;
    watched.heardBeforeUs = this.#heardUs(watched);
    watched.hearingSinceMs = null;
    watched.membership.leave();
    watched.watch.analyzer.lost();
    this.#announce('capture-lost', watched, reason);
  }

  #onResumed(watched: WatchedInterface): void {
    watched.lostReason = null;
    watched.hearingSinceMs = performance.now();
    watched.membership.join();
    watched.watch.analyzer.deaf(wallClockUs());
    this.#announce('capture-resumed', watched, 'packets can be seen again');
  }

  #onFailed(error: CaptureError): void {
    this.#fail(new UserError(error.message));
  }

  #announce(
    event: 'capture-started' | 'capture-lost' | 'capture-resumed',
    watched: WatchedInterface,
    detail: string,
  ): void {
    this.#onEvent({ event, atUs: wallClockUs(), interface: watched.name, detail });
  }

  #heardUs({ heardBeforeUs, hearingSinceMs: sinceMs }: WatchedInterface): number {
    return heardBeforeUs + (sinceMs === null ? 0 : this.#sinceUs(sinceMs));
  }

  #sinceUs(sinceMs: number): number {
    return ((this.#stoppedMs ?? performance.now()) - sinceMs) * 1000;
  }

  /** A clock set forward looks like a long silence of everybody. */
  #noteClockStep(): void {
    const offsetUs = clockOffsetUs();
    const hasStepped = Math.abs(offsetUs - this.#clockOffsetUs) > CLOCK_STEP_US;
    this.#clockOffsetUs = offsetUs;
    if (!hasStepped) return;
    for (const { watch, lostReason } of this.interfaces) if (lostReason === null) watch.analyzer.deaf(wallClockUs());
  }

  #tick(): void {
    this.#noteClockStep();
    const sinceMs = performance.now() - this.#tickedMs;
    this.#tickedMs += sinceMs;
    // After Ctrl-Z, packets of all that time wait to be read: no interface was quiet.
    if (sinceMs > STALL_TICKS * TICK_MS) for (const watched of this.interfaces) watched.packetsThen = -1;
    const nowUs = wallClockUs();
    for (const watched of this.interfaces) {
      const { watch, lostReason, packets, packetsThen, lastUs } = watched;
      watched.quietTicks = packets === packetsThen ? watched.quietTicks + 1 : 0;
      watched.packetsThen = packets;
      if (lostReason !== null) continue;
      const isQuiet = watched.quietTicks >= QUIET_TICKS || lastUs === null;
      watch.analyzer.tick(isQuiet ? nowUs - ARRIVAL_US : Math.min(lastUs, nowUs - ARRIVAL_US));
    }
    if (!this.#hasToldUnheard && this.heardForUs >= UNHEARD_US) this.#tellUnheard(nowUs);
  }

  /** Tells of each virtual router that is expected and was not heard on any interface. */
  #tellUnheard(atUs: number): void {
    this.#hasToldUnheard = true;
    const { expectations, interfaces } = this.#options;
    const capture = interfaces.join(', ');
    const at = { capture, interface: interfaces.length > 1 ? null : capture, vlan: null, addresses: [] };
    for (const place of unheard(expectations, this.routers)) {
      const router = { key: expectedKey(place), ...at, ...place };
      this.#onEvent({ event: 'silent', atUs, router, lastMaster: null, lastAdvertUs: null });
    }
  }
}

/** Wall time, microseconds since the epoch. */
export function wallClockUs(): number {
  return Date.now() * 1000;
}

function clockOffsetUs(): number {
  return wallClockUs() - performance.now() * 1000;
}

class CountingSink implements FrameSink {
  readonly #watched: WatchedInterface;
  readonly #onLeap: () => void;

  /** @param onLeap called before a frame that comes long after the one before, by their times */
  constructor(watched: WatchedInterface, onLeap: () => void) {
    this.#watched = watched;
    this.#onLeap = onLeap;
  }

  readonly frame: FrameSink['frame'] = (
    block,
    offset,
    capturedLength,
    originalLength,
    timeUs,
    interfaceIndex,
    linkType,
  ) => {
    const watched = this.#watched;
    if (timeUs - (watched.lastUs ?? timeUs) > CLOCK_STEP_US) this.#onLeap();
    watched.packets++;
    watched.firstUs ??= timeUs;
    watched.lastUs = timeUs;
    const { watch } = watched;
    if (!watch.filter(block, offset, capturedLength, linkType)) return;
    watch.frame(block, offset, capturedLength, originalLength, timeUs, interfaceIndex, linkType);
  };
}
