import './not-ci.ts';

import type { Instance } from 'ink';
import { render } from 'ink';
import type { ReactElement } from 'react';
import type { WatchEvent } from '../analyzer/event.ts';
import { Dashboard } from './Dashboard.tsx';
import type { Action } from './keys.ts';
import { actionFor } from './keys.ts';
import type { Alarm } from './routers.ts';
import { alarmsOf } from './routers.ts';
import type { DashboardSource, ReplayControl, Snapshot } from './source.ts';
import type { DashboardTerminal } from './terminal.ts';
import { createTerminal, openKeyboard } from './terminal.ts';
import type { Theme } from './theme.ts';
import { createTheme } from './theme.ts';
import type { UiState } from './ui-state.ts';
import { afterAction, afterTyping, INITIAL_STATE } from './ui-state.ts';
import type { View } from './view.ts';
import { createView } from './view.ts';

/** VRRP beats once a second; keys and alarms are drawn at once. */
const REDRAW_MS = 500;
const FRAMES_PER_SECOND_MAX = 10;
/** If stopping did not work (no job control), the screen comes back after this. */
const RESUME_MS = 500;

export interface DashboardOptions {
  readonly source: DashboardSource;
  readonly replay: ReplayControl | null;
  readonly color: boolean;
  readonly ascii: boolean;
  /** Rings the bell on a new split brain. */
  readonly bell: boolean;
  readonly showSecrets: boolean;
  /** Interfaces of this host, named as hints while nothing is heard. */
  readonly interfaces: readonly string[];
  readonly stdin?: NodeJS.ReadStream;
  readonly stdout?: NodeJS.WriteStream;
}

/** `quit` for q, Ctrl-C and `stop`; else the signal that ended the dashboard. */
export type DashboardEnd = 'quit' | 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface RunningDashboard {
  /**
   * Settles once the terminal is as it was, so that the caller can print its summary and exit; the dashboard ends no process
   * by itself. Rejects when drawing failed.
   */
  readonly done: Promise<DashboardEnd>;
  /** Draws now; for an alarm that should not wait for the next frame. */
  redraw(): void;
  stop(): void;
}

/** Takes the terminal over until the user quits. `stdout` must be a terminal. */
export function startDashboard(options: DashboardOptions): RunningDashboard {
  const session = new Session(options);
  session.start();
  return session;
}

