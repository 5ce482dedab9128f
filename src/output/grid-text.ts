/**
 * Text for a grid of cells. Whatever came from the wire, a file name or another program is made harmless here: control and
 * bidirectional characters, combining marks and anything whose width a terminal may see differently is written as an escape.
 */

/** Letters, numbers, punctuation and symbols of the planes in which terminals agree on the width, and the space. */
const PLAIN = /^[ \p{L}\p{N}\p{P}\p{S}]$/u;

/** Code points that take two columns (East Asian Width W and F), emoji left out: these are escaped. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
];

/** Symbols that terminals draw as emoji, some in one column, some in two. */
const EMOJI_START = 0x1f000;
const EMOJI_END = 0x1faff;

/** Printable text with `\x1b` and the like spelled out; with `ascii` every other character is spelled out too. */
export function safeText(text: string, ascii = false): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  let safe = '';
  for (const character of text) safe += isSafe(character, ascii) ? character : escapeOf(character);
  return safe;
}

/** Columns that safe text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}

/** Exactly `width` columns: padded, or cut with the ellipsis at the end. */
export function fitLeft(text: string, width: number, ellipsis = '…'): string {
  const own = widthOf(text);
  if (own <= width) return text + ' '.repeat(width - own);
  if (width < 1) return '';
  const head = takeColumns(text, width - 1);
  return head + ellipsis + ' '.repeat(width - 1 - widthOf(head));
}

/** As `fitLeft`, but set against the right edge. */
export function fitRight(text: string, width: number, ellipsis = '…'): string {
  const own = widthOf(text);
  return own <= width ? ' '.repeat(width - own) + text : fitLeft(text, width, ellipsis);
}

/** As `fitLeft`, but cut at the beginning: the end of a path names the file. */
export function fitEnd(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width || width < 1) return fitLeft(text, width, ellipsis);
  const tail = takeColumns([...text].reverse().join(''), width - 1);
  return fitLeft(ellipsis + [...tail].reverse().join(''), width, ellipsis);
}

/** As `fitLeft`, but cut in the middle: the ends of two IPv6 addresses tell them apart. */
export function fitMiddle(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width || width < 5) return fitLeft(text, width, ellipsis);
  const characters = [...text];
  const tailLength = Math.floor((width - 1) / 2);
  const tail = takeColumns(characters.reverse().join(''), tailLength);
  const head = takeColumns(text, width - 1 - widthOf(tail));
  return fitLeft(head + ellipsis + [...tail].reverse().join(''), width, ellipsis);
}

/** Lines of at most `width` columns, broken at spaces; words that are longer are broken where the line ends. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(word) > width) {
      const head = takeColumns(word, Math.max(2, width));
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  lines.push(line);
  return lines;
}

/**
 * A shell command in lines that stay one command when they are pasted together: with a backslash at the end of each line
 * but the last. A comment at its end becomes comment lines.
 */
export function wrapCommand(command: string, width: number): readonly string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|`[^`]*`|\$\([^)]*\)|[^\s"'`])+/g) ?? [];
  const comment = words.findIndex((word) => word.startsWith('#'));
  const own = comment === -1 ? words : words.slice(0, comment);
  const lines: string[] = [];
  const isSplit = new Set<number>();
  for (const word of own) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width - 2)
      lines[lines.length - 1] = `${last} ${word}`;
    else if (widthOf(word) <= width - 2 || !/^[^']*"/.test(word)) lines.push(word);
    else {
      // In double quotes, too, the shell joins lines at a backslash; the next one must begin at the margin.
      for (let rest = word; rest !== ''; ) {
        const piece = takeColumns(rest, width - 1);
        rest = rest.slice(piece.length);
        lines.push(piece);
        if (rest !== '') isSplit.add(lines.length - 1);
      }
    }
  }
  const end = (index: number) => (index === lines.length - 1 ? '' : isSplit.has(index) ? '\\' : ' \\');
  const continued = lines.map((line, index) => line + end(index));
  if (comment === -1) return continued;
  const remark = words.slice(comment).join(' ').replace(/^#\s*/, '');
  return [...continued, ...wrap(remark, width - 2).map((line) => `# ${line}`)];
}

function takeColumns(text: string, columns: number): string {
  let taken = '';
  let width = 0;
  for (const character of text) {
    width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

function isSafe(character: string, ascii: boolean): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x7f) return code >= 0x20;
  if (ascii || (code >= EMOJI_START && code <= EMOJI_END) || (code >= 0x1160 && code <= 0x11ff)) return false;
  return PLAIN.test(character) && !/\p{Emoji_Presentation}/u.test(character);
}

function isWide(code: number): boolean {
  return code >= 0x1100 && WIDE.some(([first, last]) => code >= first && code <= last);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** `1-50 52 54-255`. */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const first = numbers[i] ?? 0;
    while (numbers[i + 1] === (numbers[i] ?? 0) + 1) i++;
    const last = numbers[i] ?? 0;
    parts.push(first === last ? String(first) : `${first}-${last}`);
  }
  return parts.join(' ') || 'none';
}
