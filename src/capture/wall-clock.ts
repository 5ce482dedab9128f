/** An error of more than this is a clock that was set, not one that drifts. */
const STEP_MS = 500;

/** Largest correction per call, in milliseconds: once a second this follows twice the drift that NTP allows. */
const SLEW_MS = 1;

/**
 * Wall time in microseconds from a monotonic clock: it does not jump within a measurement as the system's may, and it
 * is finer than the system's millisecond.
 */
export interface WallClock {
  /** Microseconds since the Unix epoch for a reading of the monotonic clock in milliseconds. */
  nowUs(monotonicMs: number): number;
  /**
   * Draws the clock towards the system's, slowly; at once when the system's was set.
   *
   * @param systemMs whole milliseconds since the Unix epoch as `Date.now()` gives them
   */
  correct(monotonicMs: number, systemMs: number): void;
}

/** @param systemMs milliseconds since the Unix epoch at this reading of the monotonic clock, as fine as there is */
export function createWallClock(monotonicMs: number, systemMs: number): WallClock {
  let offsetMs = systemMs - monotonicMs;
  return {
    nowUs: (monotonic) => Math.floor((offsetMs + monotonic) * 1000),
    correct(monotonic, system) {
      // The system's clock shows `system` during a whole millisecond: within it there is nothing to correct.
      const aheadMs = offsetMs + monotonic - system;
      const errorMs = aheadMs < 0 ? aheadMs : Math.max(0, aheadMs - 1);
      offsetMs -= Math.abs(errorMs) > STEP_MS ? errorMs : Math.max(-SLEW_MS, Math.min(SLEW_MS, errorMs));
    },
  };
}
