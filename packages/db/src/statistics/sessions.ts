import type { Sessions } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { startedOnDays } from './day-window.ts';
import type { Listener } from './listener.ts';
import type { ResolvedRange } from './range.ts';
import { SESSION_GAP_MS } from './series.ts';
import { type FigureRow, toFigures } from './totals.ts';

type Session = Sessions['items'][number];

interface SessionRow extends FigureRow {
  started_at: Date;
  ended_at: Date;
}

const COLUMNS = 'started_at, ended_at, plays, ms_played::float8, ms_assumed::float8';
const LENGTH = '(ended_at - started_at)';

/** Sessions of listener `$1`. */
const SESSIONS = '(SELECT s.*, s.started_at AS played_at FROM listening_sessions s) s WHERE s.user_id = $1';
/** Those that began in the days `$2` to `$3` of zone `$4`. */
const SESSIONS_OF_DAYS = `${SESSIONS} AND ${startedOnDays('s', '$2', '$3', '$4')}`;

const toSession = (row: SessionRow): Session => ({
  from: row.started_at.toISOString(),
  to: row.ended_at.toISOString(),
  ...toFigures(row),
});

/** A session belongs to the day on which it began. */
export async function loadSessions(
  db: Queryable,
  listener: Pick<Listener, 'userId' | 'firstDay' | 'lastDay'>,
  range: ResolvedRange,
  page: { readonly order: 'longest' | 'newest'; readonly limit: number; readonly offset: number },
): Promise<Omit<Sessions, 'nextCursor'> & { readonly nextOffset: number | null }> {
  const { userId, firstDay, lastDay } = listener;
  // The whole history needs no look at the day of each session.
  const isWhole = firstDay !== null && lastDay !== null && range.from <= firstDay && range.to >= lastDay;
  const sessions = isWhole ? SESSIONS : SESSIONS_OF_DAYS;
  const values = isWhole ? [userId] : [userId, range.from, range.to, range.timeZone];
  const place = (index: number) => `$${values.length + index}`;
  const order = page.order === 'longest' ? `${LENGTH} DESC, started_at` : 'started_at DESC';
  const [{ rows: sums }, { rows }] = await Promise.all([
    db.query<{ count: number; average_ms: number; longest_ms: number }>(
      // In float8, exact for times in ms and far quicker than averages of intervals.
      `SELECT count(*)::int AS count, coalesce(floor(sum(length) / count(*) + 0.5), 0)::float8 AS average_ms,
              coalesce(max(length), 0)::float8 AS longest_ms
         FROM (SELECT round((date_part('epoch', s.ended_at) - date_part('epoch', s.started_at)) * 1000) AS length FROM ${sessions}) l`,
      values,
    ),
    db.query<SessionRow>(
      `SELECT ${COLUMNS} FROM ${sessions} ORDER BY ${order} LIMIT ${place(1)} OFFSET ${place(2)}`,
      [...values, page.limit, page.offset],
    ),
  ]);
  const [sum] = sums;
  const end = page.offset + rows.length;
  return {
    period: range,
    gapMs: SESSION_GAP_MS,
    count: sum?.count ?? 0,
    averageMs: sum?.average_ms ?? 0,
    longestMs: sum?.longest_ms ?? 0,
    items: rows.map(toSession),
    nextOffset: end < (sum?.count ?? 0) ? end : null,
  };
}

/** The longest session that began in a range. */
export async function loadLongestSession(
  db: Queryable,
  userId: number,
  range: ResolvedRange,
): Promise<Session | null> {
  const { rows } = await db.query<SessionRow>(
    `SELECT ${COLUMNS} FROM ${SESSIONS_OF_DAYS} ORDER BY ${LENGTH} DESC, started_at LIMIT 1`,
    [userId, range.from, range.to, range.timeZone],
  );
  return rows[0] ? toSession(rows[0]) : null;
}
