import type { NowPlayingView } from '@spindle/contracts';
import { loadTrackSummaries } from './catalogue/views.ts';
import type { Queryable, Transaction } from './client.ts';
import type { NowPlayingKind } from './generated/enums.ts';
import { PLAY_COLUMNS, PLAY_TABLES, type PlayViewRow, toPlayView } from './plays/play-view.ts';
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
  /** How far the readings that it is known by may be off, ms: answers are of some moment while they are awaited. */
  readonly offByMs?: number;
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
    `INSERT INTO now_playing (user_id, kind, is_playing, observed_at, changed_at)
     VALUES ($1, 'nothing', false, to_timestamp(0), to_timestamp(0))
     ON CONFLICT (user_id) DO NOTHING`,
    [userId],
  );
  const { rows } = await tx.query<{ listen: RunningListen | null }>(
    'SELECT listen FROM now_playing WHERE user_id = $1 FOR UPDATE',
    [userId],
  );
  return rows[0]?.listen ?? null;
}

/** A jump inside what plays, or a drift of the clocks, below this many ms is no change that anybody sees. */
const SEEN_JUMP_MS = 3_000;

/** Whether a reading shows something else than the row it replaces. */
const IS_CHANGE = `(now_playing.kind, now_playing.is_playing, now_playing.track_id, now_playing.title,
    now_playing.subtitle, now_playing.duration_ms, now_playing.device_name, now_playing.device_type,
    now_playing.is_private)
  IS DISTINCT FROM
    (excluded.kind, excluded.is_playing, excluded.track_id, excluded.title, excluded.subtitle,
     excluded.duration_ms, excluded.device_name, excluded.device_type, excluded.is_private)
  OR CASE WHEN excluded.is_playing
       THEN abs(extract(epoch FROM excluded.started_at - now_playing.started_at)) * 1000 > ${SEEN_JUMP_MS}
       ELSE abs(excluded.progress_ms - now_playing.progress_ms) > ${SEEN_JUMP_MS} END IS TRUE`;

/** Stores a reading. Answers whether it shows something else than the one before: track, pause, jump, device. */
export async function savePlayerReading(
  tx: Transaction,
  userId: number,
  reading: PlayerReading,
  listen: RunningListen | null,
): Promise<{ changed: boolean }> {
  const startedAt =
    reading.isPlaying && reading.progressMs !== null
      ? new Date(reading.observedAt.getTime() - reading.progressMs)
      : null;
  const { rows } = await tx.query<{ changed: boolean }>(
    `INSERT INTO now_playing (user_id, kind, is_playing, track_id, title, subtitle, duration_ms, progress_ms, started_at,
                              observed_at, device_name, device_type, is_private, context_uri, listen, changed_at)
     VALUES ($1, $2::now_playing_kind, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $10)
     ON CONFLICT (user_id) DO UPDATE
        SET kind = excluded.kind, is_playing = excluded.is_playing, track_id = excluded.track_id, title = excluded.title,
            subtitle = excluded.subtitle, duration_ms = excluded.duration_ms, progress_ms = excluded.progress_ms,
            started_at = excluded.started_at, observed_at = excluded.observed_at, device_name = excluded.device_name,
            device_type = excluded.device_type, is_private = excluded.is_private, context_uri = excluded.context_uri,
            listen = excluded.listen,
            changed_at = CASE WHEN ${IS_CHANGE} THEN excluded.observed_at ELSE now_playing.changed_at END
     RETURNING changed_at = observed_at AS changed`,
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
  return { changed: rows[0]?.changed === true };
}

/** The columns of {@link NOW_PLAYING_COLUMNS}; those of the player are null before its first reading. */
export interface NowPlayingRow {
  readonly user_id: number;
  readonly handle: string;
  readonly display_name: string;
  readonly image_url: string | null;
  readonly kind: NowPlayingKind | null;
  readonly is_playing: boolean | null;
  readonly track_id: number | null;
  readonly title: string | null;
  readonly subtitle: string | null;
  readonly duration_ms: number | null;
  readonly progress_ms: number | null;
  readonly started_at: Date | null;
  readonly observed_at: Date | null;
  readonly device_name: string | null;
  readonly device_type: string | null;
  readonly is_private: boolean | null;
}

/** From `users u LEFT JOIN now_playing n`. */
export const NOW_PLAYING_COLUMNS = `u.id AS user_id, u.handle, u.display_name, u.image_url, n.kind, n.is_playing,
  n.track_id, n.title, n.subtitle, n.duration_ms, n.progress_ms, n.started_at, n.observed_at, n.device_name,
  n.device_type, n.is_private`;

/** The last play of each listener that counts, by user id. */
async function lastPlays(db: Queryable, userIds: readonly number[]): Promise<Map<number, PlayViewRow>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await db.query<PlayViewRow & { readonly user_id: number }>(
    `SELECT last.* FROM unnest($1::int[]) AS wanted(user_id) CROSS JOIN LATERAL (
       SELECT p.user_id, ${PLAY_COLUMNS} FROM ${PLAY_TABLES}
        WHERE p.user_id = wanted.user_id AND ${countedCondition('p', 'u.min_play_ms')}
        ORDER BY p.played_at DESC LIMIT 1) last`,
    [userIds],
  );
  return new Map(rows.map((row) => [row.user_id, row]));
}

