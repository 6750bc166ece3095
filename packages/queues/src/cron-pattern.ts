import { CronExpressionParser } from 'cron-parser';

/** A pattern that no schedule can follow; the message says why. */
export class UnusablePattern extends RangeError {
  override readonly name = 'UnusablePattern';
}

/** Recurrences at most once in so long, ms: a schedule is for playlists, not for polling. */
const LEAST_MS = 3_600_000;
/** So many gaps are looked at, which covers a day of hours, a week of days and the turns of a month. */
const LOOKED_AT = 40;

/**
 * When a pattern comes next after a moment, by the calendar of a time zone; null: never again.
 *
 * @param pattern minute, hour, day of the month, month, day of the week, as in crontab(5)
 * @throws UnusablePattern
 */
export function nextOccurrence(pattern: string, timeZone: string, after: Date): Date | null {
  if (pattern.trim().split(/\s+/).length !== 5) {
    throw new UnusablePattern(
      'must have five fields: minute, hour, day of the month, month, day of the week',
    );
  }
  try {
    const occurrences = CronExpressionParser.parse(pattern, { currentDate: after, tz: timeZone });
    return occurrences.hasNext() ? occurrences.next().toDate() : null;
  } catch (error) {
    throw new UnusablePattern(error instanceof Error ? error.message : 'is no cron pattern');
  }
}

/**
 * The first occurrence of a pattern that may be used.
 *
 * @throws UnusablePattern also when it never comes, or more than once an hour
 */
export function firstOccurrence(pattern: string, timeZone: string, after: Date): Date {
  const first = nextOccurrence(pattern, timeZone, after);
  if (!first) throw new UnusablePattern('never comes');
  let before = first;
  for (let looked = 0; looked < LOOKED_AT; looked += 1) {
    const next = nextOccurrence(pattern, timeZone, before);
    if (!next) break;
    if (next.getTime() - before.getTime() < LEAST_MS) {
      throw new UnusablePattern('must not come more than once an hour');
    }
    before = next;
  }
  return first;
}
