import type { Transaction } from '../client.ts';
import { nameKey } from '../name-key.ts';
import type { NamedArtist } from './items.ts';

/** Artists and albums of tracks that a source names: found again, or made, by name or by Spotify's id. */

export interface NamedAlbum {
  readonly name: string;
  /** Name of its first artist. */
  readonly artist: string;
  readonly spotifyId: string | null;
}

const byIdOrName = (spotifyId: string | null, key: string): string =>
  spotifyId === null ? `n:${key}` : `s:${spotifyId}`;
const albumNameKey = (album: NamedAlbum) => `${nameKey(album.name)}\u0000${nameKey(album.artist)}`;

/** By what {@link artistIds} answers. */
export const artistKey = (artist: NamedArtist): string => byIdOrName(artist.spotifyId, nameKey(artist.name));
/** By what {@link albumIds} answers. */
export const albumKey = (album: NamedAlbum): string => byIdOrName(album.spotifyId, albumNameKey(album));

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  // One order for all writers, so that two transactions never wait for each other in a circle.
  return [...new Map(items.map((item) => [keyOf(item), item]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);
}

async function artistsBySpotifyId(
  tx: Transaction,
  artists: readonly NamedArtist[],
): Promise<[string, number][]> {
  if (artists.length === 0) return [];
  const ids = artists.map((artist) => artist.spotifyId);
  await tx.query(
    `INSERT INTO artists (spotify_id, name, name_key, genres)
     SELECT i.spotify_id, i.name, i.name_key, '{}' FROM unnest($1::text[], $2::text[], $3::text[]) AS i (spotify_id, name, name_key)
      WHERE NOT EXISTS (SELECT 1 FROM artists a WHERE a.spotify_id = i.spotify_id)
     ON CONFLICT (spotify_id) DO NOTHING`,
    [ids, artists.map((artist) => artist.name), artists.map((artist) => nameKey(artist.name))],
  );
  const { rows } = await tx.query<{ id: number; spotify_id: string }>(
    'SELECT id, spotify_id FROM artists WHERE spotify_id = ANY($1::text[])',
    [ids],
  );
  return rows.map((row) => [`s:${row.spotify_id}`, row.id]);
}

async function artistsByName(tx: Transaction, artists: readonly NamedArtist[]): Promise<[string, number][]> {
  if (artists.length === 0) return [];
  const keys = artists.map((artist) => nameKey(artist.name));
  await tx.query(
    `INSERT INTO artists (name, name_key, genres)
     SELECT i.name, i.name_key, '{}' FROM unnest($1::text[], $2::text[]) AS i (name, name_key)
      WHERE NOT EXISTS (SELECT 1 FROM artists a WHERE a.name_key = i.name_key)
     ON CONFLICT (name_key) WHERE spotify_id IS NULL DO NOTHING`,
    [artists.map((artist) => artist.name), keys],
  );
  const { rows } = await tx.query<{ id: number; name_key: string }>(
    `SELECT DISTINCT ON (name_key) id, name_key FROM artists WHERE name_key = ANY($1::text[])
      ORDER BY name_key, spotify_id NULLS LAST, id`,
    [keys],
  );
  return rows.map((row) => [`n:${row.name_key}`, row.id]);
}

/** Row ids of artists by {@link artistKey}, made where they are new. */
export async function artistIds(
  tx: Transaction,
  artists: readonly NamedArtist[],
): Promise<Map<string, number>> {
  const wanted = distinct(artists, artistKey);
  const identified = await artistsBySpotifyId(
    tx,
    wanted.filter((artist) => artist.spotifyId !== null),
  );
  return new Map([
    ...identified,
    ...(await artistsByName(
      tx,
      wanted.filter((artist) => artist.spotifyId === null),
    )),
  ]);
}

interface MadeAlbum {
  readonly id: number;
  readonly artist_key: string;
}

async function linkFirstArtists(
  tx: Transaction,
  albums: readonly MadeAlbum[],
  firstArtists: ReadonlyMap<string, number>,
): Promise<void> {
  const links = albums.flatMap((album) => {
    const artistId = firstArtists.get(album.artist_key);
    return artistId === undefined ? [] : [{ albumId: album.id, artistId }];
  });
  if (links.length === 0) return;
  await tx.query(
    `INSERT INTO album_artists (album_id, position, artist_id) SELECT album_id, 0, artist_id
       FROM unnest($1::int[], $2::int[]) AS i (album_id, artist_id) ON CONFLICT DO NOTHING`,
    [links.map((link) => link.albumId), links.map((link) => link.artistId)],
  );
}

const columnsOf = (albums: readonly NamedAlbum[]) => ({
  names: albums.map((album) => album.name),
  nameKeys: albums.map((album) => nameKey(album.name)),
  artistKeys: albums.map((album) => nameKey(album.artist)),
});

async function albumsBySpotifyId(
  tx: Transaction,
  albums: readonly NamedAlbum[],
  firstArtists: ReadonlyMap<string, number>,
): Promise<[string, number][]> {
  if (albums.length === 0) return [];
  const ids = albums.map((album) => album.spotifyId);
  const { names, nameKeys, artistKeys } = columnsOf(albums);
  const { rows: made } = await tx.query<MadeAlbum>(
    `INSERT INTO albums (spotify_id, name, name_key, artist_key)
     SELECT i.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS i (spotify_id, name, name_key, artist_key)
      WHERE NOT EXISTS (SELECT 1 FROM albums a WHERE a.spotify_id = i.spotify_id)
     ON CONFLICT (spotify_id) DO NOTHING RETURNING id, artist_key`,
    [ids, names, nameKeys, artistKeys],
  );
  await linkFirstArtists(tx, made, firstArtists);
  const { rows } = await tx.query<{ id: number; spotify_id: string }>(
    'SELECT id, spotify_id FROM albums WHERE spotify_id = ANY($1::text[])',
    [ids],
  );
  return rows.map((row) => [`s:${row.spotify_id}`, row.id]);
}

async function albumsByName(
  tx: Transaction,
  albums: readonly NamedAlbum[],
  firstArtists: ReadonlyMap<string, number>,
): Promise<[string, number][]> {
  if (albums.length === 0) return [];
  const { names, nameKeys, artistKeys } = columnsOf(albums);
  const { rows: made } = await tx.query<MadeAlbum>(
    `INSERT INTO albums (name, name_key, artist_key)
     SELECT i.name, i.name_key, i.artist_key FROM unnest($1::text[], $2::text[], $3::text[]) AS i (name, name_key, artist_key)
      WHERE NOT EXISTS (SELECT 1 FROM albums a WHERE a.name_key = i.name_key AND a.artist_key = i.artist_key)
     ON CONFLICT (name_key, artist_key) WHERE spotify_id IS NULL DO NOTHING
     RETURNING id, artist_key`,
    [names, nameKeys, artistKeys],
  );
  await linkFirstArtists(tx, made, firstArtists);
  const { rows } = await tx.query<{ id: number; name_key: string; artist_key: string }>(
    `SELECT DISTINCT ON (a.name_key, a.artist_key) a.id, a.name_key, a.artist_key
       FROM albums a JOIN unnest($1::text[], $2::text[]) AS i (name_key, artist_key)
         ON a.name_key = i.name_key AND a.artist_key = i.artist_key
      ORDER BY a.name_key, a.artist_key, a.spotify_id NULLS LAST, a.id`,
    [nameKeys, artistKeys],
  );
  return rows.map((row) => [`n:${row.name_key}\u0000${row.artist_key}`, row.id]);
}

/**
 * Row ids of albums by {@link albumKey}, made where they are new.
 *
 * @param firstArtists row ids of the first artists by {@link nameKey}, for albums that are made.
 */
export async function albumIds(
  tx: Transaction,
  albums: readonly NamedAlbum[],
  firstArtists: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const wanted = distinct(albums, albumKey);
  const known = wanted.filter((album) => album.spotifyId !== null);
  const named = wanted.filter((album) => album.spotifyId === null);
  return new Map([
    ...(await albumsBySpotifyId(tx, known, firstArtists)),
    ...(await albumsByName(tx, named, firstArtists)),
  ]);
}
