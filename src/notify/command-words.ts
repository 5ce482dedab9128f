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
      if (++i >= command.length) return null;
      word = (word ?? '') + command.charAt(i);
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
