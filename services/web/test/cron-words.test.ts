import { describe, expect, it } from '@jest/globals';
import { patternOf, patternWords, recurrenceOf } from '../src/playlists/cron-words.ts';

describe('when something recurs', () => {
  it.each([
    ['0 6 * * *', 'Every day at 06:00'],
    ['5 23 * * 1', 'Every Monday at 23:05'],
    ['30 7 * * 0', 'Every Sunday at 07:30'],
    ['30 7 * * 7', 'Every Sunday at 07:30'],
    ['0 7 * * 1-5', 'At the times of “0 7 * * 1-5”'],
    ['0 25 * * *', 'At the times of “0 25 * * *”'],
  ])('%s is said as people say it', (pattern, words) => {
    expect(patternWords(pattern)).toBe(words);
  });

  it.each(['0 6 * * *', '5 23 * * 1', '0 */2 * * *'])('%s is shown and kept as it is', (pattern) => {
    expect(patternOf(recurrenceOf(pattern))).toBe(pattern);
  });

  it('is nothing while no time is chosen', () => {
    expect(patternOf({ kind: 'daily', time: '', weekday: 1, own: '' })).toBe('');
  });
});
