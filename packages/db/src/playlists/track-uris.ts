import type { Queryable } from '../client.ts';

/**
 * The Spotify URIs of tracks, in the order given; those that Spotify has no id for are counted. A track
 * that is known by name only stands for those that the listener merged into it.
 */
export async function trackUris(
  db: Queryable,
  userId: number,
  trackIds: readonly number[],
): Promise<{ readonly uris: string[]; readonly withoutId: number }> {
  const { rows } = await db.query<{ spotify_id: string }>(
    `SELECT spotify_id
       FROM (SELECT w.place,
                    coalesce(t.spotify_id,
                             (SELECT s.spotify_id FROM track_merges m JOIN tracks s ON s.id = m.track_id
                               WHERE m.user_id = $1 AND m.root_id = t.id AND s.spotify_id IS NOT NULL
                               ORDER BY s.id LIMIT 1)) AS spotify_id
               FROM unnest($2::int[]) WITH ORDINALITY AS w (id, place) JOIN tracks t ON t.id = w.id) l
      WHERE spotify_id IS NOT NULL ORDER BY place`,
    [userId, trackIds],
  );
  return {
    uris: rows.map((row) => `spotify:track:${row.spotify_id}`),
    withoutId: trackIds.length - rows.length,
  };
}
