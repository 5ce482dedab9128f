import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Report } from '../analyzer/report.ts';
import { printable } from '../output/escape.ts';
import { UserError } from '../user-error.ts';
import { metricsText } from './exposition.ts';

/**
 * Writes the metrics of a check or a saved capture.
 *
 * @returns why they could not be written, null when they were
 */
export async function saveMetrics(file: string, report: Report): Promise<string | null> {
  try {
    await writeTextfile(file, await metricsText(report));
    return null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

/**
 * Puts a text in place of a file. Readers see the old one or the new one, never a part.
 *
 * @throws UserError when it cannot be written
 */
export async function writeTextfile(file: string, text: string): Promise<void> {
  // Not *.prom: the collector would read it.
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    // root could put a file in place of /dev/null.
    const there = await stat(file).catch(() => null);
    if (there !== null && !there.isFile()) throw new Error('it is there and is no regular file');
    await rm(beside, { force: true });
    await writeFile(beside, text, { flag: 'wx', mode: 0o644 });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new UserError(
      `--textfile: cannot write ${printable(file)}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
