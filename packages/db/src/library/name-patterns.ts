import { nameKey } from '../name-key.ts';

const MOST_WORDS = 8;

/** For LIKE on names in the form of `nameKey`: one pattern for each word. */
export function namePatterns(words: string): string[] {
  return nameKey(words)
    .split(' ')
    .filter(Boolean)
    .slice(0, MOST_WORDS)
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
}
