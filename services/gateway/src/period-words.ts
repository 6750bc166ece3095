import type { ResolvedRange } from '@spindle/db';

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A period as people call it: "November 2026", "week of 16 November 2026", "all time". */
export function periodWords({ range, from, to }: Pick<ResolvedRange, 'range' | 'from' | 'to'>): string {
  const first = new Date(from);
  switch (range) {
    case 'all':
      return 'all time';
    case 'year':
      return from.slice(0, 4);
    case 'quarter':
      return `quarter ${Math.floor(first.getUTCMonth() / 3) + 1} of ${from.slice(0, 4)}`;
    case 'month':
      return MONTH.format(first);
    case 'week':
      return `week of ${DAY.format(first)}`;
    case 'day':
      return DAY.format(first);
    default:
      return from === to ? DAY.format(first) : `${DAY.format(first)} to ${DAY.format(new Date(to))}`;
  }
}

/**
 * The same text for the same stretch of the calendar, however it was asked for; all time is one
 * stretch, whatever its first and last day are at present.
 */
export function periodKey({ range, from, to }: Pick<ResolvedRange, 'range' | 'from' | 'to'>): string {
  if (range === 'all') return 'all';
  return range === null ? `${from}..${to}` : `${range}@${from}`;
}
