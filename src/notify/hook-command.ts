import { findProgram } from '../find-program.ts';
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
  if (findProgram(file) === null) {
    throw new UserError(
      `--on-event: no program ${file}`,
      'give its path, and make it executable; a shell takes part with --on-event-shell only',
    );
  }
  return { file, args };
}
