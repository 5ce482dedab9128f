const SECOND_US = 1_000_000;

/** The last and first moment that a Date can hold, in milliseconds; pcapng times may lie beyond. */
const DATE_MAX_MS = 8.64e15;

const MINUTE_US = 60 * SECOND_US;
const HOUR_US = 60 * MINUTE_US;

/** `2026-11-22T13:` for the hour that was last asked for: a long report has thousands of times, and a Date is slow. */
let hour = { number: Number.NaN, text: '' };

/** ISO 8601 in UTC with microseconds: `2026-11-22T13:06:24.600737Z`. */
export function isoTime(us: number): string {
  const limitUs = DATE_MAX_MS * 1000;
  const wholeUs = Math.round(Math.min(limitUs, Math.max(-limitUs, us)));
  const number = Math.floor(wholeUs / HOUR_US);
  if (number !== hour.number) {
    hour = { number, text: new Date((number * HOUR_US) / 1000).toISOString().slice(0, -'mm:ss.mmmZ'.length) };
  }
  const inHourUs = wholeUs - number * HOUR_US;
  const minutes = Math.floor(inHourUs / MINUTE_US);
  const clock = String(inHourUs - minutes * MINUTE_US).padStart('ssuuuuuu'.length, '0');
  return `${hour.text}${String(minutes).padStart(2, '0')}:${clock.slice(0, 2)}.${clock.slice(2)}Z`;
}

/** Microseconds as a number of seconds, exact to the microsecond. */
export function seconds(us: number): number {
  return Math.round(us) / SECOND_US;
}

/** A time of day for people, `13:06:24.600`, or with its date `2026-11-22 13:06:24.600`; the caller adds the word UTC. */
export function clockTime(us: number, withDate = false): string {
  const [date = '', time = ''] = isoTime(us).split('T');
  const clock = time.slice(0, 'hh:mm:ss.mmm'.length);
  return withDate ? `${date} ${clock}` : clock;
}

/** True when both times lie on the same day in UTC. */
export function isSameDay(a: number, b: number): boolean {
  return isoTime(a).split('T')[0] === isoTime(b).split('T')[0];
}

/** A duration for people: `12 ms`, `0.61 s`, `41 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(us: number): string {
  if (us < 0.0995 * SECOND_US) return `${Number((us / 1000).toFixed(us < 9_950 ? 1 : 0))} ms`;
  if (us < 9.995 * SECOND_US) return `${(us / SECOND_US).toFixed(2)} s`;
  const whole = Math.round(us / SECOND_US);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A length of time that was chosen, not measured: `1 s`, `0.1 s`, `2 min`, `2.5 min`. */
export function formatInterval(us: number): string {
  return us < 120 * SECOND_US
    ? `${Number((us / SECOND_US).toFixed(3))} s`
    : `${Number((us / SECOND_US / 60).toFixed(2))} min`;
}
