import type { Transaction } from '../client.ts';

/** The part of a play that counts in a rollup. `playedAt` in epoch ms. */
export interface CountedPlay {
  readonly trackId: number;
  readonly playedAt: number;
  readonly msPlayed: number | null;
}

/** What plays come to by day and track, from parameters `$1` (listener) to `$4`. */
const COUNTED = `
  SELECT $1::int AS user_id, (to_timestamp(p.played_at / 1000) AT TIME ZONE u.time_zone)::date AS day, p.track_id,
         count(*) AS plays, sum(coalesce(p.ms_played, 0)::bigint) AS ms_played,
         sum(CASE WHEN p.ms_played IS NULL THEN coalesce(t.duration_ms, 0) ELSE 0 END::bigint) AS ms_assumed
    FROM unnest($2::float8[], $3::int[], $4::int[]) AS p (played_at, track_id, ms_played)
    JOIN users u ON u.id = $1
    JOIN tracks t ON t.id = p.track_id
   GROUP BY day, p.track_id`;

const countedColumns = (userId: number, plays: readonly CountedPlay[]): unknown[] => [
  userId,
  plays.map((play) => play.playedAt),
  plays.map((play) => play.trackId),
  plays.map((play) => play.msPlayed),
];

/**
 * Keeps `play_days` in step with a change of `plays`, in the same transaction: adds and subtracts
 * what came and went, by the listener's own calendar day. A play that nothing measured counts with
 * the track's length as assumed time. Call under the history lock.
 */
export async function applyRollup(
  tx: Transaction,
  userId: number,
  change: { readonly added: readonly CountedPlay[]; readonly removed: readonly CountedPlay[] },
): Promise<void> {
  // What came is added first, so that no count is ever below zero. An upsert finds each row by its key,
  // where a join may read all days of the listener for as long as PostgreSQL has no statistics of them.
  if (change.added.length > 0) {
    await tx.query(
      `INSERT INTO play_days AS d (user_id, day, track_id, plays, ms_played, ms_assumed) ${COUNTED}
       ON CONFLICT (user_id, day, track_id) DO UPDATE
          SET plays = d.plays + excluded.plays, ms_played = d.ms_played + excluded.ms_played,
              ms_assumed = d.ms_assumed + excluded.ms_assumed`,
      countedColumns(userId, change.added),
    );
  }
  if (change.removed.length > 0) {
    await tx.query(
      `WITH gone AS (${COUNTED})
       UPDATE play_days d SET plays = d.plays - gone.plays, ms_played = d.ms_played - gone.ms_played,
                              ms_assumed = d.ms_assumed - gone.ms_assumed
         FROM gone WHERE d.user_id = $1 AND d.day = gone.day AND d.track_id = gone.track_id`,
      countedColumns(userId, change.removed),
    );
    await tx.query('DELETE FROM play_days WHERE user_id = $1 AND track_id = ANY($2::int[]) AND plays = 0', [
      userId,
      [...new Set(change.removed.map((play) => play.trackId))],
    ]);
  }
}

/** Takes every play of an import out of the rollups, before the plays are deleted. Call under the history lock. */
export async function subtractRollup(tx: Transaction, userId: number, importId: number): Promise<void> {
  await tx.query(
    `UPDATE play_days d SET plays = d.plays - gone.plays, ms_played = d.ms_played - gone.ms_played,
                            ms_assumed = d.ms_assumed - gone.ms_assumed
       FROM (SELECT (p.played_at AT TIME ZONE u.time_zone)::date AS day, p.track_id, count(*) AS plays,
                    sum(coalesce(p.ms_played, 0)::bigint) AS ms_played,
                    sum(CASE WHEN p.ms_played IS NULL THEN coalesce(t.duration_ms, 0) ELSE 0 END::bigint) AS ms_assumed
               FROM plays p JOIN users u ON u.id = p.user_id JOIN tracks t ON t.id = p.track_id
              WHERE p.user_id = $1 AND p.import_id = $2 GROUP BY 1, 2) gone
      WHERE d.user_id = $1 AND d.day = gone.day AND d.track_id = gone.track_id`,
    [userId, importId],
  );
  await tx.query('DELETE FROM play_days WHERE user_id = $1 AND plays = 0', [userId]);
}

/** Counts a listener's rollups anew, after a change of time zone. Call under the history lock. */
export async function rebuildRollup(tx: Transaction, userId: number): Promise<void> {
  await tx.query('DELETE FROM play_days WHERE user_id = $1', [userId]);
  await tx.query(
    `INSERT INTO play_days (user_id, day, track_id, plays, ms_played, ms_assumed)
     SELECT p.user_id, (p.played_at AT TIME ZONE u.time_zone)::date AS day, p.track_id, count(*),
            sum(coalesce(p.ms_played, 0)::bigint),
            sum(CASE WHEN p.ms_played IS NULL THEN coalesce(t.duration_ms, 0) ELSE 0 END::bigint)
       FROM plays p JOIN users u ON u.id = p.user_id JOIN tracks t ON t.id = p.track_id
      WHERE p.user_id = $1 GROUP BY p.user_id, day, p.track_id`,
    [userId],
  );
}

/** Counts the assumed time of some tracks anew, for everybody, after their length became known or changed. */
export async function recountAssumed(tx: Transaction, trackIds: readonly number[]): Promise<void> {
  if (trackIds.length === 0) return;
  await tx.query(
    `UPDATE play_days d SET ms_assumed = n.unmeasured * coalesce(t.duration_ms, 0)
       FROM (SELECT p.user_id, p.track_id, (p.played_at AT TIME ZONE u.time_zone)::date AS day, count(*) AS unmeasured
               FROM plays p JOIN users u ON u.id = p.user_id
              WHERE p.track_id = ANY($1::int[]) AND p.ms_played IS NULL GROUP BY 1, 2, 3) n
       JOIN tracks t ON t.id = n.track_id
      WHERE d.user_id = n.user_id AND d.track_id = n.track_id AND d.day = n.day`,
    [trackIds],
  );
}
