import type { Timeline, TimelineStep } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { addDays, addUnits, type CalendarDay, daysBetween, startOf } from './calendar-day.ts';
import { loadGaps } from './gaps.ts';
import type { Listener } from './listener.ts';
import { playsOfStretches } from './period-rows.ts';
import { InvalidRange, type ResolvedRange } from './range.ts';
import { GRAIN, KIND } from './series.ts';
import { SqlValues } from './sql-values.ts';
import { FIGURE_SUMS, type FigureRow, toFigures } from './totals.ts';

/** Points at most: a month by the hour, three years by the day, a century by the month. */
const MOST_POINTS = 1_200;

type Point = Timeline['points'][number];

/** The step in which a range is best looked at. */
export function defaultStep(range: ResolvedRange): TimelineStep {
  const days = daysBetween(range.from, range.to);
  if (days === 1) return 'hour';
  if (days <= 100) return 'day';
  if (days <= 200) return 'week';
  return days <= MOST_POINTS * 30 ? 'month' : 'year';
}

const DAYS_A_STEP: Readonly<Record<TimelineStep, number>> = {
  hour: 1 / 24,
  day: 1,
  week: 7,
  month: 30.4,
  year: 365.2,
};

function checkStep(range: ResolvedRange, by: TimelineStep): void {
  if (daysBetween(range.from, range.to) / DAYS_A_STEP[by] > MOST_POINTS)
    throw new InvalidRange(
      'by',
      `would make more than ${MOST_POINTS.toLocaleString('en')} points: take longer steps`,
    );
}

/** Every step of a range; a range may begin and end within one. */
function stepsOf(range: ResolvedRange, by: Exclude<TimelineStep, 'hour'>): CalendarDay[] {
  const steps: CalendarDay[] = [];
  for (let at = startOf(by, range.from); at <= range.to; at = addUnits(by, at, 1)) steps.push(at);
  return steps;
}

async function byHour(db: Queryable, listener: Listener, range: ResolvedRange): Promise<Point[]> {
  const values = new SqlValues(listener.userId);
  const stretch = { periods: [], stretches: [{ from: range.from, to: range.to }] };
  const { rows } = await db.query<FigureRow & { at: string }>(
    `SELECT to_char(r.local, 'YYYY-MM-DD"T"HH24":00"') AS at, count(*)::int AS plays,
            sum(r.ms_played)::float8 AS ms_played, sum(r.ms_assumed)::float8 AS ms_assumed
       FROM (${playsOfStretches(stretch, range.timeZone, values)}) r GROUP BY 1`,
    values.list,
  );
  const found = new Map(rows.map((row) => [row.at, row]));
  const points: Point[] = [];
  for (let day = range.from; day <= range.to; day = addDays(day, 1)) {
    for (let hour = 0; hour < 24; hour += 1) {
      const at = `${day}T${String(hour).padStart(2, '0')}:00`;
      points.push({ at, ...toFigures(found.get(at)) });
    }
  }
  return points;
}

/**
 * Plays and time step by step, steps without plays too.
 *
 * @throws InvalidRange when the steps would be too many.
 */
export async function loadTimeline(
  db: Queryable,
  listener: Listener,
  range: ResolvedRange,
  wanted?: TimelineStep,
): Promise<Timeline> {
  const by = wanted ?? defaultStep(range);
  checkStep(range, by);
  const gaps = loadGaps(db, listener.userId, range);
  const points = by === 'hour' ? byHour(db, listener, range) : bySteps(db, listener.userId, range, by);
  const [foundGaps, foundPoints] = await Promise.all([gaps, points]);
  return { period: range, by, points: foundPoints, gaps: foundGaps };
}

/** Points of days and longer steps, all of them from the totals of days. */
async function bySteps(
  db: Queryable,
  userId: number,
  range: ResolvedRange,
  by: Exclude<TimelineStep, 'hour'>,
): Promise<Point[]> {
  const { rows } = await db.query<FigureRow & { at: string }>(
    `SELECT date_trunc('${by}', r.period)::date::text AS at, ${FIGURE_SUMS} FROM play_periods r
      WHERE r.user_id = $1 AND r.grain = ${GRAIN.day} AND r.kind = ${KIND.total} AND r.period BETWEEN $2::date AND $3::date
      GROUP BY 1`,
    [userId, range.from, range.to],
  );
  const found = new Map(rows.map((row) => [row.at, row]));
  return stepsOf(range, by).map((at) => ({ at, ...toFigures(found.get(at)) }));
}
