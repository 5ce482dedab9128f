/** Time of day in UTC, `14:07:33`, for a time in microseconds since the Unix epoch. */
export function clockOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(11, 19);
}

/** `14:07:33.120`. */
export function clockWithMsOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(11, 23);
}

/** `2026-11-22`. */
export function dateOf(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 10);
}

/** An age in at most six characters: `41s`, `12m41s`, `2h03m`, `3d04h`. Never negative: clocks of two sources may differ. */
export function formatAge(durationUs: number): string {
  const seconds = Math.max(0, Math.floor(durationUs / 1_000_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${twoDigits(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${twoDigits(hours % 24)}h`;
}

/** A measured gap: `3.688 s`. */
export function formatGap(durationUs: number): string {
  return `${(durationUs / 1_000_000).toFixed(3)} s`;
}

/** An interval as it is configured, in few characters: `1s`, `0.5s`, `0.01s`, `120s`. The report has room for `2 min`. */
export function formatShortInterval(intervalUs: number): string {
  return `${Number((intervalUs / 1_000_000).toFixed(3))}s`;
}

/** Counters above 9999 are shown in thousands or millions, so that cells keep their width. */
export function formatCount(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 9_999_950) return `${(count / 1000).toFixed(1)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
