import type { Discoveries } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { addUnits, type CalendarDay, daysBetween, startOf } from './calendar-day.ts';
import { loadItemViews } from './item-views.ts';
import type { Listener } from './listener.ts';
import type { ResolvedRange } from './range.ts';
import { GRAIN } from './series.ts';
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

/** The items first heard in a range that were played most since. */
export async function loadDiscoveredItems(
  db: Queryable,
  userId: number,
  range: ResolvedRange,
  kind: DiscoveryKind,
  limit: number,
): Promise<Discoveries['items']> {
  const { rows } = await db.query<DiscoveredRow>(
    `SELECT item_id, plays, ms_played::float8, ms_assumed::float8, first_day::text FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = ${ITEM_KINDS[kind]} AND first_day BETWEEN $2::date AND $3::date
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
  const [{ rows }, items] = await Promise.all([
    db.query<{ at: CalendarDay; count: number }>(
      `SELECT date_trunc('${by}', first_day)::date::text AS at, count(*)::int AS count FROM play_periods
        WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = ${ITEM_KINDS[kind]} AND first_day BETWEEN $2::date AND $3::date
        GROUP BY 1`,
      [listener.userId, range.from, range.to],
    ),
    loadDiscoveredItems(db, listener.userId, range, kind, limit),
  ]);
  const found = new Map(rows.map((row) => [row.at, row.count]));
  const points: Discoveries['points'] = [];
  for (let at = startOf(by, range.from); at <= range.to; at = addUnits(by, at, 1))
    points.push({ at, count: found.get(at) ?? 0 });
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return { period: range, kind, by, points, total, items };
}
