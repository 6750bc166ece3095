import type { Queryable } from '../client.ts';

/** What filters and shuffles ask of a track. */
export interface TrackFacts {
  /** Ids of this instance; an artist that the listener counts as another is that other one. */
  readonly artistIds: readonly number[];
  readonly albumId: number | null;
  /** As Spotify tells it: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly releasedOn: string | null;
  readonly explicit: boolean | null;
  readonly durationMs: number | null;
}

/** The facts of tracks, by id. */
export async function trackFacts(
  db: Queryable,
  userId: number,
  trackIds: readonly number[],
): Promise<Map<number, TrackFacts>> {
  const { rows } = await db.query<{
    id: number;
    artist_ids: number[];
    album_id: number | null;
    release_date: string | null;
    explicit: boolean | null;
    duration_ms: number | null;
  }>(
    `SELECT t.id, t.album_id, b.release_date, t.explicit, t.duration_ms,
            ARRAY(SELECT coalesce(s.root_id, a.artist_id) FROM track_artists a
                    LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = a.artist_id
                   WHERE a.track_id = t.id ORDER BY a.position) AS artist_ids
       FROM tracks t LEFT JOIN albums b ON b.id = t.album_id WHERE t.id = ANY($2::int[])`,
    [userId, trackIds],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      {
        artistIds: row.artist_ids,
        albumId: row.album_id,
        releasedOn: row.release_date,
        explicit: row.explicit,
        durationMs: row.duration_ms,
      },
    ]),
  );
}

/** What tracks are called: `Artist – Title`, by id. */
export async function trackNames(db: Queryable, trackIds: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await db.query<{ id: number; name: string; artist: string | null }>(
    `SELECT t.id, t.name, r.name AS artist FROM tracks t
       LEFT JOIN track_artists a ON a.track_id = t.id AND a.position = 0 LEFT JOIN artists r ON r.id = a.artist_id
      WHERE t.id = ANY($1::int[])`,
    [trackIds],
  );
  return new Map(rows.map((row) => [row.id, row.artist === null ? row.name : `${row.artist} – ${row.name}`]));
}

/**
 * When a listener last heard each of the tracks, under whichever of the ids that they merged; tracks that
 * they never heard for at least the length that counts are missing.
 */
export async function lastHeard(
  db: Queryable,
  userId: number,
  trackIds: readonly number[],
): Promise<Map<number, Date>> {
  const { rows } = await db.query<{ id: number; heard_at: Date | null }>(
    `WITH asked AS (
       SELECT w.id, coalesce(m.root_id, w.id) AS root_id
         FROM unnest($2::int[]) AS w (id) LEFT JOIN track_merges m ON m.user_id = $1 AND m.track_id = w.id),
     same AS (
       SELECT id, root_id AS track_id FROM asked
       UNION SELECT a.id, m.track_id FROM asked a JOIN track_merges m ON m.user_id = $1 AND m.root_id = a.root_id)
     SELECT s.id, max(h.ended_at) AS heard_at
       FROM same s CROSS JOIN LATERAL (
              SELECT p.ended_at FROM plays p
               WHERE p.user_id = $1 AND p.track_id = s.track_id
                 AND (p.ms_played IS NULL OR p.ms_played >= (SELECT min_play_ms FROM users WHERE id = $1))
               ORDER BY p.ended_at DESC LIMIT 1) h
      GROUP BY s.id`,
    [userId, [...new Set(trackIds)]],
  );
  return new Map(rows.flatMap((row) => (row.heard_at ? [[row.id, row.heard_at] as const] : [])));
}
