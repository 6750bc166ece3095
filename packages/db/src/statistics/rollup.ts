import type { Transaction } from '../client.ts';
import { countedPlays, hourOfWeek } from './counted.ts';
import { ALL_TIME, GRAIN, KIND } from './series.ts';
import { refreshSessions, type Stretch } from './session-rollup.ts';
import { bumpHistory, markStale, STALE } from './state.ts';

/** The key of a play inside one listener's history. `playedAt` in epoch ms. */
export interface PlayRef {
  readonly trackId: number;
  readonly playedAt: number;
}

/**
 * Those of the plays `$2`, `$3` that count, each by one look into the primary key: of many among partitions, PostgreSQL would rather
 * read the whole history and compare.
 */
const COUNTED = countedPlays(
  '',
  `unnest($2::float8[], $3::int[]) AS k (played_at, track_id)
    CROSS JOIN LATERAL (
      SELECT * FROM plays
       WHERE user_id = $1 AND played_at = to_timestamp(k.played_at / 1000) AND track_id = k.track_id
      OFFSET 0) p`,
);

/** What the plays `$2`, `$3` of listener `$1` come to in every row of the rollups that they touch. */
const DELTAS = `
  base AS (${COUNTED}),
  deltas AS (
    SELECT g.grain, i.kind, g.period, i.item_id, count(*)::int AS plays, sum(b.ms_played)::bigint AS ms_played,
           sum(b.ms_assumed)::bigint AS ms_assumed, min(b.local::date) AS first_day, max(b.local::date) AS last_day
      FROM base b
     CROSS JOIN LATERAL (
       SELECT ${KIND.total} AS kind, 0 AS item_id
       UNION ALL SELECT ${KIND.hour}, ${hourOfWeek('b.local')}
       UNION ALL SELECT ${KIND.track}, b.track_id
       UNION ALL SELECT ${KIND.album}, t.album_id FROM tracks t WHERE t.id = b.track_id AND t.album_id IS NOT NULL
       UNION ALL SELECT DISTINCT ${KIND.artist}, coalesce(s.root_id, a.artist_id)
                   FROM track_artists a
                   LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = a.artist_id
                  WHERE a.track_id = b.track_id) i
     CROSS JOIN LATERAL (VALUES
       (${GRAIN.day}, b.local::date), (${GRAIN.month}, date_trunc('month', b.local)::date),
       (${GRAIN.year}, date_trunc('year', b.local)::date), (${GRAIN.all}, DATE '${ALL_TIME}')) g (grain, period)
     WHERE g.grain > ${GRAIN.day} OR i.kind IN (${KIND.total}, ${KIND.hour})
     GROUP BY g.grain, i.kind, g.period, i.item_id)`;

const KEY = '(user_id, grain, kind, period, item_id)';

const refsOf = (userId: number, plays: readonly PlayRef[]): unknown[] => [
  userId,
  plays.map((play) => play.playedAt),
  plays.map((play) => play.trackId),
];

async function stretchesOf(tx: Transaction, values: unknown[]): Promise<Stretch[]> {
  const { rows } = await tx.query<Stretch>(
    `WITH base AS (${COUNTED})
     SELECT (extract(epoch FROM played_at) * 1000)::float8 AS "from", (extract(epoch FROM ended_at) * 1000)::float8 AS "to"
       FROM base ORDER BY 1`,
    values,
  );
  return rows;
}

/**
 * Adds plays that stand in `plays` to the rollups, in the transaction that stored or showed them.
 * Plays that do not count add nothing. Nothing happens while a recount is due anyway. Call under the
 * history lock.
 */
export async function countIn(tx: Transaction, userId: number, plays: readonly PlayRef[]): Promise<void> {
  if (plays.length === 0) return;
  if ((await bumpHistory(tx, userId)) === STALE.all) return;
  const values = refsOf(userId, plays);
  await tx.query(
    `WITH ${DELTAS},
     added AS (
       INSERT INTO play_periods AS r (user_id, grain, kind, period, item_id, plays, ms_played, ms_assumed, first_day, last_day)
       SELECT $1, grain, kind, period, item_id, plays, ms_played, ms_assumed,
              CASE WHEN grain = ${GRAIN.all} THEN first_day END, CASE WHEN grain = ${GRAIN.all} THEN last_day END
         FROM deltas
       ON CONFLICT ${KEY} DO UPDATE
          SET plays = r.plays + excluded.plays, ms_played = r.ms_played + excluded.ms_played,
              ms_assumed = r.ms_assumed + excluded.ms_assumed,
              first_day = least(r.first_day, excluded.first_day), last_day = greatest(r.last_day, excluded.last_day)
       RETURNING grain, kind, period, xmax = 0 AS is_new)
     INSERT INTO play_periods AS r (user_id, grain, kind, period, item_id, plays, ms_played, ms_assumed)
     SELECT $1, grain, ${KIND.items}, period, kind, count(*), 0, 0 FROM added
      WHERE is_new AND kind IN (${KIND.track}, ${KIND.artist}, ${KIND.album}) GROUP BY grain, kind, period
     ON CONFLICT ${KEY} DO UPDATE SET plays = r.plays + excluded.plays`,
    values,
  );
  await refreshSessions(tx, userId, await stretchesOf(tx, values));
}

/**
 * Takes plays out of the rollups, **before** the transaction deletes, hides or changes them. Plays
 * that do not count take nothing away. Call under the history lock.
 */