class Session implements RunningDashboard {
  readonly done: Promise<DashboardEnd>;
  readonly #options: DashboardOptions;
  readonly #terminal: DashboardTerminal;
  readonly #keyboard: NodeJS.ReadStream | null;
  readonly #theme: Theme;
  readonly #handlers: readonly (readonly [string, () => void])[];
  #state: UiState = INITIAL_STATE;
  #frozen: { readonly snapshot: Snapshot; readonly events: readonly WatchEvent[] } | null = null;
  #knownAlarms: ReadonlySet<string> = new Set();
  #alarmsSinceFreeze = 0;
  #view: View | null = null;
  #ink: Instance | null = null;
  #timer: NodeJS.Timeout | null = null;
  #hasEnded = false;
  #resolve: (end: DashboardEnd) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor(options: DashboardOptions) {
    this.#options = options;
    this.#terminal = createTerminal(options.stdout ?? process.stdout);
    this.#keyboard = openKeyboard(options.stdin ?? process.stdin);
    this.#theme = createTheme(options);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#handlers = [
      ['SIGINT', () => this.#finish('SIGINT')],
      ['SIGTERM', () => this.#finish('SIGTERM')],
      ['SIGHUP', () => this.#finish('SIGHUP')],
      ['SIGQUIT', () => this.#quitAtOnce()],
      ['SIGCONT', () => this.#resume()],
      // The stack trace belongs on the user's own screen.
      ['uncaughtExceptionMonitor', () => this.#restore()],
      ['exit', () => this.#restore()],
    ];
  }

  start(): void {
    for (const [event, handler] of this.#handlers) process.on(event, handler);
    this.#terminal.stdout.on('resize', this.redraw);
    // A terminal that is closed reports an error on both streams, before or instead of SIGHUP.
    this.#terminal.stdout.on('error', this.#hangUp);
    this.#keyboard?.on('error', this.#hangUp);
    this.#mount();
  }

  readonly redraw = (): void => {
    if (this.#ink !== null) this.#ink.rerender(this.#frame());
  };

  readonly stop = (): void => this.#finish('quit');

  readonly #hangUp = (): void => this.#finish('SIGHUP');

  #frame(): ReactElement {
    const { source, replay, showSecrets, interfaces } = this.#options;
    const live = source.snapshot();
    this.#noticeAlarms(live);
    const { snapshot, events } = this.#frozen ?? { snapshot: live, events: source.events };
    const { columns, rows } = this.#terminal.size();
    this.#view = createView({
      snapshot,
      events,
      state: this.#state,
      replay,
      theme: this.#theme,
      columns,
      rows,
      showSecrets,
      interfaces,
      alarmsSinceFreeze: this.#alarmsSinceFreeze,
    });
    return (
      <Dashboard
        view={this.#view}
        columns={columns}
        theme={this.#theme}
        hasKeyboard={this.#keyboard !== null}
        onKey={this.#onKey}
      />
    );
  }

  #noticeAlarms(live: Snapshot): void {
    const alarms = alarmsOf(live.report).map(({ key }) => key);
    const fresh = alarms.filter((key) => !this.#knownAlarms.has(key)).length;
    this.#knownAlarms = new Set(alarms);
    if (fresh === 0) return;
    // A new alarm is more urgent than the one that was looked at.
    this.#state = { ...this.#state, alarm: null };
    if (this.#frozen !== null) this.#alarmsSinceFreeze += fresh;
    if (this.#options.bell) this.#terminal.bell();
  }

  #mount(): void {
    this.#terminal.enter();
    this.#ink = render(this.#frame(), {
      stdout: this.#terminal.stdout,
      ...(this.#keyboard === null ? {} : { stdin: this.#keyboard }),
      exitOnCtrlC: false,
      patchConsole: false,
      // It would read out the blanks of Line; event lines are the output for screen readers.
      isScreenReaderEnabled: false,
      maxFps: FRAMES_PER_SECOND_MAX,
    });
    this.#ink.waitUntilExit().catch((error: unknown) => {
      this.#restore();
      this.#reject(error);
    });
    this.#timer = setInterval(this.redraw, REDRAW_MS);
  }

  #unmount(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    const ink = this.#ink;
    this.#ink = null;
    ink?.unmount();
    this.#terminal.leave();
  }

  /** Gives the terminal back for good. */
  #restore(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#unmount();
    this.#terminal.stdout.off('resize', this.redraw);
    const stdin = this.#options.stdin ?? process.stdin;
    if (this.#keyboard !== stdin) this.#keyboard?.destroy();
  }

  #finish(end: DashboardEnd): void {
    this.#restore();
    // A library of Ink raises a signal again where it finds no other handler, so these stay until it has been dealt with.
    setImmediate(() => {
      for (const [event, handler] of this.#handlers) process.off(event, handler);
      this.#resolve(end);
    });
  }

  /** As without a dashboard: the signal ends the process, and leaves a core file where one is wanted. */
  #quitAtOnce(): void {
    this.#restore();
    process.removeAllListeners('SIGQUIT');
    process.kill(process.pid, 'SIGQUIT');
  }

  /** The whole process group stops, as if the terminal had sent the signal: a shell counts a pipeline as stopped only then. */
  #suspend(): void {
    this.#unmount();
    setTimeout(() => this.#resume(), RESUME_MS);
    process.kill(0, 'SIGTSTP');
  }

  #resume(): void {
    if (this.#hasEnded || this.#ink !== null) return;
    // A stopped process is not told of a new window size; node asks for it on this signal.
    process.emit('SIGWINCH', 'SIGWINCH');
    this.#mount();
  }

  readonly #onKey = (key: string): void => {
    if (this.#view === null || this.#ink === null) return;
    if (this.#state.isTypingFilter && key !== 'ctrl-c') {
      this.#state = afterTyping(this.#state, key);
      this.redraw();
      return;
    }
    const action = actionFor(key, this.#options.replay !== null);
    if (action === null) return;
    this.#state = afterAction(this.#state, action, this.#view.onScreen);
    this.#carryOut(action, this.#view.onScreen.repair);
    this.redraw();
  };

  #carryOut(action: Action, repair: Alarm | null): void {
    const { source, replay } = this.#options;
    switch (action) {
      case 'quit':
        this.stop();
        break;
      case 'suspend':
        this.#suspend();
        break;
      case 'freeze':
        this.#frozen = this.#state.isFrozen ? { snapshot: source.snapshot(), events: [...source.events] } : null;
        this.#alarmsSinceFreeze = 0;
        break;
      case 'copy':
        this.#copyRemedy(repair);
        break;
      case 'play-pause':
        replay?.toggle();
        break;
      case 'step':
        replay?.step();
        break;
      case 'faster':
        replay?.faster();
        break;
      case 'slower':
        replay?.slower();
        break;
      case 'next-event':
        replay?.jumpToNextEvent();
        break;
      default:
        // The others are carried out by the new state.
        break;
    }
  }

  #copyRemedy(repair: Alarm | null): void {
    const remedies = repair?.splitBrain.cause.remedies ?? [];
    const remedy = remedies[this.#state.copied % Math.max(1, remedies.length)];
    if (remedy !== undefined) this.#terminal.copy(remedy.command);
  }
}
