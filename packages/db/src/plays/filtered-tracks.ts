import type { Queryable } from '../client.ts';
import { nameKey } from '../name-key.ts';

/** Which tracks a list of plays is narrowed to; all of it must hold. Ids are row ids. */
export interface TrackFilter {
  /** This track, and those that were merged into it. */
  readonly trackId?: number | undefined;
  /** Tracks whose plays count for this artist, and all that name the artist. */
  readonly artistId?: number | undefined;
  /** Tracks of this album, and those that were merged into them. */
  readonly albumId?: number | undefined;
  /** Every word must stand in the name of the track, one of its artists or its album. */
  readonly words?: string | undefined;
}

const MOST_WORDS = 8;

function patternsOf(words: string): string[] {
  return nameKey(words)
    .split(' ')
    .filter(Boolean)
    .slice(0, MOST_WORDS)
    .map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
}

/** `tracks` (a SELECT of ids), and what listener `$1` merged into them. */
function withMerged(tracks: string): string {
  return `t.id IN (${tracks} UNION SELECT m.track_id FROM track_merges m WHERE m.user_id = $1 AND m.root_id IN (${tracks}))`;
}

const OF_TRACK = (id: string) => withMerged(`SELECT ${id}::int`);
const OF_ALBUM = (id: string) => withMerged(`SELECT o.id FROM tracks o WHERE o.album_id = ${id}::int`);
const OF_ARTIST = (id: string) =>
  withMerged(`SELECT l.track_id FROM track_artists l
    WHERE l.artist_id IN (SELECT ${id}::int UNION SELECT s.artist_id FROM artist_aliases s
                           WHERE s.user_id = $1 AND s.root_id = ${id}::int)`);
// The two sub-selects do not depend on the track, so each is worked out once and looked up by hash.
const NAMED = (like: string) => `(t.name_key LIKE ${like}
  OR t.album_id IN (SELECT b.id FROM albums b WHERE b.name_key LIKE ${like})
  OR t.id IN (SELECT l.track_id FROM artists a JOIN track_artists l ON l.artist_id = a.id WHERE a.name_key LIKE ${like}))`;

/**
 * Ids of the tracks that a filter leaves, played or not; null when it leaves all. Found before the plays
 * are read: PostgreSQL then knows how many they are, and goes through the plays in order of time where
 * they are many, and from track to track where they are few.
 */
export async function filteredTracks(
  db: Queryable,
  userId: number,
  filter: TrackFilter,
): Promise<number[] | null> {
  const values: unknown[] = [userId];
  const conditions: string[] = [];
  const add = (build: (place: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(build(`$${values.length}`));
  };
  if (filter.trackId) add(OF_TRACK, filter.trackId);
  if (filter.artistId) add(OF_ARTIST, filter.artistId);
  if (filter.albumId) add(OF_ALBUM, filter.albumId);
  for (const pattern of patternsOf(filter.words ?? '')) add(NAMED, pattern);
  if (conditions.length === 0) return null;
  // The first condition holds always: it tells PostgreSQL the type of $1 where nothing else does.
  const { rows } = await db.query<{ ids: number[] | null }>(
    `SELECT array_agg(t.id) AS ids FROM tracks t WHERE $1::int IS NOT NULL AND ${conditions.join(' AND ')}`,
    values,
  );
  return rows[0]?.ids ?? [];
}
