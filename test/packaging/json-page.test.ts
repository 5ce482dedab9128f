import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CaptureEvent, WatchEvent } from '../../src/analyzer/event.ts';
import type {
  CauseCode,
  Confidence,
  Evidence,
  FindingCode,
  RouterState,
  Severity,
  TakeoverKind,
  Verdict,
} from '../../src/analyzer/report.ts';
import { EVENT_NAMES } from '../../src/notify/event-names.ts';
import { eventDocument, jsonText, reportDocument } from '../../src/output/json.ts';
import { eventsOf, judgedCaptures } from '../support/judged-capture.ts';

const PAGE = readFileSync(new URL('../../docs/json.md', import.meta.url), 'utf8');
const PCAPS = new URL('../pcaps/', import.meta.url).pathname;

/** By the heading above a table: what its rows begin with, and what their last column names. */
const TABLES = tablesOf(PAGE);

/** Whose keys are addresses. */
const BY_NODE = 'values';

/** By the name of the list or object: the fields of all that was written under this name. */
const written = new Map<string, Set<string>>();
const writtenEvents = new Map<string, Set<string>>();

beforeAll(async () => {
  const paths = ['', 'judged/'].flatMap((folder) =>
    readdirSync(`${PCAPS}${folder}`)
      .filter((name) => name.endsWith('.pcap'))
      .map((name) => `${PCAPS}${folder}${name}`),
  );
  for (const path of paths) {
    const report = await judgedCaptures([path], { showSecrets: true });
    gather('Document', JSON.parse(jsonText(reportDocument(report))));
    for (const event of [...(await eventsOf(path)), ...captureEvents()]) gatherEvent(event);
  }
});

describe('the page about JSON', () => {
  test('names each field that is written for the recordings, where it is written, and no other', () => {
    const others = ['Events', ...EVENT_NAMES, ...Object.keys(values())];
    const named = [...TABLES].filter(([name]) => !others.includes(name));
    expect(sorted(named)).toEqual(sorted([...written]));
  });

  test('names the fields of each event, those of all events first, and no other', () => {
    const common = [...(TABLES.get('Events') ?? [])];
    const named = EVENT_NAMES.map((name) => [name, [...common, ...(TABLES.get(name) ?? [])]] as const);
    expect(sorted(named)).toEqual(sorted([...writtenEvents]));
  });

  test.each(Object.entries(values()))('names each value of %s and no other', (name, all) => {
    expect([...(TABLES.get(name) ?? [])].sort()).toEqual([...all].sort());
  });
});

/** The type check fails here when a value is missing. */
function values(): Readonly<Record<string, readonly string[]>> {
  const verdict: Record<Verdict, 0> = { ok: 0, warning: 0, 'split-brain': 0, unknown: 0 };
  const state: Record<RouterState, 0> = { ok: 0, handover: 0, contested: 0, 'split-brain': 0, silent: 0 };
  const evidence: Record<Evidence, 0> = { adverts: 0, arp: 0, mismatch: 0 };
  const confidence: Record<Confidence, 0> = { certain: 0, likely: 0, possible: 0 };
  const kind: Record<TakeoverKind, 0> = { resigned: 0, 'timed-out': 0, preempted: 0, early: 0 };
  const severity: Record<Severity, 0> = { info: 0, warning: 0, critical: 0 };
  const cause: Record<CauseCode, 0> = {
    filtered: 0,
    'auth-mismatch': 0,
    'interval-mismatch': 0,
    'version-mismatch': 0,
    'address-mismatch': 0,
    'vrid-collision': 0,
    'checksum-mismatch': 0,
    ttl: 0,
    'unicast-mismatch': 0,
    'hmac-mismatch': 0,
    'two-vrids-one-address': 0,
    'host-firewall': 0,
    network: 0,
  };
  const finding: Record<FindingCode, 0> = {
    'stale-arp': 0,
    flapping: 0,
    'late-adverts': 0,
    'config-mismatch': 0,
    'two-vrids-one-address': 0,
    'malformed-advert': 0,
    'bad-checksum': 0,
    'unsafe-ttl': 0,
    'duplicate-source': 0,
    'unexpected-advertiser': 0,
    'paused-master': 0,
    'not-vrrp': 0,
    'capture-truncated': 0,
    'clock-went-back': 0,
    'tracking-limit': 0,
  };
  const codes = { 'Code of a cause': cause, 'Code of a finding': finding };
  const all = Object.entries({ verdict, state, evidence, confidence, kind, severity, ...codes });
  return Object.fromEntries(all.map(([name, each]) => [name, Object.keys(each)]));
}

/** An event of each kind that no recording has. */
function captureEvents(): WatchEvent[] {
  const names: CaptureEvent['event'][] = ['capture-started', 'capture-lost', 'capture-resumed'];
  return names.map((event) => ({ event, atUs: 0, interface: 'eth0', detail: '' }));
}

function gather(name: string, value: Record<string, unknown>): void {
  add(written, name, Object.keys(value));
  for (const [field, part] of Object.entries(value)) {
    if (field === BY_NODE) continue;
    for (const each of Array.isArray(part) ? part : [part]) {
      if (typeof each === 'object' && each !== null) gather(field, each);
    }
  }
}

function gatherEvent(event: WatchEvent): void {
  const written = JSON.parse(jsonText(eventDocument(event)));
  add(writtenEvents, event.event, Object.keys(written));
}

function add(map: Map<string, Set<string>>, name: string, fields: readonly string[]): void {
  const known = map.get(name) ?? new Set();
  map.set(name, known);
  for (const field of fields) known.add(field);
}

/** Rows that begin with an event have their fields in the last column. */
function tablesOf(page: string): Map<string, Set<string>> {
  const tables = new Map<string, Set<string>>();
  let heading = '';
  let isOfEvents = false;
  for (const line of page.split('\n')) {
    const title = /^#+ (.*)/.exec(line)?.[1];
    if (title !== undefined) heading = title.replaceAll('`', '');
    if (!line.startsWith('| ')) continue;
    const cells = line.slice(2, -2).split(' | ');
    if (cells[0] === '---') continue;
    const first = namesIn(cells[0] ?? '');
    if (first.length === 0) isOfEvents = cells[0] === 'event';
    else if (isOfEvents) add(tables, first[0] ?? '', namesIn(cells.at(-1) ?? ''));
    else add(tables, heading, first);
  }
  return tables;
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name ?? '');
}

function sorted(tables: readonly (readonly [string, Iterable<string>])[]): Record<string, string[]> {
  return Object.fromEntries(
    [...tables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, fields]) => [name, [...new Set(fields)].sort()]),
  );
}
