import type { RoomPlaybackState } from '@spindle/contracts';
import type { Database, Queryable, Transaction } from '../client.ts';

/** What the party worker knows of a room's playback. */
export interface RoomPlayback {
  readonly roomId: number;
  readonly hostId: number;
  readonly endedAt: Date | null;
  /** The host began: tracks follow one another by themselves. */
  readonly isOn: boolean;
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  readonly state: RoomPlaybackState;
  readonly message: string | null;
  /** The track of the room that plays: its id in the room, and Spotify's. */
  readonly current: RoomTrackRef | null;
  /** What was handed over to Spotify to come next. */
  readonly handed: RoomTrackRef | null;
  readonly handedAt: Date | null;
  readonly startedAt: Date | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
  readonly failures: number;
}

export interface RoomTrackRef {
  readonly id: number;
  readonly trackId: number;
  readonly spotifyId: string;
  readonly durationMs: number | null;
}

interface PlaybackRow {
  id: number;
  host_id: number;
  ended_at: Date | null;
  is_on: boolean;
  device_id: string | null;
  device_name: string | null;
  playback_state: RoomPlaybackState;
  playback_message: string | null;
  handed_at: Date | null;
  started_at: Date | null;
  progress_ms: number | null;
  duration_ms: number | null;
  failures: number;
  current: RoomTrackRef | null;
  handed: RoomTrackRef | null;
}

const REF = `(SELECT json_build_object('id', x.id, 'trackId', x.track_id, 'spotifyId', t.spotify_id, 'durationMs', t.duration_ms)
                FROM room_tracks x JOIN tracks t ON t.id = x.track_id`;

/** Null when there is no such room. */
export async function loadRoomPlayback(db: Queryable, roomId: number): Promise<RoomPlayback | null> {
  const { rows } = await db.query<PlaybackRow>(
    `SELECT r.id, r.host_id, r.ended_at, r.is_on, r.device_id, r.device_name, r.playback_state, r.playback_message,
            r.handed_at, r.started_at, r.progress_ms, r.duration_ms, r.failures,
            ${REF} WHERE x.id = r.current_id) AS current, ${REF} WHERE x.id = r.handed_id) AS handed
       FROM rooms r WHERE r.id = $1`,
    [roomId],
  );
  const [row] = rows;
  return row
    ? {
        roomId: row.id,
        hostId: row.host_id,
        endedAt: row.ended_at,
        isOn: row.is_on,
        deviceId: row.device_id,
        deviceName: row.device_name,
        state: row.playback_state,
        message: row.playback_message,
        current: row.current,
        handed: row.handed,
        handedAt: row.handed_at,
        startedAt: row.started_at,
        progressMs: row.progress_ms,
        durationMs: row.duration_ms,
        failures: row.failures,
      }
    : null;
}

/** What became known of the playback; what is left out stays as it was. */
export interface PlaybackChange {
  readonly isOn?: boolean;
  readonly state?: RoomPlaybackState;
  readonly message?: string | null;
  readonly device?: { readonly id: string; readonly name: string } | null;
  readonly handedId?: number | null;
  readonly handedAt?: Date | null;
  readonly foreignTrackId?: number | null;
  readonly startedAt?: Date | null;
  readonly progressMs?: number | null;
  readonly durationMs?: number | null;
  readonly failures?: number;
}

const COLUMN_OF = {
  isOn: 'is_on',
  state: 'playback_state',
  message: 'playback_message',
  handedId: 'handed_id',
  handedAt: 'handed_at',
  foreignTrackId: 'foreign_track_id',
  startedAt: 'started_at',
  progressMs: 'progress_ms',
  durationMs: 'duration_ms',
  failures: 'failures',
} as const;

/** Stores what became known, under a new revision. */
export async function saveRoomPlayback(db: Queryable, roomId: number, change: PlaybackChange): Promise<void> {
  const { device, ...rest } = change;
  const columns: [string, unknown][] = Object.entries(rest).map(([name, value]) => [
    COLUMN_OF[name as keyof typeof COLUMN_OF],
    value,
  ]);
  if (device !== undefined)
    columns.push(['device_id', device?.id ?? null], ['device_name', device?.name ?? null]);
  const sets = columns.map(([column], index) => `${column} = $${index + 2}`);
  await db.query(
    `UPDATE rooms SET ${['playback_rev = playback_rev + 1', ...sets].join(', ')} WHERE id = $1`,
    [roomId, ...columns.map(([, value]) => value)],
  );
}

