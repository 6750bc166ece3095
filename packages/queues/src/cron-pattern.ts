import { type CronExpression, CronExpressionParser } from 'cron-parser';

/** A pattern that no schedule can follow; the message says why. */
export class UnusablePattern extends RangeError {
  override readonly name = 'UnusablePattern';
}

/** What has no place in a pattern that always means the same: `H` is drawn anew at each look. */
const DRAWN = /(?:^|[\s,])H/;

/** @throws UnusablePattern */
function parse(pattern: string, timeZone: string, after: Date): CronExpression {
  if (pattern.trim().split(/\s+/).length !== 5) {
    throw new UnusablePattern(
      'must have five fields: minute, hour, day of the month, month, day of the week',
    );
  }
  if (DRAWN.test(pattern)) throw new UnusablePattern('must not leave a field to chance (H)');
  try {
    return CronExpressionParser.parse(pattern, { currentDate: after, tz: timeZone });
  } catch (error) {
    throw new UnusablePattern(error instanceof Error ? error.message : 'is no cron pattern');
  }
}

const nextOf = (expression: CronExpression): Date | null =>
  expression.hasNext() ? expression.next().toDate() : null;

/**
 * When a pattern comes next after a moment, by the calendar of a time zone; null: never again. A time that
 * a change of the clocks leaves out comes an hour later, and one that it repeats comes once.
 *
 * @param pattern minute, hour, day of the month, month, day of the week, as in crontab(5)
 * @throws UnusablePattern
 */
export function nextOccurrence(pattern: string, timeZone: string, after: Date): Date | null {
  return nextOf(parse(pattern, timeZone, after));
}

/**
 * The first occurrence of a pattern that may be used.
 *
 * @throws UnusablePattern also when it never comes, or more than once an hour: a schedule is for playlists,
 *   not for polling
 */
export function firstOccurrence(pattern: string, timeZone: string, after: Date): Date {
  const expression = parse(pattern, timeZone, after);
  // Each minute of the field comes in every hour of the pattern.
  if (expression.fields.minute.values.length > 1) {
    throw new UnusablePattern('must not come more than once an hour');
  }
  const first = nextOf(expression);
  if (!first) throw new UnusablePattern('never comes');
  return first;
}
