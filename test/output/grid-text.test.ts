import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fitEnd,
  fitLeft,
  fitMiddle,
  fitRight,
  safeText,
  widthOf,
  wrap,
  wrapCommand,
} from '../../src/output/grid-text.ts';
import { exactly, paint, spread } from '../../src/ui/paint.ts';
import { createTheme } from '../../src/ui/theme.ts';

const plain = createTheme({ color: false, ascii: false });

describe('hostile text', () => {
  test.each([
    ['\u001b[2J', '\\x1b[2J'],
    ['a\r\nb', 'a\\x0d\\x0ab'],
    ['\u009b31m', '\\x9b31m'],
    ['\u202eabc\u2066', '\\u{202e}abc\\u{2066}'],
    ['e\u0301', 'e\\u{301}'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['😀', '\\u{1f600}'],
    ['日本 Grüße', '日本 Grüße'],
  ])('%j is written as %s', (text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  test('whatever the text, the painted line has no control character and no more columns than asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const painted = paint(text, width, plain);
        expect(painted).not.toMatch(/\p{C}|\p{M}/u);
        expect(widthOf(painted)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('with ascii every other character is spelled out', () => {
    expect(safeText('Grüße', true)).toBe('Gr\\xfc\\xdfe');
  });
});

describe('columns', () => {
  test('fitted text takes exactly its width, also with double-width characters at the cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '日', 'ü', ' '), maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        (text, width) => {
          for (const fitted of [fitLeft, fitRight, fitMiddle, fitEnd]) expect(widthOf(fitted(text, width))).toBe(width);
        },
      ),
    );
  });

  test('both ends of an address that is too long stay in sight', () => {
    expect(fitMiddle('fe80::5054:ff:fe12:3456', 15)).toBe('fe80::5…12:3456');
    expect(fitEnd('/tmp/captures/dump.pcap', 12)).toBe('…s/dump.pcap');
  });

  test('spans are padded or cut to a width, and two groups stand at both edges', () => {
    expect(paint(exactly([{ text: 'ab' }, { text: 'cdef' }], 4), 10, plain)).toBe('abc…');
    expect(paint(spread([{ text: 'left' }], [{ text: 'right' }], 12), 12, plain)).toBe('left   right');
    expect(paint(spread([{ text: 'left of it' }], [{ text: 'right' }], 12), 12, plain)).toBe('left … right');
  });

  test('wrapped lines keep every word and their width', () => {
    expect(wrap('a long sentence with averyveryverylongword', 10)).toEqual([
      'a long',
      'sentence',
      'with',
      'averyveryv',
      'erylongwor',
      'd',
    ]);
  });
});

describe('commands', () => {
  test('a command in several lines is still one command for a shell', () => {
    expect(wrapCommand('iptables -I INPUT -p 112 -s 10.0.0.2 -j ACCEPT', 24)).toEqual([
      'iptables -I INPUT -p \\',
      '112 -s 10.0.0.2 -j \\',
      'ACCEPT',
    ]);
  });

  test.each([20, 30, 60])('broken inside double quotes at %i columns, it is the same command to the shell', (width) => {
    const rule = `fw --add-rich-rule="rule family='ipv4' accept" && fw --reload`;
    const lines = wrapCommand(rule, width);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    const echoed = (script: string): string =>
      execFileSync('sh', ['-c', `fw() { printf '<%s>' "$@"; }\n${script}`], { encoding: 'utf8' });
    expect(echoed(lines.join('\n'))).toBe(echoed(rule));
  });

  test('a comment at its end goes to lines of its own', () => {
    expect(wrapCommand('vi file  # set this and that', 14)).toEqual(['vi file', '# set this and', '# that']);
  });
});
