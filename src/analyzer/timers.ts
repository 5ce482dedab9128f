/** Timers of the election. All times and results are microseconds. */

const SECOND_US = 1_000_000;

/** keepalived's `down_timer_adverts` default and the RFCs' fixed value; the option is not on the wire. */
const DOWN_TIMER_ADVERTS = 3;

/** An answer to a lower-ranked advertisement (keepalived `vrrp_state_master_rx`) leaves within this time, also under load. */
export const ANSWER_US = 50_000;

/** The interval that a backup's timers count in: VRRPv3 learns the master's (RFC 9568 §6.1), VRRPv2 has one for all. */
export function backupIntervalUs(version: number, ownIntervalUs: number, masterIntervalUs: number): number {
  return version === 3 ? masterIntervalUs : ownIntervalUs;
}

/**
 * Skew_Time: how long a backup waits after the master resigned, shorter for a higher priority.
 *
 * VRRPv2: (256 − priority) / 256 s, whatever the interval (RFC 3768 §6.1).
 * VRRPv3: (256 − priority) × interval / 256 (RFC 9568 §6.1).
 */
export function skewTimeUs(version: number, intervalUs: number, priority: number): number {
  return ((256 - priority) * (version === 2 ? SECOND_US : intervalUs)) / 256;
}

/** Master_Down_Interval: how long a backup waits for a silent master (RFC 3768 §6.1, RFC 9568 §6.1). */
export function masterDownIntervalUs(version: number, intervalUs: number, priority: number): number {
  return DOWN_TIMER_ADVERTS * intervalUs + skewTimeUs(version, intervalUs, priority);
}

/**
 * No master is waited for longer than this: three intervals, the longest skew time, and slack for a loaded machine.
 * After it, a silent virtual router is silent, and a claimant that would have spoken has yielded.
 */
export function silenceUs(version: number, intervalUs: number): number {
  return masterDownIntervalUs(version, intervalUs, 0) + Math.max(0.1 * intervalUs, 100_000);
}

/**
 * Two advertisements closer than this may have crossed on the wire, or the second is the one that
 * `higher_prio_send_advert` sends before yielding: no contradiction.
 */
export function graceUs(intervalUs: number): number {
  return Math.max(0.1 * intervalUs, 20_000);
}

/** A master heard within this time is on the air: it missed one advertisement at most, and no backup may take over yet. */
export function freshUs(intervalUs: number): number {
  return Math.max(2.2 * intervalUs, graceUs(intervalUs) + 1.2 * intervalUs);
}

/** True for who was heard last so long ago that others may have its place; the slowest interval is 255 s. */
export function isAbsent(lastUs: number, atUs: number): boolean {
  return atUs - lastUs > ABSENCE_US;
}

const ABSENCE_US = 300_000_000;
