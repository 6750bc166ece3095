import type { Transaction } from '../client.ts';
import { nameKey } from '../name-key.ts';
import { noteCatalogueChange } from '../statistics/state.ts';
import { adoptNameOnly } from './adopt-name-only.ts';
import type { AlbumItem, ArtistItem, TrackItem } from './items.ts';

/** What Spotify told of a track is good for this long before a sighting refreshes it. */
export const CATALOGUE_FRESH_MS = 30 * 86_400_000;

function distinct<T extends { readonly spotifyId: string }>(items: readonly T[]): T[] {
  // One order for all writers, so that two transactions never wait for each other in a circle.
  return [...new Map(items.map((item) => [item.spotifyId, item])).values()].sort((a, b) =>
    a.spotifyId < b.spotifyId ? -1 : 1,
  );
}

/** Ids of known tracks by Spotify id, aliases included. */
export async function trackIdsBySpotifyId(
  tx: Transaction,
  spotifyIds: readonly string[],
): Promise<Map<string, { id: number; fetchedAt: Date | null }>> {
  const { rows } = await tx.query<{ spotify_id: string; id: number; fetched_at: Date | null }>(
    `SELECT t.spotify_id, t.id, t.fetched_at FROM tracks t WHERE t.spotify_id = ANY($1::text[])
     UNION ALL
     SELECT a.spotify_id, t.id, t.fetched_at FROM track_aliases a JOIN tracks t ON t.id = a.track_id
      WHERE a.spotify_id = ANY($1::text[])`,
    [spotifyIds],
  );
  return new Map(rows.map((row) => [row.spotify_id, { id: row.id, fetchedAt: row.fetched_at }]));
}

export async function upsertArtists(
  tx: Transaction,
  items: readonly ArtistItem[],
  now: Date,
): Promise<Map<string, number>> {
  const artists = distinct(items);
  if (artists.length === 0) return new Map();
  const { rows } = await tx.query<{ id: number; spotify_id: string }>(
    `INSERT INTO artists AS a (spotify_id, name, name_key, images, genres, fetched_at)
     SELECT i.spotify_id, i.name, i.name_key, i.images::jsonb, coalesce(string_to_array(i.genres, E'\\x1f'), '{}'),
            CASE WHEN i.images IS NULL THEN NULL ELSE $6::timestamptz END
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
            AS i (spotify_id, name, name_key, images, genres)
     ON CONFLICT (spotify_id) DO UPDATE
        SET name = excluded.name, name_key = excluded.name_key,
            images = coalesce(excluded.images, a.images),
            genres = CASE WHEN excluded.fetched_at IS NULL THEN a.genres ELSE excluded.genres END,
            fetched_at = coalesce(excluded.fetched_at, a.fetched_at)
     RETURNING id, spotify_id`,
    [
      artists.map((artist) => artist.spotifyId),
      artists.map((artist) => artist.name),
      artists.map((artist) => nameKey(artist.name)),
      artists.map((artist) => (artist.images ? JSON.stringify(artist.images) : null)),
      artists.map((artist) => (artist.genres?.length ? artist.genres.join('\x1f') : null)),
      now,
    ],
  );
  return new Map(rows.map((row) => [row.spotify_id, row.id]));
}

async function upsertAlbums(
  tx: Transaction,
  items: readonly AlbumItem[],
  artistIds: ReadonlyMap<string, number>,
  now: Date,
): Promise<Map<string, number>> {
  const albums = distinct(items);
  if (albums.length === 0) return new Map();
  const { rows } = await tx.query<{ id: number; spotify_id: string }>(
    `INSERT INTO albums AS a (spotify_id, name, name_key, artist_key, album_type, release_date,
                              release_date_precision, total_tracks, upc, images, fetched_at)
     SELECT i.spotify_id, i.name, i.name_key, i.artist_key, i.album_type, i.release_date, i.precision,
            i.total_tracks, i.upc, i.images::jsonb, $11
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[],
                   $9::text[], $10::text[])
            AS i (spotify_id, name, name_key, artist_key, album_type, release_date, precision, total_tracks, upc, images)
     ON CONFLICT (spotify_id) DO UPDATE
        SET name = excluded.name, name_key = excluded.name_key, artist_key = excluded.artist_key,
            album_type = coalesce(excluded.album_type, a.album_type),
            release_date = coalesce(excluded.release_date, a.release_date),
            release_date_precision = coalesce(excluded.release_date_precision, a.release_date_precision),
            total_tracks = coalesce(excluded.total_tracks, a.total_tracks), upc = coalesce(excluded.upc, a.upc),
            images = CASE WHEN excluded.images = '[]'::jsonb THEN a.images ELSE excluded.images END,
            fetched_at = excluded.fetched_at
     RETURNING id, spotify_id`,
    [
      albums.map((album) => album.spotifyId),
      albums.map((album) => album.name),
      albums.map((album) => nameKey(album.name)),
      albums.map((album) => nameKey(album.artists[0]?.name ?? '')),
      albums.map((album) => album.albumType),
      albums.map((album) => album.releaseDate),
      albums.map((album) => album.releaseDatePrecision),
      albums.map((album) => album.totalTracks),
      albums.map((album) => album.upc ?? null),
      albums.map((album) => JSON.stringify(album.images)),
      now,
    ],
  );
  const ids = new Map(rows.map((row) => [row.spotify_id, row.id]));
  await linkArtists(tx, 'album', ids, albums, artistIds);
  return ids;
}

