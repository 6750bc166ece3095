import type { Transaction } from '../client.ts';
import { adoptNameOnly } from './adopt-name-only.ts';
import { insertTracks } from './insert-tracks.ts';
import type { NamedTrack } from './items.ts';
import { trackIdsBySpotifyId } from './upsert-tracks.ts';

/**
 * Makes sure that tracks of an export stand in the catalogue, from their names alone and without
 * any call to Spotify, and answers their row ids by Spotify id. What is already known of a track
 * stays; `upsertTracks` later puts what Spotify says in place of the names.
 */
export async function ensureNamedTracks(
  tx: Transaction,
  items: readonly NamedTrack[],
): Promise<Map<string, number>> {
  const tracks = [...new Map(items.map((item) => [item.spotifyId, item])).values()];
  const known = await trackIdsBySpotifyId(
    tx,
    tracks.map((track) => track.spotifyId),
  );
  const ids = new Map([...known].map(([spotifyId, { id }]) => [spotifyId, id]));
  const unknown = () => tracks.filter((track) => !ids.has(track.spotifyId));
  for (const [spotifyId, id] of await adoptNameOnly(tx, unknown())) ids.set(spotifyId, id);
  const missing = unknown().sort((a, b) => (a.spotifyId < b.spotifyId ? -1 : 1));
  if (missing.length === 0) return ids;
  for (const [place, id] of await insertTracks(tx, missing)) {
    const track = missing[place];
    if (track) ids.set(track.spotifyId, id);
  }
  // Another transaction may have made some in the meantime.
  const others = unknown().map((track) => track.spotifyId);
  if (others.length > 0) {
    for (const [spotifyId, { id }] of await trackIdsBySpotifyId(tx, others)) ids.set(spotifyId, id);
  }
  return ids;
}
