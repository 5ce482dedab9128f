const UNIT_US: Readonly<Record<string, number>> = { ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };

/** Microseconds of `500ms`, `10s`, `2m`, `1h` or plain seconds; null for anything else, and for nothing at all. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (match === null) return null;
  const us = Number(match[1]) * (UNIT_US[match[2] ?? 's'] ?? 0);
  return us > 0 && us <= Number.MAX_SAFE_INTEGER ? Math.round(us) : null;
}
