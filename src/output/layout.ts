import { widthOf, wrap } from './grid-text.ts';

/** How far the further lines are moved in when what they hang from is too long to stand beside. */
const FALLBACK_INDENT = '    ';

/** `text` after `prefix`, in lines of at most `width` columns; the further lines begin under the first word. */
export function hanging(prefix: string, text: string, width: number): readonly string[] {
  const indent = widthOf(prefix);
  if (indent > width / 2) {
    const below = wrap(text, width - FALLBACK_INDENT.length).map((line) => FALLBACK_INDENT + line);
    return [...wrap(prefix.trimEnd(), width), ...below];
  }
  return wrap(text, width - indent).map((line, i) => (i === 0 ? prefix : ' '.repeat(indent)) + line);
}

/** Rows as columns two apart; columns named in `right` stand against their right edge. Cells are safe text. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number>): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const padding = ' '.repeat((widths[i] ?? 0) - widthOf(cell));
        return right.has(i) ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}
