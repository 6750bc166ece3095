import type { Transaction } from '../client.ts';
import { PLAY_FLAGS } from '../play-source.ts';
import type { PlayRef } from './rollup.ts';

type Kind = 'artist' | 'context' | 'device' | 'hours' | 'session';

/** When a rule of each kind covers a play; `r` is the rule, `p` the play, `l` its local time. */
const COVERS: Readonly<Record<Kind, string>> = {
  artist: `p.track_id IN (SELECT a.track_id FROM exclusion_rules r JOIN track_artists a ON a.artist_id = r.artist_id
                           WHERE r.user_id = $1 AND r.kind = 'artist')`,
  context: `p.context_id IN (SELECT r.context_id FROM exclusion_rules r WHERE r.user_id = $1 AND r.kind = 'context')`,
  device: `p.device_id IN (SELECT r.device_id FROM exclusion_rules r WHERE r.user_id = $1 AND r.kind = 'device')`,
  hours: `EXISTS (SELECT 1 FROM exclusion_rules r WHERE r.user_id = $1 AND r.kind = 'hours'
                   AND CASE WHEN r.from_hour < r.to_hour THEN l.hour >= r.from_hour AND l.hour < r.to_hour
                            ELSE l.hour >= r.from_hour OR l.hour < r.to_hour END)`,
  session: `EXISTS (SELECT 1 FROM exclusion_rules r WHERE r.user_id = $1 AND r.kind = 'session'
                     AND p.played_at BETWEEN r.from_at AND r.to_at)`,
};

/**
 * Sets and takes away `PLAY_FLAGS.excluded` by the listener's rules; only plays that change are
 * written. An artist's rule covers every track that names the artist. Call under the history lock,
 * and before the plays in question are counted.
 *
 * @param among only these plays (new ones); all of the listener unless told.
 */
export async function applyExclusions(
  tx: Transaction,
  userId: number,
  among?: readonly PlayRef[],
): Promise<void> {
  const { rows } = await tx.query<{ kind: Kind }>(
    'SELECT DISTINCT kind FROM exclusion_rules WHERE user_id = $1',
    [userId],
  );
  const covered = rows.map((row) => `coalesce(${COVERS[row.kind]}, false)`).join(' OR ') || 'false';
  if (rows.length === 0 && among) return;
  const excluded = PLAY_FLAGS.excluded;
  // Joined by the rows' places: by their keys, statistics from before a large import make the planner
  // compare every play with every other. A place is one of its partition, where plays have any.
  await tx.query(
    `UPDATE plays SET flags = plays.flags # ${excluded}
       FROM (SELECT p.tableoid AS part, p.ctid AS row
               FROM plays p JOIN users u ON u.id = p.user_id
               ${
                 among
                   ? `JOIN unnest($2::float8[], $3::int[]) AS k (played_at, track_id)
                        ON p.played_at = to_timestamp(k.played_at / 1000) AND p.track_id = k.track_id`
                   : ''
               }
              CROSS JOIN LATERAL (SELECT extract(hour FROM p.played_at AT TIME ZONE u.time_zone) AS hour) l
              WHERE p.user_id = $1 AND ((p.flags & ${excluded}) <> 0) <> (${covered})) changed
      WHERE plays.user_id = $1 AND plays.tableoid = changed.part AND plays.ctid = changed.row`,
    among ? [userId, among.map((play) => play.playedAt), among.map((play) => play.trackId)] : [userId],
  );
}
