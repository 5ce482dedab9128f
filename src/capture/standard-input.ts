import { statSync } from 'node:fs';

const NAMES: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0'];

/** True for every name of the process's standard input. */
export function isStandardInput(path: string): boolean {
  return NAMES.includes(path);
}

/** How a capture is called in what is said of it. */
export function captureName(path: string): string {
  return isStandardInput(path) ? 'standard input' : path;
}

/** True for a capture that may still be being made while it is read: standard input, or a named pipe. */
export function isStream(path: string): boolean {
  return isStandardInput(path) || statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}
