import type { PlaySourceName } from '@spindle/contracts';
import type { Database, Queryable } from './client.ts';
import { PLAY_FLAGS, sourceName, sourcesIn } from './play-source.ts';
import { countedCondition } from './statistics/counted.ts';

/** A track as an export tells it: enough to find it again in another catalogue. */
export interface ExportedTrack {
  /** Null for tracks that a source named without saying which one of Spotify's it was. */
  readonly spotifyId: string | null;
  readonly name: string;
  readonly durationMs: number | null;
  readonly isrc: string | null;
  /** In the order of the credits. */
  readonly artists: readonly { readonly name: string; readonly spotifyId: string | null }[];
  readonly album: { readonly name: string; readonly spotifyId: string | null } | null;
}

/**
 * One line of an export of plays. The import format `spindle` reads exactly this, so that a history
 * moves to another instance as it is.
 */
export interface ExportedPlay {
  /** Start and end of the listen: ISO 8601, UTC, ms. */
  readonly playedAt: string;
  readonly endedAt: string;
  /** Measured listening time; null when nothing measured it. */
  readonly msPlayed: number | null;
  readonly source: PlaySourceName;
  readonly seenBy: readonly PlaySourceName[];
  readonly flags: {
    readonly shuffle: boolean;
    readonly skipped: boolean;
    readonly offline: boolean;
    readonly hidden: boolean;
  };
  readonly contextUri: string | null;
  readonly device: string | null;
  readonly track: ExportedTrack;
}

export interface PlayExportOptions {
  /** Only plays that count: neither hidden, nor kept out by a rule, nor too short. */
  readonly countedOnly?: boolean;
}

/** Plays read at once; what a reader holds in memory. */
const PLAYS_A_PAGE = 2_000;

/** The columns of {@link EXPORT_COLUMNS}. */
export interface ExportRow {
  readonly track_id: number;
  /** Epoch ms. */
  readonly played_at: number;
  readonly ended_at: number;
  readonly ms_played: number | null;
  readonly source: number;
  readonly seen_by: number;
  readonly flags: number;
  readonly context_uri: string | null;
  readonly device: string | null;
}

export const EXPORT_COLUMNS = `p.track_id, p.ms_played, p.source, p.seen_by, p.flags, c.uri AS context_uri, d.name AS device,
  (extract(epoch FROM p.played_at) * 1000)::float8 AS played_at,
  (extract(epoch FROM p.ended_at) * 1000)::float8 AS ended_at`;

/** What {@link EXPORT_COLUMNS} are taken from. */
export const EXPORT_TABLES = `plays p JOIN users u ON u.id = p.user_id
  LEFT JOIN play_contexts c ON c.id = p.context_id LEFT JOIN play_devices d ON d.id = p.device_id`;

interface TrackRow extends ExportedTrack {
  readonly id: number;
}

async function loadTracks(db: Queryable, ids: readonly number[]): Promise<Map<number, ExportedTrack>> {
  const { rows } = await db.query<TrackRow>(
    `SELECT t.id, t.spotify_id AS "spotifyId", t.name, t.duration_ms AS "durationMs", t.isrc,
            coalesce((SELECT json_agg(json_build_object('name', a.name, 'spotifyId', a.spotify_id) ORDER BY l.position)
                        FROM track_artists l JOIN artists a ON a.id = l.artist_id WHERE l.track_id = t.id), '[]') AS artists,
            CASE WHEN b.id IS NULL THEN NULL ELSE json_build_object('name', b.name, 'spotifyId', b.spotify_id) END AS album
       FROM tracks t LEFT JOIN albums b ON b.id = t.album_id WHERE t.id = ANY($1::int[])`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(({ id, ...track }) => [id, track]));
}

function toExportedPlay(row: ExportRow, track: ExportedTrack): ExportedPlay {
  const has = (flag: number) => (row.flags & flag) !== 0;
  return {
    playedAt: new Date(row.played_at).toISOString(),
    endedAt: new Date(row.ended_at).toISOString(),
    msPlayed: row.ms_played,
    source: sourceName(row.source),
    seenBy: sourcesIn(row.seen_by),
    flags: {
      shuffle: has(PLAY_FLAGS.shuffle),
      skipped: has(PLAY_FLAGS.skipped),
      offline: has(PLAY_FLAGS.offline),
      hidden: has(PLAY_FLAGS.hidden),
    },
    contextUri: row.context_uri,
    device: row.device,
    track,
  };
}

/** Adds the tracks to rows of plays, keeping their order. */
export async function toExportedPlays(db: Queryable, rows: readonly ExportRow[]): Promise<ExportedPlay[]> {
  const tracks = await loadTracks(
    db,
    rows.map((row) => row.track_id),
  );
  return rows.flatMap((row) => {
    const track = tracks.get(row.track_id);
    return track ? [toExportedPlay(row, track)] : [];
  });
}

/**
 * All plays of a listener, oldest first, a page at a time: the next one is read when it is asked for,
 * so that a history of any length needs no memory. Plays that arrive meanwhile behind the last page are in it.
 */
export async function* exportPlays(
  db: Database,
  userId: number,
  options: PlayExportOptions = {},
): AsyncGenerator<ExportedPlay[]> {
  const counted = options.countedOnly ? `AND ${countedCondition('p', 'u.min_play_ms')}` : '';
  // Reading begins before all time; afterwards behind the last play of the page before.
  let after: { at: Date | '-infinity'; trackId: number } = { at: '-infinity', trackId: 0 };
  for (;;) {
    const { rows } = await db.pool.query<ExportRow>(
      `SELECT ${EXPORT_COLUMNS}
         FROM ${EXPORT_TABLES}
        WHERE p.user_id = $1 AND (p.played_at, p.track_id) > ($2::timestamptz, $3::int) ${counted}
        ORDER BY p.played_at, p.track_id LIMIT ${PLAYS_A_PAGE}`,
      [userId, after.at, after.trackId],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield await toExportedPlays(db.pool, rows);
    if (rows.length < PLAYS_A_PAGE) return;
    after = { at: new Date(last.played_at), trackId: last.track_id };
  }
}
