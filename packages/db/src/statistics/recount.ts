import type { Database, Transaction } from '../client.ts';
import { lockHistory } from '../plays/ingest.ts';
import { countedPlays, hourOfWeek } from './counted.ts';
import { applyExclusions } from './exclusion-flags.ts';
import { ALL_TIME, GRAIN, KIND } from './series.ts';
import { insertSessions } from './session-rollup.ts';
import { STALE } from './state.ts';

const COLUMNS = '(user_id, grain, kind, period, item_id, plays, ms_played, ms_assumed, first_day, last_day)';

/** Rows of months, years and all time from a table of months by item, each in the order of the key. */
const PERIODS_OF_MONTHS = (kind: number, months: string): readonly string[] => [
  `INSERT INTO play_periods ${COLUMNS}
   SELECT $1, ${GRAIN.month}, ${kind}, month, item_id, plays, ms_played, ms_assumed, NULL, NULL
     FROM ${months} ORDER BY month, item_id`,
  `INSERT INTO play_periods ${COLUMNS}
   SELECT $1, ${GRAIN.year}, ${kind}, date_trunc('year', month)::date AS year, item_id, sum(plays), sum(ms_played),
          sum(ms_assumed), NULL, NULL
     FROM ${months} GROUP BY year, item_id ORDER BY year, item_id`,
  `INSERT INTO play_periods ${COLUMNS}
   SELECT $1, ${GRAIN.all}, ${kind}, DATE '${ALL_TIME}', item_id, sum(plays), sum(ms_played), sum(ms_assumed),
          min(first_day), max(last_day)
     FROM ${months} GROUP BY item_id ORDER BY item_id`,
];

/** Times as float8: exact up to 2^53, and added up without `numeric`, which sums of bigint become. */
const MONTHS_TABLE = (name: string) => `
  CREATE TEMP TABLE ${name} (month date, item_id int, plays int, ms_played float8, ms_assumed float8,
                             first_day date, last_day date) ON COMMIT DROP`;

const SUMS = 'sum(plays)::int, sum(ms_played), sum(ms_assumed), min(first_day), max(last_day)';

/**
 * Works all rollups of a listener out anew from the plays, by the rules, merges, aliases, zone and
 * shortest play of this moment; readers see the old ones until the transaction commits. A few seconds for
 * million plays. Call under the history lock.
 */
export async function recountHistory(tx: Transaction, userId: number, now: Date): Promise<void> {
  await tx.query(`SET LOCAL work_mem = '64MB'`);
  await tx.query(`SET LOCAL jit = off`);
  await applyExclusions(tx, userId);
  await tx.query('DELETE FROM play_periods WHERE user_id = $1', [userId]);
  await tx.query('DELETE FROM listening_sessions WHERE user_id = $1', [userId]);
  await tx.query(`DROP TABLE IF EXISTS counted_plays, track_months, artist_months, album_months`);
  await tx.query(
    `CREATE TEMP TABLE counted_plays (played_at timestamptz, ended_at timestamptz, track_id int, local timestamp,
                                      ms_played int, ms_assumed int) ON COMMIT DROP`,
  );
  await tx.query(`INSERT INTO counted_plays ${countedPlays()}`, [userId]);
  await tx.query(MONTHS_TABLE('track_months'));
  await tx.query(
    `INSERT INTO track_months
     SELECT date_trunc('month', local)::date, track_id, count(*), sum(ms_played), sum(ms_assumed), min(local::date), max(local::date)
       FROM counted_plays GROUP BY 1, 2`,
  );
  await tx.query(MONTHS_TABLE('artist_months'));
  await tx.query(
    `INSERT INTO artist_months
     SELECT m.month, a.artist_id, ${SUMS} FROM track_months m
       JOIN (SELECT DISTINCT l.track_id, coalesce(s.root_id, l.artist_id) AS artist_id
               FROM (SELECT DISTINCT item_id FROM track_months) heard
               JOIN track_artists l ON l.track_id = heard.item_id
               LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = l.artist_id) a
         ON a.track_id = m.item_id
      GROUP BY m.month, a.artist_id`,
    [userId],
  );
  await tx.query(MONTHS_TABLE('album_months'));
  await tx.query(
    `INSERT INTO album_months
     SELECT m.month, t.album_id, ${SUMS} FROM track_months m
       JOIN tracks t ON t.id = m.item_id AND t.album_id IS NOT NULL GROUP BY m.month, t.album_id`,
  );
  for (const [kind, months] of [
    [KIND.track, 'track_months'],
    [KIND.artist, 'artist_months'],
    [KIND.album, 'album_months'],
  ] as const) {
    for (const insert of PERIODS_OF_MONTHS(kind, months)) await tx.query(insert, [userId]);
  }
  // How many different items each period has.
  await tx.query(
    `INSERT INTO play_periods ${COLUMNS}
     SELECT $1, grain, ${KIND.items}, period, kind, count(*), 0, 0, NULL, NULL FROM play_periods
      WHERE user_id = $1 AND grain > ${GRAIN.day} AND kind IN (${KIND.track}, ${KIND.artist}, ${KIND.album})
      GROUP BY grain, period, kind`,
    [userId],
  );
  await countHours(tx, userId);
  await tx.query(insertSessions('SELECT * FROM counted_plays'), [userId]);
  await tx.query(
    `INSERT INTO history_states AS h (user_id, counted_at) VALUES ($1, $2)
     ON CONFLICT (user_id) DO UPDATE
        SET version = h.version + 1, stale = ${STALE.no}, stale_since = NULL, counted_at = excluded.counted_at`,
    [userId, now],
  );
}

/** Totals and hours of the week, for days, months, years and all time. */
async function countHours(tx: Transaction, userId: number): Promise<void> {
  await tx.query(
    `WITH hours AS MATERIALIZED (
       SELECT local::date AS day, ${hourOfWeek('local')} AS hour, count(*)::int AS plays, sum(ms_played)::float8 AS ms_played,
              sum(ms_assumed)::float8 AS ms_assumed FROM counted_plays GROUP BY 1, 2)
     INSERT INTO play_periods ${COLUMNS}
     SELECT $1, g.grain, i.kind, g.period, i.item_id, sum(h.plays), sum(h.ms_played), sum(h.ms_assumed),
            CASE WHEN g.grain = ${GRAIN.all} THEN min(h.day) END, CASE WHEN g.grain = ${GRAIN.all} THEN max(h.day) END
       FROM hours h
      CROSS JOIN LATERAL (VALUES (${KIND.total}, 0), (${KIND.hour}, h.hour)) i (kind, item_id)
      CROSS JOIN LATERAL (VALUES
        (${GRAIN.day}, h.day), (${GRAIN.month}, date_trunc('month', h.day)::date),
        (${GRAIN.year}, date_trunc('year', h.day)::date), (${GRAIN.all}, DATE '${ALL_TIME}')) g (grain, period)
      GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5`,
    [userId],
  );
}

/** Recounts one listener's history in a transaction of its own. Answers false when nothing was stale. */
export async function recountIfStale(db: Database, userId: number, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    const { rows } = await tx.query('SELECT 1 FROM history_states WHERE user_id = $1 AND stale > 0', [
      userId,
    ]);
    if (rows.length === 0) return false;
    await recountHistory(tx, userId, now);
    return true;
  });
}
