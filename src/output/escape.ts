import { safeText } from './grid-text.ts';

/**
 * Text from the wire, a file name or another program, harmless to a terminal: control bytes, escapes, bidirectional marks and
 * line separators are spelled out as `\x1b` and `\u{202e}`. With `ascii` so is whatever is not 7-bit.
 */
export function printable(text: string, ascii = false): string {
  // Our own sentences use the ellipsis; three dots say the same in 7 bits.
  return safeText(ascii ? text.replaceAll('…', '...') : text, ascii);
}
