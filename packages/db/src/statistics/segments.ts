import {
  addDays,
  addUnits,
  type CalendarDay,
  daysBetween,
  earlierDay,
  endOf,
  laterDay,
  startOf,
} from './calendar-day.ts';
import { ALL_TIME, GRAIN, type Grain } from './series.ts';

/** First and last day with a counted play. */
export interface Span {
  readonly firstDay: CalendarDay;
  readonly lastDay: CalendarDay;
}

/** A period of `play_periods`. */
export interface RollupPeriod {
  readonly grain: Grain;
  readonly period: CalendarDay;
}

/** Days that no whole month covers, first and last included. */
export interface DayStretch {
  readonly from: CalendarDay;
  readonly to: CalendarDay;
}

/** A range cut so that as little as possible has to be read. */
export interface Segments {
  readonly periods: readonly RollupPeriod[];
  /** At most two, each shorter than a month, unless the range is shorter than two months itself. */
  readonly stretches: readonly DayStretch[];
}

const NONE: Segments = { periods: [], stretches: [] };

/**
 * The fewest periods of the rollups that make up a range: all time where it covers every play, else
 * whole years, whole months, and the days left over at both ends. An end of the range beyond the plays
 * is moved to the end of their year, where no days are left over.
 *
 * @param span null: no counted play yet.
 */
export function segmentsOf(
  range: { readonly from: CalendarDay; readonly to: CalendarDay },
  span: Span | null,
): Segments {
  if (span === null || range.to < span.firstDay || range.from > span.lastDay) return NONE;
  const open = range.from <= span.firstDay;
  const closed = range.to >= span.lastDay;
  if (open && closed) return { periods: [{ grain: GRAIN.all, period: ALL_TIME }], stretches: [] };
  const from = open ? startOf('year', span.firstDay) : range.from;
  const to = closed ? endOf('year', span.lastDay) : range.to;
  const { periods, stretches } = cut(from, to);
  return {
    periods: periods.filter(({ grain, period }) => {
      const unit = grain === GRAIN.year ? 'year' : 'month';
      return period <= span.lastDay && endOf(unit, period) >= span.firstDay;
    }),
    stretches: stretches.flatMap((stretch) => {
      const first = laterDay(stretch.from, span.firstDay);
      const last = earlierDay(stretch.to, span.lastDay);
      return first <= last ? [{ from: first, to: last }] : [];
    }),
  };
}

function cut(from: CalendarDay, to: CalendarDay): { periods: RollupPeriod[]; stretches: DayStretch[] } {
  const firstMonth = from === startOf('month', from) ? from : addUnits('month', startOf('month', from), 1);
  const end = addDays(to, 1);
  const monthsEnd = startOf('month', end);
  if (firstMonth >= monthsEnd) return { periods: [], stretches: [{ from, to }] };
  const periods: RollupPeriod[] = [];
  for (let month = firstMonth; month < monthsEnd; ) {
    const nextYear = addUnits('year', month, 1);
    const whole = month === startOf('year', month) && nextYear <= monthsEnd;
    periods.push({ grain: whole ? GRAIN.year : GRAIN.month, period: month });
    month = whole ? nextYear : addUnits('month', month, 1);
  }
  const stretches: DayStretch[] = [];
  if (from < firstMonth) stretches.push({ from, to: addDays(firstMonth, -1) });
  if (monthsEnd <= to) stretches.push({ from: monthsEnd, to });
  return { periods, stretches };
}

/** Number of days that a cut reads from `plays`. */
export function strayDays(segments: Segments): number {
  return segments.stretches.reduce((sum, { from, to }) => sum + daysBetween(from, to), 0);
}
