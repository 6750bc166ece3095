import type { StatsSummary } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { daysBetween, earlierDay, localDay } from './calendar-day.ts';
import { countedCondition } from './counted.ts';
import { startedOnDays } from './day-window.ts';
import { loadGaps } from './gaps.ts';
import { type Listener, spanOf } from './listener.ts';
import { previousRange, type ResolvedRange } from './range.ts';
import { segmentsOf } from './segments.ts';
import { GRAIN, KIND } from './series.ts';
import { countActiveDays, type Distinct, loadDistinct, loadFigures } from './totals.ts';

async function loadDiscovered(db: Queryable, userId: number, range: ResolvedRange): Promise<Distinct> {
  const { rows } = await db.query<{ kind: number; count: number }>(
    `SELECT kind, count(*)::int AS count FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind IN (${KIND.track}, ${KIND.artist}, ${KIND.album})
        AND first_day BETWEEN $2::date AND $3::date GROUP BY kind`,
    [userId, range.from, range.to],
  );
  const of = (kind: number) => rows.find((row) => row.kind === kind)?.count ?? 0;
  return { tracks: of(KIND.track), artists: of(KIND.artist), albums: of(KIND.album) };
}

async function loadFirstPlayAt(db: Queryable, listener: Listener): Promise<string | null> {
  if (listener.firstDay === null) return null;
  const { rows } = await db.query<{ played_at: Date }>(
    `SELECT p.played_at FROM plays p
      WHERE p.user_id = $1 AND ${startedOnDays('p', '$3', '$3', '$4')} AND ${countedCondition('p', '$2')}
      ORDER BY p.played_at LIMIT 1`,
    [listener.userId, listener.minPlayMs, listener.firstDay, listener.timeZone],
  );
  return rows[0]?.played_at.toISOString() ?? null;
}

async function partOf(db: Queryable, listener: Listener, range: ResolvedRange) {
  const segments = segmentsOf(range, spanOf(listener));
  const [figures, distinct, activeDays] = await Promise.all([
    loadFigures(db, listener.userId, segments),
    loadDistinct(db, listener, segments),
    countActiveDays(db, listener.userId, range),
  ]);
  return { period: range, figures, distinct, activeDays };
}

/** Days of a range up to today, both included. */
function daysSoFar(range: ResolvedRange, now: Date): number {
  const last = earlierDay(range.to, localDay(now, range.timeZone));
  return last < range.from ? 0 : daysBetween(range.from, last);
}

/** The figures of a range, the range before it beside them, and how they were counted. */
export async function summarize(
  db: Queryable,
  listener: Listener,
  range: ResolvedRange,
  now: Date,
): Promise<StatsSummary> {
  const before = previousRange(range);
  const [mine, previous, discovered, gaps, firstPlayAt] = await Promise.all([
    partOf(db, listener, range),
    before && partOf(db, listener, before),
    loadDiscovered(db, listener.userId, range),
    loadGaps(db, listener.userId, range),
    loadFirstPlayAt(db, listener),
  ]);
  return {
    ...mine,
    discovered,
    days: daysSoFar(range, now),
    previous,
    gaps,
    counting: {
      minPlayMs: listener.minPlayMs,
      recounting: listener.recounting,
      countedAt: listener.countedAt?.toISOString() ?? null,
      firstPlayAt,
    },
  };
}