/** What a row shows at this moment: whether its track must long be over, and the kind that is left then. */
function shownOf(row: NowPlayingRow, now: Date): { overdue: boolean; kind: NowPlayingKind } {
  const overdue =
    row.started_at !== null &&
    now.getTime() > row.started_at.getTime() + (row.duration_ms ?? 0) + STALE_AFTER_MS;
  return { overdue, kind: row.kind === null || overdue || row.is_private ? 'nothing' : row.kind };
}

/**
 * Rows as the API shows them, in their order; two queries however many there are. A private session
 * tells nothing but that it is one, and a reading whose track must long be over counts as nothing playing.
 */
export async function toNowPlayingViews(
  db: Queryable,
  rows: readonly NowPlayingRow[],
  now: Date,
): Promise<NowPlayingView[]> {
  const shown = rows.map((row) => ({ row, ...shownOf(row, now) }));
  const last = await lastPlays(
    db,
    shown.filter(({ kind }) => kind === 'nothing').map(({ row }) => row.user_id),
  );
  const tracks = await loadTrackSummaries(db, [
    ...shown.flatMap(({ row, kind }) => (kind === 'nothing' ? [] : (row.track_id ?? []))),
    ...[...last.values()].map((play) => play.track_id),
  ]);
  return shown.map(({ row, overdue, kind }) => {
    const observedAt = row.observed_at && row.observed_at.getTime() > 0 ? row.observed_at : null;
    const silent = {
      user: { handle: row.handle, displayName: row.display_name, imageUrl: row.image_url },
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
    if (kind === 'nothing') {
      const play = last.get(row.user_id);
      const track = play && tracks.get(play.track_id);
      return { ...silent, lastPlayed: play && track ? toPlayView(play, track) : null };
    }
    return {
      ...silent,
      isPlaying: row.is_playing === true,
      track: row.track_id === null ? null : (tracks.get(row.track_id) ?? null),
      title: row.title,
      subtitle: row.subtitle,
      durationMs: row.duration_ms,
      progressMs: row.progress_ms,
      startedAt: row.started_at?.toISOString() ?? null,
      device: row.device_name === null ? null : { name: row.device_name, type: row.device_type },
    };
  });
}

/** What a listener plays as far as is known; null when there is no such listener. */
export async function loadNowPlaying(
  db: Queryable,
  userId: number,
  now: Date,
): Promise<NowPlayingView | null> {
  const { rows } = await db.query<NowPlayingRow>(
    `SELECT ${NOW_PLAYING_COLUMNS} FROM users u LEFT JOIN now_playing n ON n.user_id = u.id WHERE u.id = $1`,
    [userId],
  );
  return (await toNowPlayingViews(db, rows, now))[0] ?? null;
}