/** Replaces the artists of tracks or albums by what Spotify said. */
async function linkArtists(
  tx: Transaction,
  of: 'track' | 'album',
  ids: ReadonlyMap<string, number>,
  items: readonly { readonly spotifyId: string; readonly artists: readonly ArtistItem[] }[],
  artistIds: ReadonlyMap<string, number>,
): Promise<void> {
  const links = items.flatMap((item) => {
    const owner = ids.get(item.spotifyId);
    const named = new Set<number>();
    if (owner === undefined) return [];
    return item.artists.flatMap((artist) => {
      const artistId = artistIds.get(artist.spotifyId);
      if (artistId === undefined || named.has(artistId)) return [];
      named.add(artistId);
      return [{ owner, position: named.size - 1, artistId }];
    });
  });
  if (links.length === 0) return;
  const owners = [...new Set(links.map((link) => link.owner))];
  await tx.query(`DELETE FROM ${of}_artists WHERE ${of}_id = ANY($1::int[])`, [owners]);
  await tx.query(
    `INSERT INTO ${of}_artists (${of}_id, position, artist_id)
     SELECT * FROM unnest($1::int[], $2::smallint[], $3::int[])
     ON CONFLICT (${of}_id, position) DO UPDATE SET artist_id = excluded.artist_id`,
    [links.map((link) => link.owner), links.map((link) => link.position), links.map((link) => link.artistId)],
  );
}

/** Name-only artists and albums that no track needs any more once Spotify told the real ones. */
async function dropOrphans(
  tx: Transaction,
  artistIds: readonly number[],
  albumIds: readonly number[],
): Promise<void> {
  await tx.query(
    `DELETE FROM albums a WHERE a.id = ANY($1::int[]) AND a.spotify_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM tracks t WHERE t.album_id = a.id)`,
    [albumIds],
  );
  await tx.query(
    `DELETE FROM artists a WHERE a.id = ANY($1::int[]) AND a.spotify_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM track_artists t WHERE t.artist_id = a.id)
        AND NOT EXISTS (SELECT 1 FROM album_artists b WHERE b.artist_id = a.id)
        AND NOT EXISTS (SELECT 1 FROM exclusion_rules r WHERE r.artist_id = a.id)
        AND NOT EXISTS (SELECT 1 FROM artist_aliases s WHERE s.artist_id = a.id OR s.into_id = a.id OR s.root_id = a.id)`,
    [artistIds],
  );
}

/**
 * Makes sure that every given track stands in the catalogue with its album and artists, and answers
 * their row ids by Spotify id. Tracks that were told within {@link CATALOGUE_FRESH_MS} are not
 * written again. A track known by name only (from an import) becomes a whole one here.
 */
