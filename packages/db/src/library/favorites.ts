import type { Favorite } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Database, Queryable } from '../client.ts';
import { namePatterns } from './name-patterns.ts';

export interface FavoritesRequest {
  readonly limit: number;
  /** Place of the last song of the page before. */
  readonly after?: number | undefined;
  /** Every word must stand in the name of the song or of one of its artists. */
  readonly words?: string | undefined;
}

export interface FavoritesPage {
  readonly items: readonly Favorite[];
  /** Place to go on from; null at the end. */
  readonly next: number | null;
  /** Songs in the whole list, as far as it is looked through. */
  readonly total: number;
}

/** Whether what `l` likes has this in its names. */
const NAMED = (like: string) => `EXISTS (
  SELECT 1 FROM tracks t WHERE t.id = l.track_id AND (t.name_key LIKE ${like} OR EXISTS (
    SELECT 1 FROM track_artists ta JOIN artists a ON a.id = ta.artist_id
     WHERE ta.track_id = t.id AND a.name_key LIKE ${like})))`;

async function countOf(db: Queryable, where: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM liked_tracks l WHERE ${where}`,
    [...values],
  );
  return rows[0]?.count ?? 0;
}

/** One page of a listener's Liked Songs as stored, newest first, by keyset on the place. */
export async function listFavorites(
  db: Database,
  userId: number,
  { limit, after, words }: FavoritesRequest,
): Promise<FavoritesPage> {
  const values: unknown[] = [userId];
  const conditions = namePatterns(words ?? '').map((pattern) => NAMED(`$${values.push(pattern)}`));
  const where = ['l.user_id = $1', ...conditions].join(' AND ');
  const { rows } = await db.pool.query<{
    track_id: number | null;
    added_at: Date;
    place: number;
    unplayable: boolean;
  }>(
    `SELECT l.track_id, l.added_at, l.place, l.unplayable FROM liked_tracks l
      WHERE ${where} AND l.place < $${values.length + 1} ORDER BY l.place DESC LIMIT $${values.length + 2}`,
    [...values, after ?? 2 ** 31 - 1, limit + 1],
  );
  const page = rows.slice(0, limit);
  const tracks = await loadTrackSummaries(
    db.pool,
    page.flatMap((row) => row.track_id ?? []),
  );
  return {
    items: page.map((row) => ({
      addedAt: row.added_at.toISOString(),
      unplayable: row.unplayable,
      track: (row.track_id !== null && tracks.get(row.track_id)) || null,
    })),
    next: rows.length > limit ? (page.at(-1)?.place ?? null) : null,
    total: await countOf(db.pool, where, values),
  };
}
