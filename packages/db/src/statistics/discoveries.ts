import type { Discoveries } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { addUnits, type CalendarDay, daysBetween, startOf } from './calendar-day.ts';
import { loadItemViews } from './item-views.ts';
import type { Listener } from './listener.ts';
import type { ResolvedRange } from './range.ts';
import { ALL_TIME, GRAIN } from './series.ts';
import { ITEM_KINDS } from './top.ts';
import { type FigureRow, toFigures } from './totals.ts';

type Step = Discoveries['by'];
type DiscoveryKind = Discoveries['kind'];

function stepOf(range: ResolvedRange): Step {
  const days = daysBetween(range.from, range.to);
  if (days <= 62) return 'day';
  if (days <= 200) return 'week';
  return days <= 30 * 366 ? 'month' : 'year';
}

interface DiscoveredRow extends FigureRow {
  item_id: number;
  first_day: CalendarDay;
}

/** From so many on, the listener's items are gone through in the order of their plays until enough are found. */
const MANY = 2_000;

/**
 * The items first heard in a range that were played most since.
 *
 * @param total how many there are, when that is known.
 */
export async function loadDiscoveredItems(
  db: Queryable,
  userId: number,
  range: ResolvedRange,
  kind: DiscoveryKind,
  limit: number,
  total = 0,
): Promise<Discoveries['items']> {
  // An expression keeps the planner from the index by first day: it cannot know how many are wanted.
  const day = total >= MANY ? '(first_day + 0)' : 'first_day';
  const { rows } = await db.query<DiscoveredRow>(
    `SELECT item_id, plays, ms_played::float8, ms_assumed::float8, first_day::text FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = ${ITEM_KINDS[kind]} AND period = DATE '${ALL_TIME}'
        AND ${day} BETWEEN $2::date AND $3::date
      ORDER BY plays DESC, item_id LIMIT $4`,
    [userId, range.from, range.to, limit],
  );
  const views = await loadItemViews(
    db,
    ITEM_KINDS[kind],
    rows.map((row) => row.item_id),
  );
  return rows.map((row, index) => ({
    rank: index + 1,
    ...toFigures(row),
    ...views.get(row.item_id),
    firstDay: row.first_day,
  }));
}

/** What was heard for the first time in a range, step by step and by name. */
export async function loadDiscoveries(
  db: Queryable,
  listener: Pick<Listener, 'userId'>,
  range: ResolvedRange,
  request: { readonly kind: DiscoveryKind; readonly limit: number },
): Promise<Discoveries> {
  const { kind, limit } = request;
  const by = stepOf(range);
  // Day by day in the order of the index; steps are made of days here, at a tenth of the cost.
  const { rows } = await db.query<{ day: CalendarDay; count: number }>(
    `SELECT to_char(first_day, 'YYYY-MM-DD') AS day, count FROM (
       SELECT first_day, count(*)::int AS count FROM play_periods
        WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = ${ITEM_KINDS[kind]} AND first_day BETWEEN $2::date AND $3::date
        GROUP BY first_day) d`,
    [listener.userId, range.from, range.to],
  );
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const items = await loadDiscoveredItems(db, listener.userId, range, kind, limit, total);
  const found = new Map<CalendarDay, number>();
  for (const { day, count } of rows) {
    const at = startOf(by, day);
    found.set(at, (found.get(at) ?? 0) + count);
  }
  const points: Discoveries['points'] = [];
  for (let at = startOf(by, range.from); at <= range.to; at = addUnits(by, at, 1))
    points.push({ at, count: found.get(at) ?? 0 });
  return { period: range, kind, by, points, total, items };
}
