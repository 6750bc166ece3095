import { RANGES, type RangeName } from '@spindle/contracts';

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);
const dayText = (date: Date): string => date.toISOString().slice(0, 10);

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: unknown): text is string {
  return typeof text === 'string' && DAY.test(text) && !Number.isNaN(utc(text).getTime());
}

/** The day some days later, or earlier. */
export function addDays(day: string, days: number): string {
  return dayText(new Date(utc(day).getTime() + days * DAY_MS));
}

/** Number of days from one to another, both included. */
export function daysBetween(from: string, to: string): number {
  return Math.round((utc(to).getTime() - utc(from).getTime()) / DAY_MS) + 1;
}

/** The first day of the month some months later, or earlier. */
function addMonths(day: string, months: number): string {
  const date = utc(day);
  return dayText(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)));
}

const MONTHS: Partial<Record<RangeName, number>> = { month: 1, quarter: 3, year: 12 };

/** First day of the period that holds a day; weeks begin on Monday. */
export function firstDayOf(range: Exclude<RangeName, 'all'>, day: string): string {
  const date = utc(day);
  if (range === 'day') return day;
  if (range === 'week') return addDays(day, -((date.getUTCDay() + 6) % 7));
  const months = MONTHS[range] ?? 1;
  return dayText(
    new Date(Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months, 1)),
  );
}

/** The first day of the period some steps later, or earlier. */
export function stepPeriod(range: Exclude<RangeName, 'all'>, day: string, steps: number): string {
  const first = firstDayOf(range, day);
  const months = MONTHS[range];
  return months ? addMonths(first, steps * months) : addDays(first, steps * (range === 'week' ? 7 : 1));
}

/** Last day of the period that holds a day. */
export function lastDayOf(range: Exclude<RangeName, 'all'>, day: string): string {
  return addDays(stepPeriod(range, day, 1), -1);
}

const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options });
const FULL = format({ day: 'numeric', month: 'long', year: 'numeric' });
const WEEKDAY = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const SHORT = format({ day: 'numeric', month: 'short', year: 'numeric' });
const MONTH = format({ month: 'long', year: 'numeric' });

export const fullDate = (day: string): string => FULL.format(utc(day));
export const longDate = (day: string): string => WEEKDAY.format(utc(day));
export const shortDate = (day: string): string => SHORT.format(utc(day));
export const monthName = (day: string): string => MONTH.format(utc(day));
/** "16 – 22 Nov 2026", as short as the two days allow. */
export const dateSpan = (from: string, to: string): string => SHORT.formatRange(utc(from), utc(to));

/** A period's own name: "November 2026", "Quarter 4, 2026", "16 – 22 Nov 2026". */
export function periodName(period: { range: RangeName | null; from: string; to: string }): string {
  const { range, from, to } = period;
  if (range === 'all') return 'All time';
  if (range === 'day' || (range === null && from === to)) return longDate(from);
  if (range === 'month') return monthName(from);
  if (range === 'quarter')
    return `Quarter ${Math.floor(utc(from).getUTCMonth() / 3) + 1}, ${from.slice(0, 4)}`;
  if (range === 'year') return from.slice(0, 4);
  return dateSpan(from, to);
}

export function isRange(value: unknown): value is RangeName {
  return RANGES.some((range) => range === value);
}
