/**
 * Arithmetic on days of a calendar, written `YYYY-MM-DD`. A day here is a name, not a stretch of time:
 * where it begins and ends in a zone is for PostgreSQL to say.
 */
export type CalendarDay = string;

const DAY_MS = 86_400_000;

function toUtc(day: CalendarDay): Date {
  return new Date(`${day}T00:00:00Z`);
}

function fromUtc(date: Date): CalendarDay {
  return date.toISOString().slice(0, 10);
}

export function addDays(day: CalendarDay, count: number): CalendarDay {
  return fromUtc(new Date(toUtc(day).getTime() + count * DAY_MS));
}

/** The same day `count` months on; a day that the month lacks becomes its last. */
export function addMonths(day: CalendarDay, count: number): CalendarDay {
  const date = toUtc(day);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const length = new Date(date);
  length.setUTCMonth(length.getUTCMonth() + 1, 0);
  date.setUTCDate(Math.min(wanted, length.getUTCDate()));
  return fromUtc(date);
}

/** Number of days from `from` to `to`, both included. */
export function daysBetween(from: CalendarDay, to: CalendarDay): number {
  return Math.round((toUtc(to).getTime() - toUtc(from).getTime()) / DAY_MS) + 1;
}

/** 1 Monday to 7 Sunday. */
export function weekdayOf(day: CalendarDay): number {
  return toUtc(day).getUTCDay() || 7;
}

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** First day of the unit that holds the day. Weeks begin on Monday. */
export function startOf(unit: CalendarUnit, day: CalendarDay): CalendarDay {
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      return addDays(day, 1 - weekdayOf(day));
    case 'month':
      return `${day.slice(0, 7)}-01`;
    case 'quarter': {
      const month = Number(day.slice(5, 7));
      return `${day.slice(0, 5)}${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`;
    }
    case 'year':
      return `${day.slice(0, 4)}-01-01`;
  }
}

/** First day of the unit `count` units after the one that begins on `start`. */
export function addUnits(unit: CalendarUnit, start: CalendarDay, count: number): CalendarDay {
  switch (unit) {
    case 'day':
      return addDays(start, count);
    case 'week':
      return addDays(start, 7 * count);
    case 'month':
      return addMonths(start, count);
    case 'quarter':
      return addMonths(start, 3 * count);
    case 'year':
      return addMonths(start, 12 * count);
  }
}

/** Last day of the unit that holds the day. */
export function endOf(unit: CalendarUnit, day: CalendarDay): CalendarDay {
  return addDays(addUnits(unit, startOf(unit, day), 1), -1);
}

/** The day that a moment belongs to in a zone (IANA name). */
export function localDay(at: Date, timeZone: string): CalendarDay {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

export function earlierDay(a: CalendarDay, b: CalendarDay): CalendarDay {
  return [a, b].sort()[0] ?? a;
}

export function laterDay(a: CalendarDay, b: CalendarDay): CalendarDay {
  return [a, b].sort()[1] ?? a;
}
