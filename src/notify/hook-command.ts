import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../user-error.ts';
import { commandWords } from './command-words.ts';
import type { HookCommand } from './hook-process.ts';

/**
 * The program of `--on-event`, looked for once so that a typing error shows at the start.
 *
 * @param inShell true leaves the text to /bin/sh, which gives the arguments as `$1` to `$4`
 * @throws UserError when there is no such program
 */
export function hookCommand(text: string, inShell: boolean): HookCommand {
  if (inShell) return { file: '/bin/sh', args: ['-c', text, 'vrrpwatch'] };
  const [file = '', ...args] = commandWords(text) ?? [];
  if (!isFound(file)) {
    throw new UserError(
      `--on-event: no program ${file}`,
      'give its path, and make it executable; a shell takes part with --on-event-shell only',
    );
  }
  return { file, args };
}

function isFound(file: string): boolean {
  if (file.includes('/')) return isExecutable(file);
  const directories = (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter);
  return file !== '' && directories.some((directory) => isExecutable(join(directory, file)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
