import type { Transaction } from '../client.ts';
import { nameKey } from '../name-key.ts';

/**
 * Gives tracks that are known by name alone the Spotify ids of tracks of the same name and artist, so
 * that plays which a scrobbler told follow. Answers the rows by Spotify id. Call before inserting
 * tracks by id; ids that have a row already must not be among them.
 */
export async function adoptNameOnly(
  tx: Transaction,
  tracks: readonly { readonly spotifyId: string; readonly name: string; readonly artist: string }[],
): Promise<Map<string, number>> {
  const byName = new Map(
    tracks.map((track) => [`${nameKey(track.name)}\u0000${nameKey(track.artist)}`, track]),
  );
  const wanted = [...byName.values()].sort((a, b) => (a.spotifyId < b.spotifyId ? -1 : 1));
  if (wanted.length === 0) return new Map();
  const { rows } = await tx.query<{ id: number; spotify_id: string }>(
    `UPDATE tracks t SET spotify_id = i.spotify_id
       FROM unnest($1::text[], $2::text[], $3::text[]) AS i (spotify_id, name_key, artist_key)
      WHERE t.spotify_id IS NULL AND t.name_key = i.name_key AND t.artist_key = i.artist_key
        AND NOT EXISTS (SELECT 1 FROM tracks o WHERE o.spotify_id = i.spotify_id)
     RETURNING t.id, t.spotify_id`,
    [
      wanted.map((track) => track.spotifyId),
      wanted.map((track) => nameKey(track.name)),
      wanted.map((track) => nameKey(track.artist)),
    ],
  );
  return new Map(rows.map((row) => [row.spotify_id, row.id]));
}
