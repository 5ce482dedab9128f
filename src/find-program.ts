import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Path of a program that can be executed, null when there is none.
 *
 * @param file with a slash, where it is; without, to be looked for in PATH
 * @param alsoIn directories to look in after those
 */
export function findProgram(file: string, alsoIn: readonly string[] = []): string | null {
  if (file === '') return null;
  if (file.includes('/')) return isExecutable(file) ? file : null;
  // An empty entry would be the present directory.
  const directories = (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter).filter((directory) => directory !== '');
  return [...directories, ...alsoIn].map((directory) => join(directory, file)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
