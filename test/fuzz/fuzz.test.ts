import { describe, expect, test } from 'vitest';
import { corpus, fuzzOnce } from './fuzz.ts';

const ROUNDS = 40;

describe('a mutated capture', () => {
  const captures = corpus();

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'never throws, hangs or lets control bytes through, by seed %i',
    async (seed) => {
      for (let round = 0; round < ROUNDS; round++)
        expect(await fuzzOnce(seed * 1_000_000 + round, captures)).toBeNull();
    },
  );
});
