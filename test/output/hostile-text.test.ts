import { describe, expect, test } from 'vitest';
import type { Report, VirtualRouterReport } from '../../src/analyzer/report.ts';
import { checkText } from '../../src/output/check-line.ts';
import { printable } from '../../src/output/escape.ts';
import { eventLine } from '../../src/output/event-line.ts';
import { eventDocument, jsonText, reportDocument } from '../../src/output/json.ts';
import { reportText } from '../../src/output/report.ts';
import { advertiser, ago, identity, NOW_US, report, splitRouter } from '../ui/reports.ts';

/** Control bytes of both sets, bidirectional and invisible marks, line separators, half a surrogate pair, a tag. */
const HOSTILE = [
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x21 }, (_, i) => String.fromCharCode(0x7f + i)),
  ...Array.from({ length: 5 }, (_, i) => String.fromCharCode(0x200b + i)),
  ...Array.from({ length: 7 }, (_, i) => String.fromCharCode(0x2028 + i)),
  ...Array.from({ length: 10 }, (_, i) => String.fromCharCode(0x2060 + i)),
  '\u061c',
  '\ufeff',
  '\ud800',
  '\u{e0041}',
];

const STYLE = { color: false, ascii: false, width: 80, vrids: true };

/** Nothing that a terminal obeys and nothing invisible; lines end with a newline. */
const HARMLESS = /^[^\p{C}\p{Zl}\p{Zp}\p{M}]*$/u;

describe.each(HOSTILE.map((character) => [`U+${character.codePointAt(0)?.toString(16)}`, character]))(
  '%s',
  (_, character) => {
    const name = `e${character}th`;
    const hostile = splitRouter({
      capture: name,
      interface: name,
      advertisers: splitRouter().advertisers.map((each) => advertiser(each.source, { ...each, password: name })),
      findings: [{ code: 'flapping', severity: 'warning', summary: name, atUs: ago(2), count: 1 }],
    });
    const found = reportOf(hostile, name);

    test('does not get into the report, a line of an event or the check line', () => {
      const event = { event: 'capture-lost', atUs: NOW_US, interface: name, detail: name } as const;
      const silent = {
        event: 'silent',
        atUs: NOW_US,
        router: identity(hostile),
        lastMaster: null,
        lastAdvertUs: ago(4),
      } as const;
      const texts = [
        reportText(found, STYLE),
        checkText(found, { verbose: true, vantage: name, windowUs: null }),
        checkText({ ...found, verdict: 'unknown', exitStatus: 3 }, { verbose: false, vantage: name, windowUs: null }),
        eventLine(event, STYLE),
        eventLine(silent, STYLE),
      ];
      for (const line of texts.flatMap((text) => text.split('\n'))) expect(line).toMatch(HARMLESS);
      expect(eventLine(event, STYLE)).toContain(printable(name));
    });

    test('is data in JSON, written so that a terminal does not obey it', () => {
      for (const document of [
        reportDocument(found),
        eventDocument({ event: 'capture-lost', atUs: 0, interface: name, detail: '' }),
      ]) {
        expect(jsonText(document)).toMatch(HARMLESS);
        expect(JSON.parse(jsonText(document))).toEqual(JSON.parse(JSON.stringify(document)));
      }
    });
  },
);

test('a bar from outside does not begin performance data', () => {
  const text = checkText(reportOf(splitRouter({ interface: 'a|b' }), 'a|b'), {
    verbose: true,
    vantage: 'x|y',
    windowUs: null,
  });
  expect(text.match(/\|/g)).toHaveLength(1);
});

test('a name as long as a screen does not break the layout', () => {
  const long = 'i'.repeat(300);
  const text = reportText(reportOf(splitRouter({ capture: long, interface: long }), long), STYLE);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('in 7 bits, letters of other scripts are spelled out', () => {
  expect(printable('/srv/café…', true)).toBe('/srv/caf\\xe9...');
  expect(printable('/srv/café…')).toBe('/srv/café…');
});

function reportOf(router: VirtualRouterReport, name: string): Report {
  const capture = {
    name,
    format: 'pcap',
    linkType: name,
    packets: 1,
    adverts: 1,
    firstUs: ago(9),
    lastUs: NOW_US,
    truncated: false,
    dropped: null,
  };
  return { ...report([router]), captures: [capture, { ...capture, name: `${name}2` }] };
}
