import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { WatchEvent } from '../../src/analyzer/event.ts';
import { eventDocument, jsonText, reportDocument } from '../../src/output/json.ts';
import { judgedCapture } from '../support/judged-capture.ts';
import { advertiser, ago, identity, NOW_US, report, router, splitBrain, splitRouter } from '../ui/reports.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** The contract's fields, in its order, level by level. */
const FIELDS = {
  document: 'schema verdict exitStatus captures virtualRouters findings',
  captures: 'name format linkType packets adverts firstAt lastAt truncated dropped',
  virtualRouters:
    'capture interface vlan family vrid state stateSince addresses master advertisers splitBrains contentions takeovers findings',
  advertisers:
    'source mac version priority priorities interval authType addresses unicast adverts firstAt lastAt resignedAt',
  contentions: 'at claimants winner',
  splitBrains: 'startAt confirmedAt endAt atLeast claimants winner deaf evidence cause',
  cause: 'code confidence summary differs remedies',
  differs: 'field values',
  remedies: 'on why command',
  takeovers: 'at from to kind gap expectedGap',
  findings: 'code severity summary at count',
} as const;

const RECORDINGS = readdirSync('test/pcaps')
  .filter((name) => name.endsWith('.pcap'))
  .sort();

test.each(RECORDINGS)('the document of %s has every field of the contract, absent ones as null', async (name) => {
  const text = jsonText(reportDocument(await judgedCapture(`test/pcaps/${name}`)));
  expect(text).not.toContain('\n');
  checkFields('document', JSON.parse(text));
});

test('all parts of the contract occur in the recordings', async () => {
  const met = new Set<string>();
  for (const name of RECORDINGS) {
    checkFields('document', JSON.parse(jsonText(reportDocument(await judgedCapture(`test/pcaps/${name}`)))), met);
  }
  expect([...met].sort()).toEqual(Object.keys(FIELDS).sort());
});

test('times are ISO 8601 with microseconds and durations are seconds', async () => {
  const document = parsed(reportDocument(await judgedCapture('test/pcaps/01_start_sigterm_return_kill9_return.pcap')));
  expect(document.schema).toBe('vrrpwatch/1');
  const [routerDocument] = document.virtualRouters;
  expect(routerDocument.takeovers[0]).toEqual({
    at: '2026-11-22T13:06:29.826451Z',
    from: '10.9.0.1',
    to: '10.9.0.2',
    kind: 'resigned',
    gap: 0.611804,
    expectedGap: 0.609375,
  });
  expect(routerDocument.advertisers[0].interval).toBe(1);
});

test('what is absent is null', () => {
  const unheard = router(9, {
    state: 'silent',
    stateSinceUs: null,
    advertisers: [],
    master: null,
    interface: null,
    capture: '',
  });
  const document = parsed(reportDocument(report([unheard])));
  expect(document.virtualRouters[0]).toMatchObject({
    capture: null,
    interface: null,
    vlan: null,
    master: null,
    stateSince: null,
  });
});

test('a password is in the document only when it is in the report', () => {
  const open = router(51, { advertisers: [advertiser('10.0.0.2', { password: 'secret' }), advertiser('10.0.0.3')] });
  const [withSecret, without] = parsed(reportDocument(report([open]))).virtualRouters[0].advertisers;
  expect(withSecret.password).toBe('secret');
  expect(without).not.toHaveProperty('password');
});

