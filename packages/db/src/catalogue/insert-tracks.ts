import type { Transaction } from '../client.ts';
import { nameKey } from '../name-key.ts';
import type { NamedArtist, TrackNames } from './items.ts';
import { albumIds, albumKey, artistIds, artistKey, type NamedAlbum } from './named-owners.ts';

const creditsOf = (track: TrackNames): readonly NamedArtist[] =>
  track.artists?.length ? track.artists : [{ name: track.artist, spotifyId: null }];

function albumOf(track: TrackNames): NamedAlbum | null {
  if (track.album === null) return null;
  return { name: track.album, artist: track.artist, spotifyId: track.albumSpotifyId ?? null };
}

/** Artists and albums of tracks, made where they are new, and where to find those of one track. */
async function ownersOf(tx: Transaction, tracks: readonly TrackNames[]) {
  const artists = await artistIds(tx, tracks.flatMap(creditsOf));
  const firstArtists = new Map(
    tracks.flatMap((track) => {
      const [first] = creditsOf(track);
      const id = first && artists.get(artistKey(first));
      return id === undefined ? [] : [[nameKey(track.artist), id] as const];
    }),
  );
  const albums = await albumIds(
    tx,
    tracks.flatMap((track) => albumOf(track) ?? []),
    firstArtists,
  );
  return {
    artistsOf: (track: TrackNames) => [
      ...new Set(creditsOf(track).flatMap((artist) => artists.get(artistKey(artist)) ?? [])),
    ],
    albumOf: (track: TrackNames) => {
      const album = albumOf(track);
      return album && (albums.get(albumKey(album)) ?? null);
    },
  };
}

/** Inserts tracks that are not there, with their artists and albums; answers the new rows by their place in the list. */
export async function insertTracks(
  tx: Transaction,
  tracks: readonly (TrackNames & { readonly spotifyId: string | null })[],
): Promise<Map<number, number>> {
  const owners = await ownersOf(tx, tracks);
  const { rows } = await tx.query<{
    id: number;
    spotify_id: string | null;
    name_key: string;
    artist_key: string;
  }>(
    `INSERT INTO tracks (spotify_id, name, name_key, artist_key, album_id, duration_ms, isrc)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[])
     ON CONFLICT DO NOTHING RETURNING id, spotify_id, name_key, artist_key`,
    [
      tracks.map((track) => track.spotifyId),
      tracks.map((track) => track.name),
      tracks.map((track) => nameKey(track.name)),
      tracks.map((track) => nameKey(track.artist)),
      tracks.map(owners.albumOf),
      tracks.map((track) => track.durationMs ?? null),
      tracks.map((track) => track.isrc ?? null),
    ],
  );
  const identity = (spotifyId: string | null, name: string, artist: string) =>
    spotifyId ?? `${name}\u0000${artist}`;
  const made = new Map(rows.map((row) => [identity(row.spotify_id, row.name_key, row.artist_key), row.id]));
  const places = new Map<number, number>();
  const links: { trackId: number; position: number; artistId: number }[] = [];
  for (const [place, track] of tracks.entries()) {
    const trackId = made.get(identity(track.spotifyId, nameKey(track.name), nameKey(track.artist)));
    if (trackId === undefined) continue;
    places.set(place, trackId);
    for (const [position, artistId] of owners.artistsOf(track).entries())
      links.push({ trackId, position, artistId });
  }
  await tx.query(
    `INSERT INTO track_artists (track_id, position, artist_id)
     SELECT * FROM unnest($1::int[], $2::smallint[], $3::int[]) ON CONFLICT DO NOTHING`,
    [
      links.map((link) => link.trackId),
      links.map((link) => link.position),
      links.map((link) => link.artistId),
    ],
  );
  return places;
}

/** Adds album and length to tracks known by name alone, where one source leaves them out and another knows. */
export async function fillNameOnly(
  tx: Transaction,
  known: readonly { readonly id: number; readonly track: TrackNames }[],
): Promise<void> {
  const told = known.filter(({ track }) => track.album !== null || track.durationMs);
  if (told.length === 0) return;
  const { rows } = await tx.query<{ id: number }>(
    `SELECT id FROM tracks WHERE id = ANY($1::int[]) AND spotify_id IS NULL AND (album_id IS NULL OR duration_ms IS NULL)`,
    [told.map(({ id }) => id)],
  );
  const open = new Set(rows.map((row) => row.id));
  const filled = told.filter(({ id }) => open.has(id));
  if (filled.length === 0) return;
  const owners = await ownersOf(
    tx,
    filled.map(({ track }) => track),
  );
  await tx.query(
    `UPDATE tracks t SET album_id = coalesce(t.album_id, i.album_id), duration_ms = coalesce(t.duration_ms, i.duration_ms)
       FROM unnest($1::int[], $2::int[], $3::int[]) AS i (id, album_id, duration_ms)
      WHERE t.id = i.id AND t.spotify_id IS NULL`,
    [
      filled.map(({ id }) => id),
      filled.map(({ track }) => owners.albumOf(track)),
      filled.map(({ track }) => track.durationMs ?? null),
    ],
  );
}
