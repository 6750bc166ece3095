import type { ListeningClock } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { type Listener, spanOf } from './listener.ts';
import { countRows } from './period-rows.ts';
import type { ResolvedRange } from './range.ts';
import { segmentsOf } from './segments.ts';
import { KIND } from './series.ts';
import { SqlValues } from './sql-values.ts';
import { FIGURE_SUMS, type FigureRow, toFigures } from './totals.ts';

const HOURS_A_WEEK = 168;

/** What each hour of the week came to, from Monday 00:00 on, by the start of the plays. */
export async function loadClock(
  db: Queryable,
  listener: Listener,
  range: ResolvedRange,
): Promise<ListeningClock> {
  const values = new SqlValues(listener.userId);
  const segments = segmentsOf(range, spanOf(listener));
  const { rows } = await db.query<FigureRow & { item_id: number }>(
    `SELECT r.item_id, ${FIGURE_SUMS} FROM (${countRows(segments, KIND.hour, values)}) r
      WHERE $1::int IS NOT NULL GROUP BY r.item_id`,
    values.list,
  );
  const found = new Map(rows.map((row) => [row.item_id, row]));
  const cells = Array.from({ length: HOURS_A_WEEK }, (_, hour) => ({
    weekday: Math.floor(hour / 24) + 1,
    hour: hour % 24,
    ...toFigures(found.get(hour)),
  }));
  return { period: range, cells };
}
