import type { RangeName } from '@spindle/contracts';
import {
  addDays,
  addUnits,
  type CalendarDay,
  daysBetween,
  endOf,
  localDay,
  startOf,
} from './calendar-day.ts';

/** What a caller asks for: a calendar period by name and a day in it, or free days. */
export interface RangeQuery {
  readonly range?: RangeName | undefined;
  readonly at?: CalendarDay | undefined;
  readonly from?: CalendarDay | undefined;
  readonly to?: CalendarDay | undefined;
}

/** A stretch of a listener's calendar, first and last day included. */
export interface ResolvedRange {
  /** Null: free days. */
  readonly range: RangeName | null;
  readonly from: CalendarDay;
  readonly to: CalendarDay;
  readonly timeZone: string;
}

/** Days outside these are refused: nobody listened then, and calendars get odd near their ends. */
const FIRST_DAY = '1970-01-01';
const LAST_DAY = '9998-12-31';
/** No period reaches further back than this, whatever it is the one before of. */
const EARLIEST = '0001-01-01';

/**
 * A range that cannot be. `field` is the part of the query that is wrong, so that an answer can name it.
 */
export class InvalidRange extends RangeError {
  readonly field: keyof RangeQuery | 'by';

  constructor(field: keyof RangeQuery | 'by', message: string) {
    super(message);
    this.name = 'InvalidRange';
    this.field = field;
  }
}

function checked(field: 'at' | 'from' | 'to', day: CalendarDay | undefined): CalendarDay | undefined {
  if (day !== undefined && (day < FIRST_DAY || day > LAST_DAY)) {
    throw new InvalidRange(field, `must be a day from ${FIRST_DAY} to ${LAST_DAY}`);
  }
  return day;
}

/**
 * The days that a query means in a listener's calendar. Everything is the default: from the first day
 * with a counted play until today. A named period is the one that holds `at`, today unless told, and is
 * whole even while it lasts. Of free days one end may be left out: the first counted day, today.
 *
 * @param listener.firstDay first day with a counted play; null: none yet.
 * @throws InvalidRange (a RangeError) with words for the caller.
 */
export function resolveRange(
  query: RangeQuery,
  listener: { readonly timeZone: string; readonly firstDay: CalendarDay | null },
  now: Date,
): ResolvedRange {
  const at = checked('at', query.at);
  const from = checked('from', query.from);
  const to = checked('to', query.to);
  const { timeZone, firstDay } = listener;
  const today = localDay(now, timeZone);
  if (from !== undefined || to !== undefined) {
    if (query.range !== undefined) {
      throw new InvalidRange('range', 'cannot be given together with from or to');
    }
    if (at !== undefined) throw new InvalidRange('at', 'goes with range, not with from or to');
    const last = to ?? today;
    const first = from ?? (firstDay !== null && firstDay < last ? firstDay : last);
    if (first > last) {
      throw to === undefined
        ? new InvalidRange('from', 'lies in the future: give to as well')
        : new InvalidRange('from', 'must not be after to');
    }
    return { range: null, from: first, to: last, timeZone };
  }
  if (query.range === undefined && at !== undefined) {
    throw new InvalidRange('at', 'needs a range: day, week, month, quarter or year');
  }
  const range = query.range ?? 'all';
  if (range === 'all') {
    return { range, from: firstDay !== null && firstDay < today ? firstDay : today, to: today, timeZone };
  }
  const day = at ?? today;
  return { range, from: startOf(range, day), to: endOf(range, day), timeZone };
}

/**
 * The period before: of the same kind, or of free days as many just before these. Null for all time,
 * which has none.
 */
export function previousRange(range: ResolvedRange): ResolvedRange | null {
  if (range.range === 'all') return null;
  const to = addDays(range.from, -1);
  if (range.range !== null) return { ...range, from: addUnits(range.range, range.from, -1), to };
  const reach = daysBetween(EARLIEST, to);
  const length = Math.min(daysBetween(range.from, range.to), reach);
  return { ...range, from: addDays(to, 1 - length), to };
}
