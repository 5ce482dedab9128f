/** Before anything else within double quotes a backslash stands for itself. */
const ESCAPED_IN_QUOTES = '$`"\\\n';

/**
 * The words of a command as a shell would part them: blanks part, quotes and backslashes hold together. Nothing is
 * replaced; null when a quote stays open.
 */
export function commandWords(command: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < command.length; i++) {
    const character = command.charAt(i);
    if (character === '\\' && quote !== "'") {
      const next = command.charAt(++i);
      if (next === '') return null;
      const isKept = quote !== null && !ESCAPED_IN_QUOTES.includes(next);
      // A backslash at the end of a line continues it.
      if (next !== '\n') word = (word ?? '') + (isKept ? `\\${next}` : next);
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== null) return null;
  return word === null ? words : [...words, word];
}
