import type { Transaction } from '../client.ts';
import { countOut, type PlayRef } from '../statistics/rollup.ts';

/**
 * Removes plays at their listener's wish, with their part of the rollups. What was removed stays known
 * in `removed_plays`, so that neither an overlapping reading nor a second import brings it back. Call
 * under the history lock.
 *
 * @returns how many there were.
 */
export async function removePlays(
  tx: Transaction,
  userId: number,
  plays: readonly PlayRef[],
  now: Date,
): Promise<number> {
  await countOut(tx, userId, plays);
  const { rows } = await tx.query(
    `WITH gone AS (
       DELETE FROM plays USING unnest($2::float8[], $3::int[]) AS k (played_at, track_id)
        WHERE plays.user_id = $1 AND plays.played_at = to_timestamp(k.played_at / 1000) AND plays.track_id = k.track_id
       RETURNING plays.user_id, plays.track_id, plays.played_at, plays.ended_at
     ), kept AS (
       INSERT INTO removed_plays (user_id, track_id, played_at, ended_at, removed_at)
       SELECT user_id, track_id, played_at, ended_at, $4::timestamptz FROM gone
       ON CONFLICT DO NOTHING
     )
     SELECT 1 FROM gone`,
    [userId, plays.map((play) => play.playedAt), plays.map((play) => play.trackId), now],
  );
  return rows.length;
}
