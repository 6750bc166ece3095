import type { Transaction } from '../client.ts';
import { nameKey } from '../name-key.ts';
import type { NamedTrack } from './items.ts';
import { trackIdsBySpotifyId } from './upsert-tracks.ts';

interface AlbumName {
  readonly name: string;
  readonly artist: string;
}

const albumKey = (album: AlbumName) => `${nameKey(album.name)}\u0000${nameKey(album.artist)}`;

async function artistIdsByName(tx: Transaction, names: readonly string[]): Promise<Map<string, number>> {
  const byKey = new Map(names.map((name) => [nameKey(name), name]));
  const keys = [...byKey.keys()].sort();
  if (keys.length === 0) return new Map();
  await tx.query(
    `INSERT INTO artists (name, name_key, genres)
     SELECT i.name, i.name_key, '{}' FROM unnest($1::text[], $2::text[]) AS i (name, name_key)
      WHERE NOT EXISTS (SELECT 1 FROM artists a WHERE a.name_key = i.name_key)
     ON CONFLICT (name_key) WHERE spotify_id IS NULL DO NOTHING`,
    [keys.map((key) => byKey.get(key)), keys],
  );
  const { rows } = await tx.query<{ id: number; name_key: string }>(
    `SELECT DISTINCT ON (name_key) id, name_key FROM artists WHERE name_key = ANY($1::text[])
      ORDER BY name_key, spotify_id NULLS LAST, id`,
    [keys],
  );
  return new Map(rows.map((row) => [row.name_key, row.id]));
}

async function albumIdsByName(
  tx: Transaction,
  albums: readonly AlbumName[],
  artistIds: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const byKey = new Map(albums.map((album) => [albumKey(album), album]));
  const wanted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, album]) => album);
  if (wanted.length === 0) return new Map();
  const nameKeys = wanted.map((album) => nameKey(album.name));
  const artistKeys = wanted.map((album) => nameKey(album.artist));
  const { rows: made } = await tx.query<{ id: number; artist_key: string }>(
    `INSERT INTO albums (name, name_key, artist_key)
     SELECT i.name, i.name_key, i.artist_key FROM unnest($1::text[], $2::text[], $3::text[]) AS i (name, name_key, artist_key)
      WHERE NOT EXISTS (SELECT 1 FROM albums a WHERE a.name_key = i.name_key AND a.artist_key = i.artist_key)
     ON CONFLICT (name_key, artist_key) WHERE spotify_id IS NULL DO NOTHING
     RETURNING id, artist_key`,
    [wanted.map((album) => album.name), nameKeys, artistKeys],
  );
  const links = made.flatMap((album) => {
    const artistId = artistIds.get(album.artist_key);
    return artistId === undefined ? [] : [{ albumId: album.id, artistId }];
  });
  await tx.query(
    `INSERT INTO album_artists (album_id, position, artist_id) SELECT album_id, 0, artist_id
       FROM unnest($1::int[], $2::int[]) AS i (album_id, artist_id) ON CONFLICT DO NOTHING`,
    [links.map((link) => link.albumId), links.map((link) => link.artistId)],
  );
  const { rows } = await tx.query<{ id: number; name_key: string; artist_key: string }>(
    `SELECT DISTINCT ON (a.name_key, a.artist_key) a.id, a.name_key, a.artist_key
       FROM albums a JOIN unnest($1::text[], $2::text[]) AS i (name_key, artist_key)
         ON a.name_key = i.name_key AND a.artist_key = i.artist_key
      ORDER BY a.name_key, a.artist_key, a.spotify_id NULLS LAST, a.id`,
    [nameKeys, artistKeys],
  );
  return new Map(rows.map((row) => [`${row.name_key}\u0000${row.artist_key}`, row.id]));
}

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
  const missing = tracks
    .filter((track) => !ids.has(track.spotifyId))
    .sort((a, b) => (a.spotifyId < b.spotifyId ? -1 : 1));
  if (missing.length === 0) return ids;

  const artistIds = await artistIdsByName(
    tx,
    missing.map((track) => track.artist),
  );
  const albumIds = await albumIdsByName(
    tx,
    missing.flatMap((track) => (track.album === null ? [] : [{ name: track.album, artist: track.artist }])),
    artistIds,
  );
  const { rows: made } = await tx.query<{ id: number; spotify_id: string; artist_key: string }>(
    `INSERT INTO tracks (spotify_id, name, name_key, artist_key, album_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])
     ON CONFLICT (spotify_id) DO NOTHING RETURNING id, spotify_id, artist_key`,
    [
      missing.map((track) => track.spotifyId),
      missing.map((track) => track.name),
      missing.map((track) => nameKey(track.name)),
      missing.map((track) => nameKey(track.artist)),
      missing.map((track) =>
        track.album === null
          ? null
          : (albumIds.get(albumKey({ name: track.album, artist: track.artist })) ?? null),
      ),
    ],
  );
  const links = made.flatMap((track) => {
    const artistId = artistIds.get(track.artist_key);
    return artistId === undefined ? [] : [{ trackId: track.id, artistId }];
  });
  await tx.query(
    `INSERT INTO track_artists (track_id, position, artist_id) SELECT track_id, 0, artist_id
       FROM unnest($1::int[], $2::int[]) AS i (track_id, artist_id) ON CONFLICT DO NOTHING`,
    [links.map((link) => link.trackId), links.map((link) => link.artistId)],
  );
  for (const track of made) ids.set(track.spotify_id, track.id);
  // Another transaction may have made some in the meantime.
  const others = missing.filter((track) => !ids.has(track.spotifyId)).map((track) => track.spotifyId);
  if (others.length > 0) {
    for (const [spotifyId, { id }] of await trackIdsBySpotifyId(tx, others)) ids.set(spotifyId, id);
  }
  return ids;
}
