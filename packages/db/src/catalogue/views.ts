import type { Image, TrackSummary } from '@spindle/contracts';
import type { Queryable } from '../client.ts';

/** Address of an item on Spotify; null while its id there is unknown. */
export function spotifyUrl(
  kind: 'track' | 'artist' | 'album' | 'playlist' | 'show' | 'episode',
  spotifyId: string | null,
): string | null {
  return spotifyId === null ? null : `https://open.spotify.com/${kind}/${spotifyId}`;
}

interface TrackRow {
  id: number;
  spotify_id: string | null;
  name: string;
  duration_ms: number | null;
  explicit: boolean | null;
  album_id: number | null;
  album_spotify_id: string | null;
  album_name: string | null;
  album_images: Image[] | null;
  artists: { id: number; spotifyId: string | null; name: string }[];
}

function toTrackSummary(row: TrackRow): TrackSummary {
  return {
    id: String(row.id),
    spotifyId: row.spotify_id,
    name: row.name,
    url: spotifyUrl('track', row.spotify_id),
    durationMs: row.duration_ms,
    explicit: row.explicit,
    artists: row.artists.map((artist) => ({
      id: String(artist.id),
      name: artist.name,
      url: spotifyUrl('artist', artist.spotifyId),
    })),
    album:
      row.album_id === null || row.album_name === null
        ? null
        : {
            id: String(row.album_id),
            name: row.album_name,
            url: spotifyUrl('album', row.album_spotify_id),
            images: row.album_images ?? [],
          },
  };
}

/** Tracks as the API shows them, by row id; ids that do not exist are left out. */
export async function loadTrackSummaries(
  db: Queryable,
  trackIds: readonly number[],
): Promise<Map<number, TrackSummary>> {
  const wanted = [...new Set(trackIds)];
  if (wanted.length === 0) return new Map();
  const { rows } = await db.query<TrackRow>(
    `SELECT t.id, t.spotify_id, t.name, t.duration_ms, t.explicit, t.album_id,
            b.spotify_id AS album_spotify_id, b.name AS album_name, b.images AS album_images,
            coalesce((SELECT json_agg(json_build_object('id', a.id, 'spotifyId', a.spotify_id, 'name', a.name)
                                      ORDER BY l.position)
                        FROM track_artists l JOIN artists a ON a.id = l.artist_id
                       WHERE l.track_id = t.id), '[]') AS artists
       FROM tracks t LEFT JOIN albums b ON b.id = t.album_id
      WHERE t.id = ANY($1::int[])`,
    [wanted],
  );
  return new Map(rows.map((row) => [row.id, toTrackSummary(row)]));
}
