import { LIKED, type RoomFallback } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { namePatterns } from '../library/name-patterns.ts';
import { participantSources } from './random-tracks.ts';

/** A source of a listener's: Liked Songs or a playlist, as far as it was read. */
export interface TrackSource {
  readonly userId: number;
  readonly source: string;
}

/** The sources that a room falls back on; none where it falls back on nothing. */
export async function fallbackSources(
  db: Queryable,
  room: { readonly id: number; readonly hostId: number; readonly fallback: RoomFallback },
): Promise<TrackSource[]> {
  const { fallback } = room;
  if (fallback.kind === 'none') return [];
  if (fallback.kind === 'playlist') return [{ userId: room.hostId, source: fallback.source }];
  const sources = await participantSources(db, room.id);
  return sources.flatMap((one) => one.sources.map((source) => ({ userId: one.userId, source })));
}

/** Tracks of `wanted` (user ids $1, sources $2) that Spotify plays. */
const HELD = `
  SELECT l.track_id FROM wanted w JOIN liked_tracks l ON l.user_id = w.user_id
   WHERE w.source = '${LIKED}' AND l.track_id IS NOT NULL AND NOT l.unplayable
  UNION
  SELECT (e.value->>'trackId')::int
    FROM wanted w JOIN playlist_contents c ON c.user_id = w.user_id AND c.playlist_id = w.source,
         jsonb_array_elements(c.entries) AS e (value)
   WHERE e.value->>'kind' = 'track' AND coalesce((e.value->>'unplayable')::boolean, false) = false`;
const WANTED = 'SELECT * FROM unnest($1::int[], $2::text[]) AS u (user_id, source)';

const columnsOf = (sources: readonly TrackSource[]) => [
  sources.map((one) => one.userId),
  sources.map((one) => one.source),
];

/** Tracks of these sources in whose name, artist or album all words are, by name. */
export async function searchSources(
  db: Queryable,
  sources: readonly TrackSource[],
  words: string,
  limit: number,
): Promise<number[]> {
  if (sources.length === 0) return [];
  const patterns = namePatterns(words);
  if (patterns.length === 0) return [];
  const conditions = patterns.map((_, index) => {
    const pattern = `$${index + 4}`;
    return `(t.name_key LIKE ${pattern} OR b.name_key LIKE ${pattern}
             OR EXISTS (SELECT 1 FROM track_artists l JOIN artists a ON a.id = l.artist_id
                         WHERE l.track_id = t.id AND a.name_key LIKE ${pattern}))`;
  });
  const { rows } = await db.query<{ id: number }>(
    `WITH wanted AS (${WANTED})
     SELECT t.id FROM (${HELD}) h JOIN tracks t ON t.id = h.track_id AND t.spotify_id IS NOT NULL
       LEFT JOIN albums b ON b.id = t.album_id
      WHERE ${conditions.join(' AND ')} ORDER BY t.name_key, t.id LIMIT $3`,
    [...columnsOf(sources), limit, ...patterns],
  );
  return rows.map((row) => row.id);
}

/** Whether one of these sources holds a track. */
export async function sourcesHold(
  db: Queryable,
  sources: readonly TrackSource[],
  trackId: number,
): Promise<boolean> {
  if (sources.length === 0) return false;
  const { rowCount } = await db.query(
    `WITH wanted AS (${WANTED}) SELECT 1 FROM (${HELD}) h WHERE h.track_id = $3 LIMIT 1`,
    [...columnsOf(sources), trackId],
  );
  return rowCount === 1;
}

/** The row id of a track of Spotify's; null when it is not known here. */
export async function trackIdOf(db: Queryable, spotifyId: string): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM tracks WHERE spotify_id = $1
     UNION ALL SELECT track_id FROM track_aliases WHERE spotify_id = $1 LIMIT 1`,
    [spotifyId],
  );
  return rows[0]?.id ?? null;
}
