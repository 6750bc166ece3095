import type { AlbumSummary, ArtistSummary, Image, TrackSummary } from '@spindle/contracts';
import { loadTrackSummaries, spotifyUrl } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { type ItemKind, KIND } from './series.ts';

export type ArtistItem = ArtistSummary & { readonly images: Image[] };
export type AlbumItem = AlbumSummary & { readonly artists: ArtistSummary[] };

/** An item as lists show it; exactly one of the three is set. */
export interface ItemView {
  readonly track?: TrackSummary;
  readonly artist?: ArtistItem;
  readonly album?: AlbumItem;
}

/** Artists with their pictures, by row id; ids that do not exist are left out. */
export async function loadArtistItems(
  db: Queryable,
  artistIds: readonly number[],
): Promise<Map<number, ArtistItem>> {
  if (artistIds.length === 0) return new Map();
  const { rows } = await db.query<{
    id: number;
    name: string;
    spotify_id: string | null;
    images: Image[] | null;
  }>('SELECT id, name, spotify_id, images FROM artists WHERE id = ANY($1::int[])', [[...new Set(artistIds)]]);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: String(row.id),
        name: row.name,
        url: spotifyUrl('artist', row.spotify_id),
        images: row.images ?? [],
      },
    ]),
  );
}

/** Albums with artwork and artists, by row id; ids that do not exist are left out. */
export async function loadAlbumItems(
  db: Queryable,
  albumIds: readonly number[],
): Promise<Map<number, AlbumItem>> {
  if (albumIds.length === 0) return new Map();
  const { rows } = await db.query<{
    id: number;
    name: string;
    spotify_id: string | null;
    images: Image[] | null;
    artists: { id: number; spotifyId: string | null; name: string }[];
  }>(
    `SELECT b.id, b.name, b.spotify_id, b.images,
            coalesce((SELECT json_agg(json_build_object('id', a.id, 'spotifyId', a.spotify_id, 'name', a.name)
                                      ORDER BY l.position)
                        FROM album_artists l JOIN artists a ON a.id = l.artist_id
                       WHERE l.album_id = b.id), '[]') AS artists
       FROM albums b WHERE b.id = ANY($1::int[])`,
    [[...new Set(albumIds)]],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: String(row.id),
        name: row.name,
        url: spotifyUrl('album', row.spotify_id),
        images: row.images ?? [],
        artists: row.artists.map((artist) => ({
          id: String(artist.id),
          name: artist.name,
          url: spotifyUrl('artist', artist.spotifyId),
        })),
      },
    ]),
  );
}

/** Items of one kind as lists show them, by row id. */
export async function loadItemViews(
  db: Queryable,
  kind: ItemKind,
  ids: readonly number[],
): Promise<Map<number, ItemView>> {
  switch (kind) {
    case KIND.track:
      return new Map([...(await loadTrackSummaries(db, ids))].map(([id, track]) => [id, { track }]));
    case KIND.artist:
      return new Map([...(await loadArtistItems(db, ids))].map(([id, artist]) => [id, { artist }]));
    case KIND.album:
      return new Map([...(await loadAlbumItems(db, ids))].map(([id, album]) => [id, { album }]));
  }
}
