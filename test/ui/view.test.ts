import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { LANE } from '../../src/analyzer/report.ts';
import { ranges } from '../../src/output/grid-text.ts';
import { eventLine } from '../../src/ui/event-line.ts';
import {
  axisText,
  createAxis,
  effectiveZoom,
  laneMarks,
  masterCounts,
  unheardClaimants,
  ZOOM_STEPS_US,
} from '../../src/ui/lanes.ts';
import { shareLines } from '../../src/ui/main-screen.ts';
import { paint } from '../../src/ui/paint.ts';
import { alarmsOf, shownRouters } from '../../src/ui/routers.ts';
import { addressList } from '../../src/ui/table.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { formatAge, formatCount, formatShortInterval } from '../../src/ui/time.ts';
import {
  advertiser,
  ago,
  identity,
  lane,
  NOW_US,
  report,
  router,
  SECOND_US,
  splitBrain,
  splitReport,
  splitRouter,
  twoSplitReport,
} from './reports.ts';

const plain = createTheme({ color: false, ascii: false });

describe('lanes', () => {
  const axis = createAxis(NOW_US, SECOND_US, 10);

  test('columns begin at multiples of their width and the last one holds the present', () => {
    const other = createAxis(NOW_US + 1_700_000, 2 * SECOND_US, 5);
    expect(other.startUs % (2 * SECOND_US)).toBe(0);
    expect(other.startUs + 4 * other.columnUs).toBeLessThanOrEqual(NOW_US + 1_700_000);
    expect(other.startUs + 5 * other.columnUs).toBeGreaterThan(NOW_US + 1_700_000);
  });

  test('as time goes on, marks move by whole columns and do not change', () => {
    const of = splitRouter();
    const [master] = of.advertisers;
    if (master === undefined) throw new Error('the fixture has a master');
    const now = laneMarks(of, master, createAxis(NOW_US - 20 * SECOND_US, 2 * SECOND_US, 30));
    const later = laneMarks(of, master, createAxis(NOW_US - 14 * SECOND_US, 2 * SECOND_US, 30));
    expect(later.slice(0, 26)).toEqual(now.slice(3, 29));
  });

  test('overlap, takeover, missed adverts, resignation, silence and the time before look different', () => {
    const slots = new Uint8Array(10);
    slots.set([0, LANE.advert, LANE.advert, LANE.missed, LANE.advert | LANE.violation, LANE.advert, LANE.resigned]);
    const of = advertiser('10.0.0.3', {
      firstUs: axis.startUs + SECOND_US,
      lane: { startUs: axis.startUs, slotUs: SECOND_US, slots },
    });
    const takeover = {
      atUs: axis.startUs + SECOND_US,
      from: 'x',
      to: '10.0.0.3',
      kind: 'early',
      gapUs: 0,
      expectedGapUs: 0,
    } as const;
    const marks = laneMarks(router(51, { takeovers: [takeover] }), of, axis);
    expect(marks).toEqual([
      'before',
      'takeover',
      'advert',
      'missed',
      'overlap',
      'advert',
      'resigned',
      'silent',
      'silent',
      'silent',
    ]);
  });

  test('while a split brain lasts, who holds the addresses and is not heard to advertise is no quiet one', () => {
    const mute = advertiser('10.0.0.2', { priority: 150, lane: lane(ago(900), ago(66)), lastUs: ago(66) });
    const deaf = advertiser('10.0.0.3', { firstUs: ago(52) });
    const of = splitRouter({
      advertisers: [mute, deaf],
      takeovers: [],
      splitBrains: [splitBrain({ startUs: ago(40), claimants: ['10.0.0.2', '10.0.0.3', '02:00:00:00:00:66'] })],
    });
    const wide = createAxis(NOW_US, 10 * SECOND_US, 8);
    const marks = of.advertisers.map((one) => laneMarks(of, one, wide));
    expect(marks).toEqual([
      ['advert', 'advert', 'silent', 'claims', 'claims', 'claims', 'claims', 'claims'],
      ['before', 'before', 'advert', 'overlap', 'overlap', 'overlap', 'overlap', 'overlap'],
    ]);
    expect(masterCounts(marks, 8, unheardClaimants(of, wide))).toEqual([1, 1, 1, 3, 3, 3, 3, 3]);
  });

  test('while a split brain lasts, who has yielded to one of those that go on is silent', () => {
    const heard = lane(ago(900), ago(66));
    const slots = [...Array.from(heard.slots), LANE.yielded];
    const gone = advertiser('10.0.0.2', { priority: 50, lane: { ...heard, slots }, lastUs: ago(66) });
    const of = splitRouter({
      advertisers: [gone, ...splitRouter().advertisers.slice(1)],
      splitBrains: [splitBrain({ startUs: ago(70), claimants: ['10.0.0.2', '10.0.0.3', '10.0.0.4'] })],
    });
    const wide = createAxis(NOW_US, 10 * SECOND_US, 8);
    expect(laneMarks(of, gone, wide)).not.toContain('claims');
  });

  test('while a split brain lasts, who should have yielded overlaps, and who is rightful does not', () => {
    const of = splitRouter({
      advertisers: splitRouter().advertisers.map((one) => ({ ...one, lane: lane(ago(60)) })),
      splitBrains: [splitBrain({ startUs: ago(41), endUs: ago(5) })],
    });
    const wide = createAxis(NOW_US, 2 * SECOND_US, 30);
    const [rightful, deaf] = of.advertisers.map((one) => laneMarks(of, one, wide));
    expect(rightful).not.toContain('overlap');
    expect(deaf?.filter((mark) => mark === 'overlap')).toHaveLength(19);
    expect(deaf?.at(-1)).toBe('advert');
  });

  test('between two adverts a fine column is held, and falls silent one and a half intervals after the last', () => {
    const fine = createAxis(NOW_US, 500_000, 8);
    const slots = new Uint8Array(8);
    slots[1] = LANE.advert;
    slots[3] = LANE.advert;
    const of = advertiser('10.0.0.3', { lane: { startUs: fine.startUs, slotUs: 500_000, slots } });
    expect(laneMarks(router(51), of, fine)).toEqual([
      'silent',
      'advert',
      'held',
      'advert',
      'held',
      'held',
      'held',
      'silent',
    ]);
  });

  test('where every column should hold an advert, one that came a little early leaves no gap', () => {
    const of = advertiser('10.0.0.2', { lane: lane(ago(60)) });
    expect(new Set(laneMarks(router(51), of, createAxis(NOW_US, SECOND_US, 40)))).toEqual(new Set(['advert']));
  });

  test('the masters of an overlap are counted, and a takeover in turn is one master', () => {
    expect(
      masterCounts(
        [
          ['advert', 'advert', 'silent', 'advert', 'before'],
          ['before', 'takeover', 'advert', 'overlap', 'before'],
        ],
        5,
      ),
    ).toEqual([1, 1, 1, 2, 0]);
  });

  test('no column is finer than what was recorded', () => {
    expect(ZOOM_STEPS_US[effectiveZoom(0, [{ startUs: 0, slotUs: 12_800_000, slots: [] }])]).toBe(30_000_000);
    expect(effectiveZoom(3, [{ startUs: 0, slotUs: 50_000, slots: [] }])).toBe(3);
  });

  test('the axis has times of day at round columns', () => {
    expect(axisText(createAxis(NOW_US, 2 * SECOND_US, 50))).toMatch(/^ *\|14:06:00 +\|14:06:40 +now$/);
  });
});

