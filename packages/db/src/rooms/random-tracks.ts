import { LIKED } from '@spindle/contracts';
import type { Queryable } from '../client.ts';

/** Row ids of a source's tracks that Spotify plays, as far as it was read: Liked Songs or a playlist. */
const SOURCE_TRACKS = `
  SELECT l.track_id FROM liked_tracks l
   WHERE $2 = '${LIKED}' AND l.user_id = $1 AND l.track_id IS NOT NULL AND NOT l.unplayable
  UNION ALL
  SELECT (e.value->>'trackId')::int FROM playlist_contents c, jsonb_array_elements(c.entries) AS e (value)
   WHERE c.user_id = $1 AND c.playlist_id = $2 AND e.value->>'kind' = 'track'
     AND coalesce((e.value->>'unplayable')::boolean, false) = false`;

/**
 * A random track of a listener's source that the room has not heard lately. Null when there is none.
 *
 * @param random uniform in [0, 1)
 */
export async function randomTrackOf(
  db: Queryable,
  pick: {
    readonly roomId: number;
    readonly userId: number;
    readonly source: string;
    /** What the host allows; unless told, anything. */
    readonly rules?: { readonly allowExplicit: boolean; readonly maxTrackMs: number | null };
  },
  random: number,
): Promise<number | null> {
  const { rows } = await db.query<{ track_id: number }>(
    `WITH candidates AS (
       SELECT DISTINCT s.track_id FROM (${SOURCE_TRACKS}) s JOIN tracks t ON t.id = s.track_id AND t.spotify_id IS NOT NULL
                                                                   AND ($5 OR t.explicit IS NOT TRUE)
                                                                   AND ($6::int IS NULL OR t.duration_ms <= $6)
        WHERE NOT EXISTS (SELECT 1 FROM room_tracks r WHERE r.room_id = $3 AND r.track_id = s.track_id
                             AND (r.state IN ('proposed', 'promoted', 'playing')
                                  OR r.id > (SELECT coalesce(max(id), 0) - 50 FROM room_tracks WHERE room_id = $3))))
     SELECT track_id FROM candidates ORDER BY track_id
     OFFSET floor($4::float8 * (SELECT count(*) FROM candidates)) LIMIT 1`,
    [
      pick.userId,
      pick.source,
      pick.roomId,
      random,
      pick.rules?.allowExplicit ?? true,
      pick.rules?.maxTrackMs ?? null,
    ],
  );
  return rows[0]?.track_id ?? null;
}

/** Listeners who are in a room, with the sources of theirs that were read: Liked Songs and playlists. */
export async function participantSources(
  db: Queryable,
  roomId: number,
): Promise<{ readonly userId: number; readonly sources: string[] }[]> {
  const { rows } = await db.query<{ user_id: number; sources: string[] }>(
    `SELECT p.user_id, ARRAY(
              SELECT '${LIKED}' WHERE EXISTS (SELECT 1 FROM liked_tracks l WHERE l.user_id = p.user_id)
              UNION ALL SELECT c.playlist_id FROM playlist_contents c
                WHERE c.user_id = p.user_id AND c.playlist_id <> '${LIKED}') AS sources
       FROM room_participants p
      WHERE p.room_id = $1 AND p.user_id IS NOT NULL AND p.left_at IS NULL ORDER BY p.id`,
    [roomId],
  );
  return rows.flatMap((row) =>
    row.sources.length > 0 ? [{ userId: row.user_id, sources: row.sources }] : [],
  );
}
