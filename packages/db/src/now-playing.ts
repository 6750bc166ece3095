import type { NowPlayingView } from '@spindle/contracts';
import { loadTrackSummaries } from './catalogue/views.ts';
import type { Queryable, Transaction } from './client.ts';
import type { NowPlayingKind } from './generated/enums.ts';
import { PLAY_COLUMNS, PLAY_TABLES, type PlayViewRow, toPlayViews } from './plays/play-view.ts';
import { countedCondition } from './statistics/counted.ts';

/** A running listen, as measured so far. Times are epoch ms. */
export interface RunningListen {
  readonly trackId: number;
  readonly durationMs: number;
  readonly startedAt: number;
  /** Listening time up to the last reading. */
  readonly listenedMs: number;
  readonly progressMs: number;
  readonly observedAt: number;
  readonly isPlaying: boolean;
  readonly contextUri: string | null;
  /** As Spotify names it; null when it has not been told. */
  readonly deviceName: string | null;
}

/** What a reading of the player said. */
export interface PlayerReading {
  readonly kind: NowPlayingKind;
  readonly isPlaying: boolean;
  readonly trackId: number | null;
  readonly title: string | null;
  readonly subtitle: string | null;
  readonly durationMs: number | null;
  readonly progressMs: number | null;
  readonly observedAt: Date;
  readonly deviceName: string | null;
  readonly deviceType: string | null;
  readonly isPrivate: boolean;
  readonly contextUri: string | null;
}

/** After the expected end of a track, how long it is still shown when no reading says otherwise. */
const STALE_AFTER_MS = 10 * 60_000;

/** The listen that was running at the last reading; locks the row for the rest of the transaction. */
export async function lockRunningListen(tx: Transaction, userId: number): Promise<RunningListen | null> {
  await tx.query(
    `INSERT INTO now_playing (user_id, kind, is_playing, observed_at) VALUES ($1, 'nothing', false, to_timestamp(0))
     ON CONFLICT (user_id) DO NOTHING`,
    [userId],
  );
  const { rows } = await tx.query<{ listen: RunningListen | null }>(
    'SELECT listen FROM now_playing WHERE user_id = $1 FOR UPDATE',
    [userId],
  );
  return rows[0]?.listen ?? null;
}

export async function savePlayerReading(
  tx: Transaction,
  userId: number,
  reading: PlayerReading,
  listen: RunningListen | null,
): Promise<void> {
  const startedAt =
    reading.isPlaying && reading.progressMs !== null
      ? new Date(reading.observedAt.getTime() - reading.progressMs)
      : null;
  await tx.query(
    `INSERT INTO now_playing (user_id, kind, is_playing, track_id, title, subtitle, duration_ms, progress_ms, started_at,
                              observed_at, device_name, device_type, is_private, context_uri, listen)
     VALUES ($1, $2::now_playing_kind, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     ON CONFLICT (user_id) DO UPDATE
        SET kind = excluded.kind, is_playing = excluded.is_playing, track_id = excluded.track_id, title = excluded.title,
            subtitle = excluded.subtitle, duration_ms = excluded.duration_ms, progress_ms = excluded.progress_ms,
            started_at = excluded.started_at, observed_at = excluded.observed_at, device_name = excluded.device_name,
            device_type = excluded.device_type, is_private = excluded.is_private, context_uri = excluded.context_uri,
            listen = excluded.listen`,
    [
      userId,
      reading.kind,
      reading.isPlaying,
      reading.trackId,
      reading.title,
      reading.subtitle,
      reading.durationMs,
      reading.progressMs,
      startedAt,
      reading.observedAt,
      reading.deviceName,
      reading.deviceType,
      reading.isPrivate,
      reading.contextUri,
      listen === null ? null : JSON.stringify(listen),
    ],
  );
}

interface NowPlayingRow {
  handle: string;
  display_name: string;
  image_url: string | null;
  kind: NowPlayingKind | null;
  is_playing: boolean | null;
  track_id: number | null;
  title: string | null;
  subtitle: string | null;
  duration_ms: number | null;
  progress_ms: number | null;
  started_at: Date | null;
  observed_at: Date | null;
  device_name: string | null;
  device_type: string | null;
  is_private: boolean | null;
}

async function lastPlayed(db: Queryable, userId: number): Promise<NowPlayingView['lastPlayed']> {
  const { rows } = await db.query<PlayViewRow>(
    `SELECT ${PLAY_COLUMNS} FROM ${PLAY_TABLES}
      WHERE p.user_id = $1 AND ${countedCondition('p', 'u.min_play_ms')} ORDER BY p.played_at DESC LIMIT 1`,
    [userId],
  );
  return (await toPlayViews(db, rows))[0] ?? null;
}

/**
 * What a listener plays as far as is known; null when there is no such listener. A private session
 * tells nothing but that it is one, and a reading whose track must long be over counts as nothing playing.
 */
export async function loadNowPlaying(
  db: Queryable,
  userId: number,
  now: Date,
): Promise<NowPlayingView | null> {
  const { rows } = await db.query<NowPlayingRow>(
    `SELECT u.handle, u.display_name, u.image_url, n.kind, n.is_playing, n.track_id, n.title, n.subtitle, n.duration_ms,
            n.progress_ms, n.started_at, n.observed_at, n.device_name, n.device_type, n.is_private
       FROM users u LEFT JOIN now_playing n ON n.user_id = u.id WHERE u.id = $1`,
    [userId],
  );
  const [row] = rows;
  if (!row) return null;
  const user = { handle: row.handle, displayName: row.display_name, imageUrl: row.image_url };
  const observedAt = row.observed_at && row.observed_at.getTime() > 0 ? row.observed_at : null;
  const overdue =
    row.started_at !== null &&
    now.getTime() > row.started_at.getTime() + (row.duration_ms ?? 0) + STALE_AFTER_MS;
  const kind = row.kind === null || overdue || row.is_private ? 'nothing' : row.kind;
  const silent = {
    user,
    isPlaying: false,
    kind,
    track: null,
    title: null,
    subtitle: null,
    durationMs: null,
    progressMs: null,
    startedAt: null,
    observedAt: observedAt?.toISOString() ?? null,
    device: null,
    isPrivate: row.is_private === true && !overdue,
    lastPlayed: null,
  };
  if (kind === 'nothing') return { ...silent, lastPlayed: await lastPlayed(db, userId) };
  const track =
    row.track_id === null ? null : (await loadTrackSummaries(db, [row.track_id])).get(row.track_id);
  return {
    ...silent,
    isPlaying: row.is_playing === true,
    track: track ?? null,
    title: row.title,
    subtitle: row.subtitle,
    durationMs: row.duration_ms,
    progressMs: row.progress_ms,
    startedAt: row.started_at?.toISOString() ?? null,
    device: row.device_name === null ? null : { name: row.device_name, type: row.device_type },
  };
}