/** How the track that played ended. */
export type PlayEnd = 'played' | 'skipped';

/**
 * A track of the room plays now; what played before has ended. Safe to be said twice. Null: none of the
 * room's plays any more.
 */
export async function notePlaying(
  tx: Transaction,
  roomId: number,
  roomTrackId: number | null,
  before: PlayEnd,
  now: Date,
): Promise<number[]> {
  const { rows: ended } = await tx.query<{ id: number }>(
    `UPDATE room_tracks SET state = $3::room_track_state, ended_at = $4, rev = rev + 1
      WHERE room_id = $1 AND state = 'playing' AND id IS DISTINCT FROM $2 RETURNING id`,
    [roomId, roomTrackId, before, now],
  );
  const { rows: begun } = await tx.query<{ id: number }>(
    `UPDATE room_tracks SET state = 'playing', played_at = coalesce(played_at, $3), promoted_at = coalesce(promoted_at, $3),
                            rev = rev + 1
      WHERE room_id = $1 AND id = $2 AND state IN ('proposed', 'promoted') RETURNING id`,
    [roomId, roomTrackId, now],
  );
  await tx.query(
    `UPDATE rooms SET current_id = $2, foreign_track_id = NULL,
                      handed_id = CASE WHEN handed_id = $2 THEN NULL ELSE handed_id END,
                      playback_rev = playback_rev + 1 WHERE id = $1`,
    [roomId, roomTrackId],
  );
  return [...ended, ...begun].map((row) => row.id);
}

/**
 * Takes a track that nobody proposed into the room, to be played at once. Answers its id; null when it
 * waits or plays there already.
 */
export async function addFallbackTrack(
  db: Queryable,
  roomId: number,
  trackId: number,
  now: Date,
): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO room_tracks (room_id, track_id, is_fallback, proposed_at, promoted_at, state)
     VALUES ($1, $2, true, $3, $3, 'promoted')
     ON CONFLICT (room_id, track_id) WHERE state IN ('proposed', 'promoted', 'playing') DO NOTHING RETURNING id`,
    [roomId, trackId, now],
  );
  return rows[0]?.id ?? null;
}

/** Has the worker look at a room at that moment, never later than it would have. */
export async function wakeRoom(db: Queryable, roomId: number, at: Date): Promise<void> {
  await db.query(
    'UPDATE rooms SET next_follow_at = least(next_follow_at, $2) WHERE id = $1 AND ended_at IS NULL',
    [roomId, at],
  );
}

/** When the worker looks at a room again; ends its lease. Null: when something happens. */
export async function planRoom(db: Queryable, roomId: number, at: Date | null): Promise<void> {
  await db.query(
    'UPDATE rooms SET next_follow_at = $2, follow_lease_until = NULL WHERE id = $1 AND ended_at IS NULL',
    [roomId, at],
  );
}

/**
 * Takes on rooms at which it is time to look, each for whoever asked until the lease ends: a worker that
 * dies loses nothing.
 */
export async function claimDueRooms(
  db: Database,
  now: Date,
  options: { readonly limit: number; readonly leaseMs: number },
): Promise<number[]> {
  const { rows } = await db.pool.query<{ id: number }>(
    `UPDATE rooms SET follow_lease_until = $2
      WHERE id IN (SELECT id FROM rooms
                    WHERE next_follow_at <= $1 AND ended_at IS NULL
                      AND (follow_lease_until IS NULL OR follow_lease_until <= $1)
                    ORDER BY next_follow_at LIMIT $3 FOR UPDATE SKIP LOCKED)
      RETURNING id`,
    [now, new Date(now.getTime() + options.leaseMs), options.limit],
  );
  return rows.map((row) => row.id);
}

/** Open rooms of a host, to be told of what their player does. */
export async function openRoomsOfHost(db: Queryable, hostId: number): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    'SELECT id FROM rooms WHERE host_id = $1 AND ended_at IS NULL ORDER BY id',
    [hostId],
  );
  return rows.map((row) => row.id);
}
