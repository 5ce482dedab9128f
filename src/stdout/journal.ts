import { fstatSync } from 'node:fs';

/**
 * True when an open file is the journal of systemd, which takes `<3>` before a line for its priority (sd-daemon(3)).
 *
 * @param journalStream JOURNAL_STREAM, which programs inherit whose output goes elsewhere: hence the comparison
 */
export function isJournal(fd: number, journalStream: string | undefined): boolean {
  if (journalStream === undefined) return false;
  const { dev, ino } = fstatSync(fd);
  return journalStream === `${dev}:${ino}`;
}