describe('an event', () => {
  const of = identity(router(51, { vlan: 100 }));
  const place = { interface: 'eth0', vlan: 100, family: 4, vrid: 51 };
  const at = '2026-11-22T14:07:33.000000Z';
  const takeover = { from: '10.0.0.2', to: '10.0.0.3', kind: 'timed-out', expectedGapUs: 3_609_375 } as const;
  const finding = { code: 'stale-arp', severity: 'warning', summary: 'stale', atUs: ago(1), count: 2 } as const;

  test.each<[WatchEvent, object]>([
    [
      { event: 'router-seen', atUs: NOW_US, router: of },
      { ...place, addresses: ['10.0.51.1'] },
    ],
    [
      { event: 'advertiser-seen', atUs: NOW_US, router: of, source: '10.0.0.2', mac: null, priority: 100 },
      { ...place, source: '10.0.0.2', mac: null, priority: 100 },
    ],
    [
      { event: 'priority-changed', atUs: NOW_US, router: of, source: '10.0.0.2', from: 100, to: 70 },
      { ...place, source: '10.0.0.2', from: 100, to: 70 },
    ],
    [
      {
        event: 'takeover',
        atUs: NOW_US,
        router: of,
        takeover: { ...takeover, atUs: NOW_US, gapUs: 3_610_000 },
        priority: 90,
      },
      { ...place, from: '10.0.0.2', to: '10.0.0.3', kind: 'timed-out', gap: 3.61, expectedGap: 3.609375, priority: 90 },
    ],
    [
      { event: 'contested', atUs: NOW_US, router: of, claimants: ['a', 'b'], winner: 'a' },
      { ...place, claimants: ['a', 'b'], winner: 'a' },
    ],
    [
      { event: 'silent', atUs: NOW_US, router: of, lastMaster: null, lastAdvertUs: ago(4) },
      { ...place, lastMaster: null, lastAdvertAt: '2026-11-22T14:07:29.000000Z' },
    ],
    [
      { event: 'finding', atUs: NOW_US, router: of, finding },
      { ...place, code: 'stale-arp', severity: 'warning', summary: 'stale', count: 2 },
    ],
    [
      { event: 'finding', atUs: NOW_US, router: null, finding },
      {
        interface: null,
        vlan: null,
        family: null,
        vrid: null,
        code: 'stale-arp',
        severity: 'warning',
        summary: 'stale',
        count: 2,
      },
    ],
    [
      { event: 'capture-lost', atUs: NOW_US, interface: 'eth1', detail: 'link down' },
      { interface: 'eth1', vlan: null, family: null, vrid: null, detail: 'link down' },
    ],
  ])('says where, when and what: %o', (event, data) => {
    expect(parsed(eventDocument(event))).toEqual({ at, event: event.event, ...data });
    expect(Object.keys(eventDocument(event)).slice(0, 6)).toEqual([
      'at',
      'event',
      'interface',
      'vlan',
      'family',
      'vrid',
    ]);
  });

  test('of a split brain has the fields of the document', () => {
    const confirmed = {
      event: 'split-brain-confirmed',
      atUs: NOW_US,
      router: of,
      splitBrain: splitBrain(),
      winnerPriority: 150,
      isCorrection: true,
    } as const;
    const ended = {
      event: 'split-brain-ended',
      atUs: NOW_US,
      router: of,
      splitBrain: splitBrain(),
      durationUs: 41_000_000,
    } as const;
    const inDocument = parsed(reportDocument(report([splitRouter()]))).virtualRouters[0].splitBrains[0];
    expect(parsed(eventDocument(confirmed))).toMatchObject({
      ...place,
      ...inDocument,
      winnerPriority: 150,
      correction: true,
    });
    expect(parsed(eventDocument(ended))).toMatchObject({ ...place, ...inDocument, duration: 41 });
  });
});

/** Every object has the fields of its name in `FIELDS`, in that order, and times look like times. */
function checkFields(name: keyof typeof FIELDS, value: Record<string, unknown>, met = new Set<string>()): void {
  met.add(name);
  expect(Object.keys(value), name).toEqual(FIELDS[name].split(' '));
  for (const [field, part] of Object.entries(value)) {
    if (/^at$|At$|Since$/.test(field) && part !== null) expect(part, field).toMatch(TIME);
    if (!(field in FIELDS) || part === null) continue;
    for (const each of Array.isArray(part) ? part : [part]) checkFields(field as keyof typeof FIELDS, each, met);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: parsed JSON is what it is
function parsed(document: object): any {
  return JSON.parse(jsonText(document));
}
