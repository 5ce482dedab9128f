import { fstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import { eventLine, journalLine } from '../../src/output/event-line.ts';
import { isJournal } from '../../src/stdout/journal.ts';

const PLAIN = { color: false, ascii: false };

test.each<[number, WatchEvent]>([
  [2, { event: 'capture-lost', atUs: 0, interface: 'eth0', detail: 'eth0 is down' }],
  [5, { event: 'capture-resumed', atUs: 0, interface: 'eth0', detail: 'packets can be seen again' }],
  [6, { event: 'capture-started', atUs: 0, interface: 'eth0', detail: 'by cap' }],
])('in the journal priority %i stands before the line of %o', (priority, event) => {
  expect(journalLine(event, PLAIN)).toBe(`<${priority}>${eventLine(event, PLAIN)}`);
});

test('standard output is the journal where JOURNAL_STREAM names it, not where it is inherited only', () => {
  const { dev, ino } = fstatSync(1);
  expect(isJournal(1, `${dev}:${ino}`)).toBe(true);
  expect(isJournal(1, `${dev}:${ino + 1}`)).toBe(false);
  expect(isJournal(1, undefined)).toBe(false);
});
