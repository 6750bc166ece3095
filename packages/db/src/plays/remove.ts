import type { Database } from '../client.ts';
import type { PlayKey } from '../play-id.ts';
import { lockHistory } from './ingest.ts';
import { applyRollup } from './rollup.ts';

/**
 * Removes one play at its listener's wish, with its part of the rollups. What removed it stays known
 * in `removed_plays`, so that neither an overlapping reading nor a second import brings it back.
 *
 * @returns false when there is no such play.
 */
export async function removePlay(db: Database, userId: number, key: PlayKey, now: Date): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    const { rows } = await tx.query<{ ms_played: number | null }>(
      `WITH gone AS (
         DELETE FROM plays WHERE user_id = $1 AND played_at = $2::timestamptz AND track_id = $3::int
         RETURNING user_id, track_id, played_at, ended_at, ms_played
       ), kept AS (
         INSERT INTO removed_plays (user_id, track_id, played_at, ended_at, removed_at)
         SELECT user_id, track_id, played_at, ended_at, $4::timestamptz FROM gone
         ON CONFLICT DO NOTHING
       )
       SELECT ms_played FROM gone`,
      [userId, key.playedAt, key.trackId, now],
    );
    const [gone] = rows;
    if (!gone) return false;
    await applyRollup(tx, userId, {
      added: [],
      removed: [{ trackId: key.trackId, playedAt: key.playedAt.getTime(), msPlayed: gone.ms_played }],
    });
    return true;
  });
}
