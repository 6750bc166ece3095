import { describe, expect, it } from '@jest/globals';
import { firstOccurrence, nextOccurrence, UnusablePattern } from '../src/index.ts';

const HOUR = 3_600_000;
const BERLIN = 'Europe/Berlin';

/** The next occurrences after a moment, each looked for anew, as a schedule does it. */
function occurrences(pattern: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = [];
  let before = new Date(after);
  for (let index = 0; index < count; index += 1) {
    const next = nextOccurrence(pattern, timeZone, before);
    if (!next) break;
    found.push(next.toISOString().slice(0, 16));
    before = next;
  }
  return found;
}

describe('when a pattern comes next', () => {
  it('goes by the calendar of its zone, across changes of the clocks', () => {
    expect(occurrences('0 7 * * *', BERLIN, '2026-03-27T12:00Z', 3)).toEqual([
      '2026-03-28T06:00',
      '2026-03-29T05:00',
      '2026-03-30T05:00',
    ]);
    expect(occurrences('0 7 * * *', BERLIN, '2026-10-23T12:00Z', 3)).toEqual([
      '2026-10-24T05:00',
      '2026-10-25T06:00',
      '2026-10-26T06:00',
    ]);
    expect(occurrences('0 7 * * *', 'America/New_York', '2026-03-27T12:00Z', 1)).toEqual([
      '2026-03-28T11:00',
    ]);
  });

  it('comes once a day where the clocks leave its time out, and where they repeat it', () => {
    expect(occurrences('30 2 * * *', BERLIN, '2026-03-28T12:00Z', 2)).toEqual([
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ]);
    expect(occurrences('30 2 * * *', BERLIN, '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  it('is later than the moment asked about, also at an occurrence', () => {
    expect(occurrences('0 7 * * 1', 'UTC', '2026-11-02T07:00Z', 1)).toEqual(['2026-11-09T07:00']);
    expect(occurrences('0 7 * * 1', 'UTC', '2026-11-02T06:59:59.999Z', 1)).toEqual(['2026-11-02T07:00']);
  });

  it('knows names, steps, the last day of a month, and the day that leap years have', () => {
    expect(occurrences('15 9 * * MON-THU/3', 'UTC', '2026-11-01T00:00Z', 2)).toEqual([
      '2026-11-02T09:15',
      '2026-11-05T09:15',
    ]);
    expect(occurrences('0 0 L * *', 'UTC', '2026-02-01T00:00Z', 1)).toEqual(['2026-02-28T00:00']);
    expect(occurrences('0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', 2)).toEqual([
      '2028-02-29T00:00',
      '2032-02-29T00:00',
    ]);
  });
});

describe('a pattern that may be used', () => {
  const after = new Date('2026-11-01T12:10:00Z');
  const first = (pattern: string) => () => firstOccurrence(pattern, BERLIN, after);

  it.each(['0 * * * *', '59 */2 * * *', '0 7 1,15 * *', '0 7 * * THU', '5 4 * jan sun'])('%s', (pattern) => {
    expect(first(pattern)()).toEqual(nextOccurrence(pattern, BERLIN, after));
  });

  it.each([
    ['* * * * *', 'more than once an hour'],
    ['*/30 * * * *', 'more than once an hour'],
    // Its first gap is a day long, its second a minute.
    ['0,59 13 * * *', 'more than once an hour'],
    ['0,1 0 29 2 *', 'more than once an hour'],
    ['0 0 7 * * *', 'five fields'],
    ['7 * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['', 'five fields'],
    ['0 0 31 4,6 *', 'never comes'],
    ['0 0 30 2 *', 'day of month'],
    ['60 0 * * *', '60'],
    ['0 24 * * *', '24'],
    ['0 0 * * eve', 'eve'],
    // A time that is drawn anew at each look.
    ['H 7 * * *', 'to chance'],
    ['0 H(0-5) * * *', 'to chance'],
    ['0 7,H * * *', 'to chance'],
  ])('is not "%s"', (pattern, words) => {
    expect(first(pattern)).toThrow(UnusablePattern);
    expect(first(pattern)).toThrow(words);
  });

  it('comes at most once an hour, in every zone and across changes of the clocks', () => {
    const zones = ['UTC', BERLIN, 'America/New_York', 'America/St_Johns'];
    const fields = {
      minutes: ['0', '59', '0,59', '*/7'],
      hours: ['*', '1-3', '0,23'],
      days: ['* * *', '29 3 *', '* * 0'],
    };
    const patterns = fields.minutes.flatMap((minute) =>
      fields.hours.flatMap((hour) => fields.days.map((days) => `${minute} ${hour} ${days}`)),
    );
    let usable = 0;
    for (const pattern of patterns) {
      for (const zone of zones) {
        let before: Date;
        try {
          // The day before the clocks change in Europe.
          before = firstOccurrence(pattern, zone, new Date('2026-03-28T12:00:00Z'));
        } catch (error) {
          expect(error).toBeInstanceOf(UnusablePattern);
          continue;
        }
        usable += 1;
        for (let look = 0; look < 20; look += 1) {
          const next = nextOccurrence(pattern, zone, before);
          if (!next) break;
          expect(next.getTime() - before.getTime()).toBeGreaterThanOrEqual(HOUR);
          before = next;
        }
      }
    }
    // Those with one minute.
    expect(usable).toBe((patterns.length / 2) * zones.length);
  });
});
