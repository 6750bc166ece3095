import type { RoomPlaybackState } from '@spindle/contracts';
import type { Database, Queryable, Transaction } from '../client.ts';
import type { NowPlayingKind } from '../generated/enums.ts';

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
  /**
   * What was handed over to Spotify to come next, or is being told to play. While there are `failures`, the
   * call that did it was not answered: nobody knows whether it is there.
   */
  readonly handed: RoomTrackRef | null;
  /** When the player was last told anything: what was read of it before shows how it was before. */
  readonly toldAt: Date | null;
  readonly startedAt: Date | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
  /** Of the host's own choice, while they play that. */
  readonly foreignTrackId: number | null;
  /** Calls in a row that were not answered as they should. */
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
  foreign_track_id: number | null;
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
            r.handed_at, r.started_at, r.progress_ms, r.duration_ms, r.foreign_track_id, r.failures,
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
        toldAt: row.handed_at,
        startedAt: row.started_at,
        progressMs: row.progress_ms,
        durationMs: row.duration_ms,
        foreignTrackId: row.foreign_track_id,
        failures: row.failures,
      }
    : null;
}

/** What became known of the playback; what is left out stays as it was. */
export interface PlaybackChange {
  readonly isOn?: boolean;
  readonly state?: RoomPlaybackState;
  readonly message?: string | null;
  /** Without an id where a reading told its name alone. */
  readonly device?: { readonly id: string | null; readonly name: string } | null;
  readonly handedId?: number | null;
  readonly toldAt?: Date | null;
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
  toldAt: 'handed_at',
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
 * room's plays any more. What was taken back when Spotify had it already plays all the same. Answers the
 * tracks that changed.
 */
export async function notePlaying(
  tx: Transaction,
  roomId: number,
  roomTrackId: number | null,
  before: PlayEnd,
  now: Date,
): Promise<number[]> {
  // In one order, as whoever counts votes takes them.
  await tx.query(
    `SELECT 1 FROM room_tracks WHERE room_id = $1 AND (state = 'playing' OR id = $2) ORDER BY id FOR NO KEY UPDATE`,
    [roomId, roomTrackId],
  );
  const { rows: ended } = await tx.query<{ id: number }>(
    `UPDATE room_tracks SET state = $3::room_track_state, ended_at = $4, rev = rev + 1
      WHERE room_id = $1 AND state = 'playing' AND id IS DISTINCT FROM $2 RETURNING id`,
    [roomId, roomTrackId, before, now],
  );
  const { rows: begun } = await tx.query<{ id: number }>(
    `UPDATE room_tracks SET state = 'playing', played_at = coalesce(played_at, $3), promoted_at = coalesce(promoted_at, $3),
                            ended_at = NULL, rev = rev + 1
      WHERE room_id = $1 AND id = $2 AND state IN ('proposed', 'promoted', 'removed') RETURNING id`,
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

/** A look that was begun. */
export interface RoomLook {
  /** When the room was to be looked at; null: nothing was planned. */
  readonly plannedAt: Date | null;
  /** Should whoever looks be killed, the room is looked at again then. */
  readonly againAt: Date;
}

/** Begins a look at a room, so that whoever wakes it from now on has it looked at once more. Null: it is over. */
export async function beginLook(db: Queryable, roomId: number, againAt: Date): Promise<RoomLook | null> {
  const { rows } = await db.query<{ planned_at: Date | null }>(
    `UPDATE rooms r SET next_follow_at = $2 FROM (SELECT id, next_follow_at FROM rooms WHERE id = $1 FOR UPDATE) o
      WHERE r.id = o.id AND r.ended_at IS NULL RETURNING o.next_follow_at AS planned_at`,
    [roomId, againAt],
  );
  return rows[0] ? { plannedAt: rows[0].planned_at, againAt } : null;
}

/**
 * When the worker looks at a room again; ends its lease. Null: when something happens. Whoever woke the room
 * since the look began is not forgotten.
 */
export async function planRoom(
  db: Queryable,
  roomId: number,
  at: Date | null,
  look: Pick<RoomLook, 'againAt'>,
): Promise<void> {
  await db.query(
    `UPDATE rooms SET next_follow_at = CASE WHEN next_follow_at = $3 THEN $2 ELSE least(next_follow_at, $2) END,
                      follow_lease_until = NULL
      WHERE id = $1 AND ended_at IS NULL`,
    [roomId, at, look.againAt],
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

/**
 * Notes that the player is being told to play a track of the room, or to play it next, before it is told:
 * whoever finds the note later knows that the answer never came. Answers false when it does not wait any
 * more.
 */
export async function noteTelling(
  db: Queryable,
  roomId: number,
  roomTrackId: number,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE rooms r SET handed_id = $2, handed_at = $3, failures = failures + 1, playback_rev = playback_rev + 1
      WHERE id = $1 AND ended_at IS NULL
        AND EXISTS (SELECT 1 FROM room_tracks t WHERE t.id = $2 AND t.room_id = $1
                       AND (t.state IN ('proposed', 'promoted') OR t.id = r.handed_id OR t.id = r.current_id))`,
    [roomId, roomTrackId, now],
  );
  return rowCount === 1;
}

/** A host has one player: the room that it plays for from now on. */
export async function takePlayer(db: Queryable, roomId: number): Promise<void> {
  await db.query(
    `UPDATE rooms SET is_on = false, playback_rev = playback_rev + 1
      WHERE is_on AND id <> $1 AND host_id = (SELECT host_id FROM rooms WHERE id = $1)`,
    [roomId],
  );
}

/** What the last reading of a host's player says, as far as a room wants to know. */
export interface HostReading {
  readonly observedAt: Date;
  readonly kind: NowPlayingKind;
  readonly isPlaying: boolean;
  readonly isPrivate: boolean;
  readonly trackId: number | null;
  /** The track of the room that it is; null: none. */
  readonly roomTrackId: number | null;
  readonly progressMs: number | null;
  readonly durationMs: number | null;
  /** It comes from a playlist, an album or the like, rather than from a single request or autoplay. */
  readonly hasContext: boolean;
  /** Null: no device is active. */
  readonly deviceName: string | null;
}

/** How the player of a room's host was found last; null before the first reading. */
export async function hostReading(db: Queryable, roomId: number): Promise<HostReading | null> {
  const { rows } = await db.query<{
    observed_at: Date | null;
    kind: NowPlayingKind;
    is_playing: boolean;
    is_private: boolean;
    track_id: number | null;
    room_track_id: number | null;
    progress_ms: number | null;
    duration_ms: number | null;
    context_uri: string | null;
    device_name: string | null;
  }>(
    // Spotify may play another release of what it was told to play.
    `SELECT n.observed_at, n.kind, n.is_playing, n.is_private, n.track_id, n.progress_ms,
            n.duration_ms, n.context_uri, n.device_name,
            (SELECT x.id FROM room_tracks x JOIN tracks a ON a.id = x.track_id JOIN tracks b ON b.id = n.track_id
              WHERE x.room_id = r.id AND (x.state IN ('proposed', 'promoted', 'playing') OR x.id = r.handed_id)
                AND (a.id = b.id
                     OR x.id IN (r.current_id, r.handed_id) AND a.name_key = b.name_key AND a.artist_key = b.artist_key
                        AND abs(a.duration_ms - b.duration_ms) < 3000)
              ORDER BY a.id = b.id DESC, x.id = r.current_id DESC NULLS LAST, x.state = 'removed', x.id LIMIT 1) AS room_track_id
       FROM rooms r LEFT JOIN now_playing n ON n.user_id = r.host_id
      WHERE r.id = $1`,
    [roomId],
  );
  const [row] = rows;
  if (!row?.observed_at) return null;
  return {
    observedAt: row.observed_at,
    kind: row.kind,
    isPlaying: row.is_playing,
    isPrivate: row.is_private,
    trackId: row.track_id,
    roomTrackId: row.room_track_id,
    progressMs: row.progress_ms,
    durationMs: row.duration_ms,
    hasContext: row.context_uri !== null,
    deviceName: row.device_name,
  };
}

/** The device on which a listener heard something last, by its name. */
export async function lastDeviceName(db: Queryable, userId: number): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT d.name FROM plays p JOIN play_devices d ON d.id = p.device_id
      WHERE p.user_id = $1 ORDER BY p.played_at DESC LIMIT 1`,
    [userId],
  );
  return rows[0]?.name ?? null;
}

/**
 * Works with a room's player while nobody else does. When somebody does: with `wait`, waits for them (up to
 * 15 s); otherwise answers null at once. Lets go by itself when the process dies.
 */
export async function withRoomPlayer<T>(
  db: Database,
  roomId: number,
  options: { readonly wait: boolean },
  work: () => Promise<T>,
): Promise<T | null> {
  return db.transaction(async (tx) => {
    const key = ['room-player', roomId];
    if (options.wait) {
      await tx.query("SET LOCAL lock_timeout = '15s'");
      await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), $2)', key);
    } else {
      const { rows } = await tx.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_xact_lock(hashtext($1), $2) AS taken',
        key,
      );
      if (!rows[0]?.taken) return null;
    }
    return work();
  });
}