export async function countOut(tx: Transaction, userId: number, plays: readonly PlayRef[]): Promise<void> {
  if (plays.length === 0) return;
  if ((await bumpHistory(tx, userId)) === STALE.all) return;
  const values = refsOf(userId, plays);
  const { rows } = await tx.query<{ short: number }>(
    `WITH ${DELTAS}
     SELECT count(*)::int AS short FROM deltas d
       LEFT JOIN play_periods r ON r.user_id = $1 AND r.grain = d.grain AND r.kind = d.kind AND r.period = d.period
                               AND r.item_id = d.item_id
      WHERE r.plays IS NULL OR r.plays < d.plays OR r.ms_played < d.ms_played OR r.ms_assumed < d.ms_assumed`,
    values,
  );
  // The catalogue has changed since these plays were counted: what they were counted as is not known.
  if (rows[0]?.short !== 0) {
    await markStale(tx, userId, STALE.all);
    return;
  }
  const stretches = await stretchesOf(tx, values);
  const { rows: touched } = await tx.query<{ kind: number; item_id: number }>(
    `WITH ${DELTAS},
     left_over AS (
       UPDATE play_periods r
          SET plays = r.plays - d.plays, ms_played = r.ms_played - d.ms_played, ms_assumed = r.ms_assumed - d.ms_assumed
         FROM deltas d
        WHERE r.user_id = $1 AND r.grain = d.grain AND r.kind = d.kind AND r.period = d.period AND r.item_id = d.item_id
       RETURNING r.grain, r.kind, r.period, r.item_id, r.plays),
     gone AS (
       UPDATE play_periods r SET plays = r.plays - g.items
         FROM (SELECT grain, kind, period, count(*)::int AS items FROM left_over
                WHERE plays = 0 AND kind IN (${KIND.track}, ${KIND.artist}, ${KIND.album}) GROUP BY 1, 2, 3) g
        WHERE r.user_id = $1 AND r.grain = g.grain AND r.kind = ${KIND.items} AND r.period = g.period AND r.item_id = g.kind
       RETURNING 1)
     SELECT kind, item_id FROM left_over WHERE grain = ${GRAIN.all} AND plays > 0`,
    values,
  );
  await tx.query(
    `WITH ${DELTAS}
     DELETE FROM play_periods r USING (
         SELECT grain, kind, period, item_id FROM deltas
         UNION SELECT grain, ${KIND.items}, period, kind FROM deltas) d
      WHERE r.user_id = $1 AND r.grain = d.grain AND r.kind = d.kind AND r.period = d.period AND r.item_id = d.item_id
        AND r.plays = 0`,
    values,
  );
  await refreshEdges(tx, userId, plays, touched);
  await refreshSessions(tx, userId, stretches, plays);
}

/** First and last days of the rows of all time, once some plays are gone. */
async function refreshEdges(
  tx: Transaction,
  userId: number,
  without: readonly PlayRef[],
  touched: readonly { readonly kind: number; readonly item_id: number }[],
): Promise<void> {
  const idsOf = (kind: number) => touched.filter((one) => one.kind === kind).map((one) => one.item_id);
  await tx.query(
    `UPDATE play_periods r SET first_day = e.first_day, last_day = e.last_day
       FROM (SELECT c.track_id, min(c.local::date) AS first_day, max(c.local::date) AS last_day
               FROM (${countedPlays(`
                 LEFT JOIN unnest($2::float8[], $3::int[]) AS k (played_at, track_id)
                   ON p.played_at = to_timestamp(k.played_at / 1000) AND p.track_id = k.track_id`)}
                 AND k.track_id IS NULL
                 AND p.track_id IN (SELECT unnest($4::int[]) UNION
                                    SELECT o.track_id FROM track_merges o WHERE o.user_id = $1 AND o.root_id = ANY($4::int[]))) c
              GROUP BY c.track_id) e
      WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${KIND.track} AND r.item_id = e.track_id`,
    [...refsOf(userId, without), idsOf(KIND.track)],
  );
  const tracksOf = {
    [KIND.artist]: `SELECT DISTINCT coalesce(s.root_id, a.artist_id) AS item_id, a.track_id FROM track_artists a
        LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = a.artist_id
       WHERE a.artist_id = ANY($2::int[])
          OR a.artist_id IN (SELECT o.artist_id FROM artist_aliases o WHERE o.user_id = $1 AND o.root_id = ANY($2::int[]))`,
    [KIND.album]: 'SELECT album_id AS item_id, id AS track_id FROM tracks WHERE album_id = ANY($2::int[])',
  };
  for (const kind of [KIND.artist, KIND.album] as const) {
    await tx.query(
      `UPDATE play_periods r SET first_day = e.first_day, last_day = e.last_day
         FROM (SELECT o.item_id, min(t.first_day) AS first_day, max(t.last_day) AS last_day
                 FROM (${tracksOf[kind]}) o
                 JOIN play_periods t ON t.user_id = $1 AND t.grain = ${GRAIN.all} AND t.kind = ${KIND.track}
                                    AND t.period = DATE '${ALL_TIME}' AND t.item_id = o.track_id
                GROUP BY o.item_id) e
        WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${kind} AND r.item_id = e.item_id`,
      [userId, idsOf(kind)],
    );
  }
  // Totals and hours: only the edges of the whole history are ever read.
  await tx.query(
    `UPDATE play_periods r SET first_day = e.first_day, last_day = e.last_day
       FROM (SELECT d.kind, d.item_id, min(d.period) AS first_day, max(d.period) AS last_day
               FROM play_periods d
              WHERE d.user_id = $1 AND d.grain = ${GRAIN.day}
                AND (d.kind = ${KIND.total} OR (d.kind = ${KIND.hour} AND d.item_id = ANY($2::int[])))
              GROUP BY 1, 2) e
      WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = e.kind AND r.item_id = e.item_id`,
    [userId, idsOf(KIND.hour)],
  );
}
