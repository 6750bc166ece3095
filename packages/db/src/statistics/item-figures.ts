import type { TrackPage } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { addUnits, localDay, startOf } from './calendar-day.ts';
import { countedCondition } from './counted.ts';
import { startedOnDays } from './day-window.ts';
import type { Listener } from './listener.ts';
import { ALL_TIME, GRAIN, type ItemKind, KIND } from './series.ts';
import { type FigureRow, toFigures } from './totals.ts';

type ItemFigures = TrackPage['mine'];

interface AllTimeRow extends FigureRow {
  first_day: string;
  last_day: string;
}

/** SELECT of the tracks that count for artist `$2` of listener `$1`. */
export const TRACKS_OF_ARTIST = `SELECT l.track_id FROM track_artists l
    LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = l.artist_id
   WHERE coalesce(s.root_id, l.artist_id) = $2
     AND l.artist_id IN (SELECT $2::int UNION SELECT artist_id FROM artist_aliases WHERE user_id = $1 AND root_id = $2)`;

/** Condition that a play counts for item `$2` of listener `$1`, merges and aliases considered. */
const PLAYS_OF: Readonly<Record<ItemKind, string>> = {
  [KIND.track]: `p.track_id IN (SELECT $2::int WHERE NOT EXISTS
      (SELECT 1 FROM track_merges WHERE user_id = $1 AND track_id = $2)
     UNION ALL SELECT track_id FROM track_merges WHERE user_id = $1 AND root_id = $2)`,
  [KIND.artist]: `coalesce((SELECT m.root_id FROM track_merges m WHERE m.user_id = $1 AND m.track_id = p.track_id), p.track_id)
     IN (${TRACKS_OF_ARTIST})`,
  [KIND.album]: `coalesce((SELECT m.root_id FROM track_merges m WHERE m.user_id = $1 AND m.track_id = p.track_id), p.track_id)
     IN (SELECT t.id FROM tracks t WHERE t.album_id = $2)`,
};

/** The exact first and last listen: only the first and the last day of the item are looked at. */
async function loadEnds(
  db: Queryable,
  listener: Listener,
  kind: ItemKind,
  itemId: number,
  days: { readonly first_day: string; readonly last_day: string },
): Promise<{ first: Date | null; last: Date | null }> {
  const end = (day: string, order: string) => `
    (SELECT p.played_at FROM plays p
      WHERE p.user_id = $1 AND ${startedOnDays('p', day, day, '$6')}
        AND ${countedCondition('p', '$3')} AND ${PLAYS_OF[kind]}
      ORDER BY p.played_at ${order} LIMIT 1)`;
  const { rows } = await db.query<{ first: Date | null; last: Date | null }>(
    `SELECT ${end('$4', 'ASC')} AS first, ${end('$5', 'DESC')} AS last`,
    [listener.userId, itemId, listener.minPlayMs, days.first_day, days.last_day, listener.timeZone],
  );
  return rows[0] ?? { first: null, last: null };
}

async function loadMonths(
  db: Queryable,
  listener: Listener,
  kind: ItemKind,
  itemId: number,
  firstDay: string,
  now: Date,
): Promise<ItemFigures['months']> {
  const first = startOf('month', firstDay);
  const last = startOf('month', localDay(now, listener.timeZone));
  // Month by month through the key: an item has few months, a listener many items.
  const { rows } = await db.query<FigureRow & { at: string }>(
    `SELECT r.period::text AS at, r.plays, r.ms_played::float8, r.ms_assumed::float8
       FROM generate_series($4::timestamp, $5::timestamp, interval '1 month') AS k (month)
       JOIN play_periods r ON r.user_id = $1 AND r.grain = ${GRAIN.month} AND r.kind = $2 AND r.period = k.month::date
                          AND r.item_id = $3`,
    [listener.userId, kind, itemId, first, last],
  );
  const found = new Map(rows.map((row) => [row.at, row]));
  const months: ItemFigures['months'] = [];
  for (let at = first; at <= last; at = addUnits('month', at, 1))
    months.push({ at, ...toFigures(found.get(at)) });
  return months;
}

/** What one item is to one listener; all zero when none of their counted plays is of it. */
export async function loadItemFigures(
  db: Queryable,
  listener: Listener,
  kind: ItemKind,
  itemId: number,
  now: Date,
): Promise<ItemFigures> {
  const { rows } = await db.query<AllTimeRow>(
    `SELECT plays, ms_played::float8, ms_assumed::float8, first_day::text, last_day::text FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = $2 AND period = DATE '${ALL_TIME}' AND item_id = $3`,
    [listener.userId, kind, itemId],
  );
  const [row] = rows;
  if (!row) {
    const none = { firstPlayedAt: null, lastPlayedAt: null, rank: null, share: 0, months: [] };
    return { ...toFigures(undefined), ...none };
  }
  const [ends, months, { rows: before }] = await Promise.all([
    loadEnds(db, listener, kind, itemId, row),
    loadMonths(db, listener, kind, itemId, row.first_day, now),
    db.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM play_periods
        WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = ${kind} AND period = DATE '${ALL_TIME}'
          AND plays >= $2 AND (plays > $2 OR item_id < $3)`,
      [listener.userId, row.plays, itemId],
    ),
  ]);
  return {
    ...toFigures(row),
    firstPlayedAt: ends.first?.toISOString() ?? null,
    lastPlayedAt: ends.last?.toISOString() ?? null,
    rank: (before[0]?.count ?? 0) + 1,
    share: listener.plays > 0 ? row.plays / listener.plays : 0,
    months,
  };
}
