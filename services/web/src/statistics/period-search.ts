import { MEASURES, type Measure, type RangeName } from '@spindle/contracts';
import { addDays, daysBetween, firstDayOf, isDay, isRange, lastDayOf, stepPeriod } from './calendar.ts';

/** A period as the address of a page names it: a range and a day in it, or two free days. */
export interface PeriodSearch {
  readonly range?: RangeName;
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What the address of a page of statistics says. */
export interface StatisticsSearch extends PeriodSearch {
  readonly by?: Measure;
}

/** The period in a page's search; what makes no sense is left out. */
export function readPeriod(search: Readonly<Record<string, unknown>>): PeriodSearch {
  const { range, at, from, to } = search;
  if (isRange(range)) return { range, ...(isDay(at) && range !== 'all' ? { at } : {}) };
  if (isDay(from) && isDay(to) && from <= to) return { from, to };
  return {};
}

export function readStatisticsSearch(search: Readonly<Record<string, unknown>>): StatisticsSearch {
  const by = MEASURES.find((measure) => measure === search.by);
  return { ...readPeriod(search), ...(by ? { by } : {}) };
}

/** The period that a page shows when its address names none. */
export function orDefault(period: PeriodSearch, range: RangeName): PeriodSearch {
  return period.range || period.from
    ? { range: period.range, at: period.at, from: period.from, to: period.to }
    : { range };
}

/** First and last day; null for all time, whose first day only the server knows. */
export function boundsOf(period: PeriodSearch, today: string): { from: string; to: string } | null {
  const { range, at = today, from, to } = period;
  if (from && to) return { from, to };
  if (!range || range === 'all') return null;
  return { from: firstDayOf(range, at), to: lastDayOf(range, at) };
}

/** The period beside this one; null where there is none: all time, and days that are not yet. */
export function neighbour(period: PeriodSearch, steps: 1 | -1, today: string): PeriodSearch | null {
  const bounds = boundsOf(period, today);
  if (!bounds || (steps === 1 && bounds.to >= today)) return null;
  const { range } = period;
  if (!range || range === 'all') {
    const days = daysBetween(bounds.from, bounds.to) * steps;
    return { from: addDays(bounds.from, days), to: addDays(bounds.to, days) };
  }
  const at = stepPeriod(range, bounds.from, steps);
  return at === firstDayOf(range, today) ? { range } : { range, at };
}

/** The same moment seen through another range: the month of the week one was at. */
export function changeRange(period: PeriodSearch, range: RangeName, today: string): PeriodSearch {
  const bounds = boundsOf(period, today);
  if (range === 'all' || !bounds || bounds.to >= today) return { range };
  return { range, at: bounds.to };
}