describe('routers', () => {
  test('alarms are the split brains that go on, newest first', () => {
    const ended = splitRouter({ vrid: 9, splitBrains: [splitBrain({ endUs: ago(1) })] });
    const of = report([...twoSplitReport().virtualRouters, ended]);
    expect(alarmsOf(of).map(({ router: { vrid } }) => vrid)).toEqual([52, 51]);
  });

  test('split brains stand first, then interface, VLAN, family and vrid decide', () => {
    const of = report([
      router(9),
      router(3, { family: 6 }),
      router(200),
      splitRouter({ vrid: 99 }),
      router(5, { vlan: 7 }),
    ]);
    expect(shownRouters(of, '').map(({ vrid }) => vrid)).toEqual([99, 9, 200, 3, 5]);
  });

  test.each([
    ['51', [51]],
    ['split', [51]],
    ['10.0.0.3', [51]],
    ['vlan 100', [7]],
    ['100', [7]],
    ['IPv6', []],
    ['eth0 ok', [52, 7]],
  ])('the filter %s finds %j', (filter, vrids) => {
    expect(shownRouters(splitReport(), filter).map(({ vrid }) => vrid)).toEqual(vrids);
  });
});

describe('lines', () => {
  test.each([
    [13, 5, 5, { table: 5, timeline: 5, events: 3 }],
    [13, 300, 5, { table: 5, timeline: 5, events: 3 }],
    [5, 4, 5, { table: 3, timeline: 0, events: 2 }],
    [1, 4, 5, { table: 1, timeline: 0, events: 0 }],
    [30, 2, 0, { table: 2, timeline: 0, events: 28 }],
  ])('%i lines for a table of %i and a timeline of %i', (height, table, timeline, expected) => {
    expect(shareLines(height, table, timeline)).toEqual(expected);
  });

  test('an address list names as many as fit and counts the rest', () => {
    expect(addressList(['10.0.0.1', '10.0.0.2', '10.0.0.3'], 20)).toBe('10.0.0.1 10.0.0.2 +1');
    expect(addressList(['10.0.0.1', '10.0.0.2'], 17)).toBe('10.0.0.1 10.0.0.2');
    expect(addressList(['2001:db8:1:2:3:4:5:6', '::1'], 12)).toBe('2001:db8… +1');
    expect(addressList([], 12)).toBe('-');
  });

  test('a shortened address is shown with ascii in as many columns', () => {
    const list = addressList(['2001:db8:1:2:3:4:5:6', '::1'], 12);
    expect(paint(list, 12, createTheme({ color: false, ascii: true }))).toBe('2001:db8~ +1');
  });

  test('free VRIDs are written as ranges', () => {
    expect(ranges([1, 2, 3, 5, 7, 8])).toBe('1-3 5 7-8');
    expect(ranges([])).toBe('none');
  });

  test('an event is one line with time, loudness and vrid', () => {
    const event = {
      event: 'silent',
      atUs: NOW_US,
      router: identity(router(51)),
      lastMaster: '10.0.0.2',
      lastAdvertUs: 0,
    } as const;
    expect(stripVTControlCharacters(paint(eventLine(event, false), 80, plain))).toBe(
      '14:07:33 ALARM  51  silent: nobody advertises, last master 10.0.0.2',
    );
  });
});

describe('numbers', () => {
  test.each([
    [0, '0s'],
    [-5, '0s'],
    [59, '59s'],
    [60, '1m00s'],
    [7380, '2h03m'],
    [273_600, '3d04h'],
  ])('an age of %i s is %s', (seconds, text) => {
    expect(formatAge(seconds * SECOND_US)).toBe(text);
  });

  test('counters keep to six columns', () => {
    expect([9999, 10_000, 9_999_949, 9_999_950].map(formatCount)).toEqual(['9999', '10.0k', '9999.9k', '10.0M']);
  });

  test('intervals are written as they are configured', () => {
    expect([1_000_000, 500_000, 10_000].map(formatShortInterval)).toEqual(['1s', '0.5s', '0.01s']);
  });
});
