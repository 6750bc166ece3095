import type { Queryable } from '../client.ts';
import type { CalendarDay } from './calendar-day.ts';
import type { Span } from './segments.ts';
import { ALL_TIME, GRAIN, KIND } from './series.ts';
import { STALE } from './state.ts';

/** What every statistic must know of the listener it is about. */
export interface Listener {
  readonly userId: number;
  readonly timeZone: string;
  readonly minPlayMs: number;
  /** Grows with every change of the history; see `history_states`. */
  readonly version: string;
  /** The rollups wait for a recount: figures are those from before the change. */
  readonly recounting: boolean;
  readonly countedAt: Date | null;
  readonly firstDay: CalendarDay | null;
  readonly lastDay: CalendarDay | null;
  /** Counted plays of all time. */
  readonly plays: number;
  /** Whether they merged tracks, or gave artists aliases: most did neither, and need not be asked for it. */
  readonly hasMerges: boolean;
  readonly hasAliases: boolean;
}

interface Row {
  time_zone: string;
  min_play_ms: number;
  version: string | null;
  stale: number | null;
  counted_at: Date | null;
  first_day: string | null;
  last_day: string | null;
  plays: number | null;
  has_merges: boolean;
  has_aliases: boolean;
}

/** @returns null when there is no such user. */
export async function loadListener(db: Queryable, userId: number): Promise<Listener | null> {
  const { rows } = await db.query<Row>(
    `SELECT u.time_zone, u.min_play_ms, h.version, h.stale, h.counted_at, a.plays,
            a.first_day::text, a.last_day::text,
            EXISTS (SELECT 1 FROM track_merges m WHERE m.user_id = u.id) AS has_merges,
            EXISTS (SELECT 1 FROM artist_aliases s WHERE s.user_id = u.id) AS has_aliases
       FROM users u
       LEFT JOIN history_states h ON h.user_id = u.id
       LEFT JOIN play_periods a ON a.user_id = u.id AND a.grain = ${GRAIN.all} AND a.kind = ${KIND.total}
                               AND a.period = DATE '${ALL_TIME}' AND a.item_id = 0
      WHERE u.id = $1`,
    [userId],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    userId,
    timeZone: row.time_zone,
    minPlayMs: row.min_play_ms,
    version: row.version ?? '0',
    recounting: row.stale === STALE.all,
    countedAt: row.counted_at,
    firstDay: row.first_day,
    lastDay: row.last_day,
    plays: row.plays ?? 0,
    hasMerges: row.has_merges,
    hasAliases: row.has_aliases,
  };
}

/** First and last day with a counted play; null without any. */
export function spanOf(listener: Pick<Listener, 'firstDay' | 'lastDay'>): Span | null {
  const { firstDay, lastDay } = listener;
  return firstDay === null || lastDay === null ? null : { firstDay, lastDay };
}