export async function upsertTracks(
  tx: Transaction,
  items: readonly TrackItem[],
  now: Date,
): Promise<Map<string, number>> {
  const tracks = distinct(items);
  const known = await trackIdsBySpotifyId(
    tx,
    tracks.map((track) => track.spotifyId),
  );
  const ids = new Map([...known].map(([spotifyId, { id }]) => [spotifyId, id]));
  const stale = tracks.filter((track) => {
    const fetchedAt = known.get(track.spotifyId)?.fetchedAt;
    return !fetchedAt || now.getTime() - fetchedAt.getTime() > CATALOGUE_FRESH_MS;
  });
  if (stale.length === 0) return ids;
  const unknown = stale
    .filter((track) => !ids.has(track.spotifyId))
    .map((track) => ({ ...track, artist: track.artists[0]?.name ?? '' }));
  for (const [spotifyId, id] of await adoptNameOnly(tx, unknown)) ids.set(spotifyId, id);

  const albums = stale.flatMap((track) => (track.album ? [track.album] : []));
  const artistIds = await upsertArtists(
    tx,
    [...stale.flatMap((track) => track.artists), ...albums.flatMap((album) => album.artists)],
    now,
  );
  const albumIds = await upsertAlbums(tx, albums, artistIds, now);

  const staleIds = stale.flatMap((track) => ids.get(track.spotifyId) ?? []);
  const { rows: before } = await tx.query<{
    id: number;
    duration_ms: number | null;
    album_id: number | null;
    artist_ids: number[];
  }>(
    `SELECT id, duration_ms, album_id, ARRAY(SELECT artist_id FROM track_artists a WHERE a.track_id = t.id) AS artist_ids
       FROM tracks t WHERE id = ANY($1::int[]) ORDER BY id FOR UPDATE OF t`,
    [staleIds],
  );
  // An alias keeps the row of the track it stands for; only the row's own id is written below.
  const { rows } = await tx.query<{ id: number; spotify_id: string; duration_ms: number }>(
    `INSERT INTO tracks AS t (spotify_id, name, name_key, artist_key, album_id, duration_ms, explicit, isrc,
                              disc_number, track_number, fetched_at)
     SELECT i.*, $11 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::boolean[],
                                 $8::text[], $9::smallint[], $10::smallint[])
                          AS i (spotify_id, name, name_key, artist_key, album_id, duration_ms, explicit, isrc,
                                disc_number, track_number)
      WHERE NOT EXISTS (SELECT 1 FROM track_aliases a WHERE a.spotify_id = i.spotify_id)
     ON CONFLICT (spotify_id) DO UPDATE
        SET name = excluded.name, name_key = excluded.name_key, artist_key = excluded.artist_key,
            album_id = coalesce(excluded.album_id, t.album_id), duration_ms = excluded.duration_ms,
            explicit = coalesce(excluded.explicit, t.explicit), isrc = coalesce(excluded.isrc, t.isrc),
            disc_number = excluded.disc_number, track_number = excluded.track_number,
            fetched_at = excluded.fetched_at, fetch_after = NULL
     RETURNING id, spotify_id, duration_ms`,
    [
      stale.map((track) => track.spotifyId),
      stale.map((track) => track.name),
      stale.map((track) => nameKey(track.name)),
      stale.map((track) => nameKey(track.artists[0]?.name ?? '')),
      stale.map((track) => (track.album ? (albumIds.get(track.album.spotifyId) ?? null) : null)),
      stale.map((track) => track.durationMs),
      stale.map((track) => track.explicit),
      stale.map((track) => track.isrc),
      stale.map((track) => track.discNumber),
      stale.map((track) => track.trackNumber),
      now,
    ],
  );
  const written = new Map(rows.map((row) => [row.spotify_id, row.id]));
  for (const [spotifyId, id] of written) ids.set(spotifyId, id);
  await linkArtists(tx, 'track', written, stale, artistIds);

  const earlier = new Map(before.map((row) => [row.id, row]));
  await dropOrphans(
    tx,
    before.flatMap((row) => row.artist_ids),
    before.flatMap((row) => row.album_id ?? []),
  );
  const heard = rows.flatMap(({ id, duration_ms: durationMs, spotify_id: spotifyId }) => {
    const was = earlier.get(id);
    const is = stale.find((track) => track.spotifyId === spotifyId);
    if (!was || !is) return [];
    const artists = [...new Set(is.artists.flatMap((artist) => artistIds.get(artist.spotifyId) ?? []))];
    const albumId = is.album ? (albumIds.get(is.album.spotifyId) ?? was.album_id) : was.album_id;
    const same =
      was.duration_ms === durationMs &&
      was.album_id === albumId &&
      was.artist_ids.length === artists.length &&
      artists.every((artist) => was.artist_ids.includes(artist));
    return same ? [] : [id];
  });
  await noteCatalogueChange(tx, heard, now);
  return ids;
}
