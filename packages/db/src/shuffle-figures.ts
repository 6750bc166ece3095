import type { AdminShuffle } from '@spindle/contracts';
import { ACTIVE } from './active-users.ts';
import { spotifyUrl } from './catalogue/views.ts';
import type { Queryable } from './client.ts';
import type { OperationStatus } from './generated/enums.ts';

const TOP = 10;

export interface OverallFigures {
  readonly playlistsShuffled: number;
  readonly tracksShuffled: number;
  readonly analysesMade: number;
}

/** What this instance has done since it was set up; whoever was erased still counts. */
export async function loadOverallFigures(db: Queryable): Promise<OverallFigures> {
  const { rows } = await db.query<{ name: string; value: number }>(
    'SELECT name, value::float8 FROM shuffle_counters',
  );
  const values = new Map(rows.map((row) => [row.name, row.value]));
  return {
    playlistsShuffled: values.get('playlists_shuffled') ?? 0,
    tracksShuffled: values.get('tracks_shuffled') ?? 0,
    analysesMade: values.get('analyses_made') ?? 0,
  };
}

export interface MostShuffled {
  readonly topTracks: readonly {
    readonly name: string;
    readonly artist: string | null;
    readonly url: string | null;
    readonly times: number;
  }[];
  readonly topArtists: readonly {
    readonly name: string;
    readonly url: string | null;
    readonly times: number;
  }[];
}

/**
 * Tracks that listeners whose statistics are public have shuffled, `s`. What they hide from their
 * statistics is not told here either.
 */
const PUBLIC_SHUFFLES = `
  SELECT s.track_id, sum(s.times)::float8 AS times
    FROM shuffled_tracks s JOIN users u ON u.id = s.user_id
   WHERE u.public_profile AND u.public_stats AND ${ACTIVE}
     AND NOT EXISTS (SELECT 1 FROM exclusion_rules e JOIN track_artists l ON l.artist_id = e.artist_id
                      WHERE e.user_id = s.user_id AND e.kind = 'artist' AND l.track_id = s.track_id)
   GROUP BY s.track_id`;

/** The most shuffled tracks and artists, for anybody's eyes. */
export async function mostShuffled(db: Queryable): Promise<MostShuffled> {
  const [tracks, artists] = await Promise.all([
    db.query<{ name: string; artist: string | null; spotify_id: string | null; times: number }>(
      `SELECT t.name, t.spotify_id, s.times,
              (SELECT i.name FROM track_artists l JOIN artists i ON i.id = l.artist_id
                WHERE l.track_id = t.id ORDER BY l.position LIMIT 1) AS artist
         FROM (${PUBLIC_SHUFFLES}) s JOIN tracks t ON t.id = s.track_id
        ORDER BY s.times DESC, t.id LIMIT ${TOP}`,
    ),
    db.query<{ name: string; spotify_id: string | null; times: number }>(
      `SELECT i.name, i.spotify_id, sum(s.times) AS times
         FROM (${PUBLIC_SHUFFLES}) s JOIN track_artists l ON l.track_id = s.track_id JOIN artists i ON i.id = l.artist_id
        GROUP BY i.id ORDER BY sum(s.times) DESC, i.id LIMIT ${TOP}`,
    ),
  ]);
  return {
    topTracks: tracks.rows.map(({ name, artist, spotify_id: id, times }) => ({
      name,
      artist,
      url: spotifyUrl('track', id),
      times,
    })),
    topArtists: artists.rows.map(({ name, spotify_id: id, times }) => ({
      name,
      url: spotifyUrl('artist', id),
      times,
    })),
  };
}

export interface ShufflePage {
  /** Id of the last one seen. */
  readonly before?: number | undefined;
  readonly limit: number;
  readonly onlyFailed?: boolean;
}

interface ShuffleRow {
  id: number;
  handle: string;
  display_name: string;
  mode: string;
  status: OperationStatus;
  failure_code: string | null;
  source_count: number | null;
  tracks: number;
  schedule_id: number | null;
  created_at: Date;
  finished_at: Date | null;
}

/**
 * Operations of everybody, newest first, without a word about which music. One that was split over
 * several playlists is one line.
 */
export async function listShufflesOfAll(
  db: Queryable,
  page: ShufflePage,
): Promise<{ readonly items: AdminShuffle[]; readonly nextBefore: number | null }> {
  const { rows } = await db.query<ShuffleRow>(
    `SELECT o.id, u.handle, u.display_name, o.mode, o.status, o.failure_code, o.source_count, o.schedule_id,
            o.created_at, o.finished_at,
            (SELECT sum(p.track_count)::int FROM shuffled_playlists p WHERE p.id = o.id OR p.lead_id = o.id) AS tracks
       FROM shuffled_playlists o JOIN users u ON u.id = o.user_id
      WHERE o.lead_id IS NULL AND ($1::int IS NULL OR o.id < $1) AND (NOT $3 OR o.status = 'failed')
      ORDER BY o.id DESC LIMIT $2`,
    [page.before ?? null, page.limit + 1, page.onlyFailed ?? false],
  );
  const items = rows.slice(0, page.limit).map(
    (row): AdminShuffle => ({
      id: String(row.id),
      user: { handle: row.handle, displayName: row.display_name },
      mode: row.mode,
      state: row.status,
      failureCode: row.failure_code,
      sourceTracks: row.source_count,
      tracks: row.tracks,
      scheduled: row.schedule_id !== null,
      createdAt: row.created_at.toISOString(),
      finishedAt: row.finished_at?.toISOString() ?? null,
    }),
  );
  const last = items.at(-1);
  return { items, nextBefore: rows.length > page.limit && last ? Number(last.id) : null };
}

export interface ShuffleFigures {
  readonly shuffles: number;
  readonly failed: number;
  readonly tracks: number;
  readonly users: number;
  /** From request to written, ms, of those that succeeded. */
  readonly medianMs: number | null;
}

/** What was asked for since `since`, and what became of it. */
export async function loadShuffleFigures(db: Queryable, since: Date): Promise<ShuffleFigures> {
  const { rows } = await db.query<ShuffleFigures>(
    `SELECT count(*) FILTER (WHERE lead_id IS NULL)::int AS shuffles,
            count(*) FILTER (WHERE lead_id IS NULL AND status = 'failed')::int AS failed,
            coalesce(sum(track_count) FILTER (WHERE status = 'succeeded'), 0)::float8 AS tracks,
            count(DISTINCT user_id)::int AS users,
            round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at) * 1000)
                  FILTER (WHERE lead_id IS NULL AND status = 'succeeded')) AS "medianMs"
       FROM shuffled_playlists WHERE created_at >= $1`,
    [since],
  );
  const [row] = rows;
  return row ?? { shuffles: 0, failed: 0, tracks: 0, users: 0, medianMs: null };
}

/** Why shuffles failed that were asked for since `since`, most frequent first. */
export async function loadFailureReasons(
  db: Queryable,
  since: Date,
): Promise<{ code: string; count: number }[]> {
  const { rows } = await db.query<{ code: string; count: number }>(
    `SELECT coalesce(failure_code, 'internal') AS code, count(*)::int AS count FROM shuffled_playlists
      WHERE created_at >= $1 AND status = 'failed' AND lead_id IS NULL GROUP BY 1 ORDER BY 2 DESC, 1`,
    [since],
  );
  return rows;
}
