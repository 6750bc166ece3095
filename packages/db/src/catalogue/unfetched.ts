import type { Database } from '../client.ts';
import { GRAIN, KIND } from '../statistics/series.ts';

export interface Unfetched {
  readonly kind: 'track' | 'artist';
  readonly spotifyId: string;
}

/** All listeners' rows of all time of an item. */
const PLAYED = (item: string, kind: number) =>
  `r.grain = ${GRAIN.all} AND r.kind = ${kind} AND r.item_id = ${item}`;

/** Tracks known by name and artists without pictures, with how often they were played. */
const MISSING = `
  SELECT 'track' AS kind, t.spotify_id, coalesce(sum(r.plays), 0) AS plays
    FROM tracks t LEFT JOIN play_periods r ON ${PLAYED('t.id', KIND.track)}
   WHERE t.fetched_at IS NULL AND t.spotify_id IS NOT NULL AND (t.fetch_after IS NULL OR t.fetch_after <= $1)
   GROUP BY t.id
  UNION ALL
  SELECT 'artist', a.spotify_id, coalesce(sum(r.plays), 0)
    FROM artists a LEFT JOIN play_periods r ON ${PLAYED('a.id', KIND.artist)}
   WHERE a.fetched_at IS NULL AND a.spotify_id IS NOT NULL
   GROUP BY a.id`;

/** What Spotify has not told everything of yet, the most played first; tracks before artists where equal. */
export async function nextUnfetched(db: Database, now: Date, limit: number): Promise<Unfetched[]> {
  const { rows } = await db.pool.query<{ kind: 'track' | 'artist'; spotify_id: string }>(
    `SELECT kind, spotify_id FROM (${MISSING}) m ORDER BY plays DESC, kind DESC, spotify_id LIMIT $2`,
    [now, limit],
  );
  return rows.map((row) => ({ kind: row.kind, spotifyId: row.spotify_id }));
}

export async function countUnfetched(db: Database, now: Date): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM tracks WHERE fetched_at IS NULL AND spotify_id IS NOT NULL
                                           AND (fetch_after IS NULL OR fetch_after <= $1))::int
          + (SELECT count(*) FROM artists WHERE fetched_at IS NULL AND spotify_id IS NOT NULL)::int AS count`,
    [now],
  );
  return rows[0]?.count ?? 0;
}

/** Spotify does not know this item (any more): tracks are asked for again after `until`, artists not at all. */
export async function deferFetch(db: Database, item: Unfetched, now: Date, until: Date): Promise<void> {
  if (item.kind === 'track') {
    await db.pool.query('UPDATE tracks SET fetch_after = $2 WHERE spotify_id = $1', [item.spotifyId, until]);
  } else {
    await db.pool.query('UPDATE artists SET fetched_at = $2 WHERE spotify_id = $1', [item.spotifyId, now]);
  }
}
