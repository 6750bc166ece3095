import type { Database } from '../client.ts';
import type { PlayKey } from '../play-id.ts';
import { countOut } from '../statistics/rollup.ts';
import { lockHistory } from './ingest.ts';

/**
 * Removes one play at its listener's wish, with its part of the rollups. What removed it stays known
 * in `removed_plays`, so that neither an overlapping reading nor a second import brings it back.
 *
 * @returns false when there is no such play.
 */
export async function removePlay(db: Database, userId: number, key: PlayKey, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    await countOut(tx, userId, [{ trackId: key.trackId, playedAt: key.playedAt.getTime() }]);
    const { rows } = await tx.query(
      `WITH gone AS (
         DELETE FROM plays WHERE user_id = $1 AND played_at = $2::timestamptz AND track_id = $3::int
         RETURNING user_id, track_id, played_at, ended_at
       ), kept AS (
         INSERT INTO removed_plays (user_id, track_id, played_at, ended_at, removed_at)
         SELECT user_id, track_id, played_at, ended_at, $4::timestamptz FROM gone
         ON CONFLICT DO NOTHING
       )
       SELECT 1 FROM gone`,
      [userId, key.playedAt, key.trackId, now],
    );
    return rows.length > 0;
  });
}
