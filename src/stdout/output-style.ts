import type { Options } from '../options.ts';

/** How text goes to standard output: coloured on a terminal that has colours, as wide as it is. */
export function outputStyle({ color, ascii }: Options): { color: boolean; ascii: boolean; width: number } {
  const { stdout } = process;
  return { color: color && stdout.isTTY === true && stdout.hasColors(), ascii, width: stdout.columns ?? 80 };
}

/** True when standard output is a terminal that the dashboard can be drawn on. */
export function isScreen(): boolean {
  return process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
}
