import { randomInt } from 'node:crypto';
import {
  ROOM_CODE_ALPHABET,
  ROOM_CODE_LENGTH,
  ROOM_DEFAULTS,
  type RoomSettings,
  roomFallbackSchema,
  roomSettingsSchema,
} from '@spindle/contracts';
import type { Database, Queryable, Transaction } from '../client.ts';

/** A room, as its rules and doors need it. */
export interface Room {
  readonly id: number;
  readonly code: string;
  readonly hostId: number;
  readonly settings: RoomSettings;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly rev: number;
}

interface RoomRow {
  id: number;
  code: string;
  name: string;
  host_id: number;
  mode: RoomSettings['mode'];
  like_threshold: number;
  settings: Record<string, unknown>;
  created_at: Date;
  ended_at: Date | null;
  rev: number;
}

const COLUMNS = 'id, code, name, host_id, mode, like_threshold, settings, created_at, ended_at, rev';

function toRoom(row: RoomRow): Room {
  const { name, mode, like_threshold: likeThreshold } = row;
  const fallback = roomFallbackSchema.safeParse(row.settings.fallback).data ?? ROOM_DEFAULTS.fallback;
  return {
    id: row.id,
    code: row.code,
    hostId: row.host_id,
    // A setting that an older version did not have is as it is by default.
    settings: roomSettingsSchema.parse({
      ...ROOM_DEFAULTS,
      ...row.settings,
      fallback,
      name,
      mode,
      likeThreshold,
    }),
    createdAt: row.created_at,
    endedAt: row.ended_at,
    rev: row.rev,
  };
}

/** 29^6 codes, some 600 million: with limits on wrong ones they are not found by trying. */
const newCode = (): string =>
  Array.from(
    { length: ROOM_CODE_LENGTH },
    () => ROOM_CODE_ALPHABET[randomInt(ROOM_CODE_ALPHABET.length)],
  ).join('');

const columnsOf = ({ name, mode, likeThreshold, ...settings }: RoomSettings) => ({
  name,
  mode,
  likeThreshold,
  settings: JSON.stringify(settings),
});

/** Opens a room; its host is its first participant. */
export async function createRoom(
  db: Database,
  hostId: number,
  settings: RoomSettings,
  now: Date,
): Promise<Room> {
  const columns = columnsOf(settings);
  return db.transaction(async (tx) => {
    for (;;) {
      const { rows } = await tx.query<RoomRow>(
        `INSERT INTO rooms (code, name, host_id, mode, like_threshold, settings, created_at)
         VALUES ($1, $2, $3, $4::room_mode, $5, $6, $7) ON CONFLICT (code) DO NOTHING RETURNING ${COLUMNS}`,
        [newCode(), columns.name, hostId, columns.mode, columns.likeThreshold, columns.settings, now],
      );
      const [row] = rows;
      if (!row) continue;
      await tx.query(
        `INSERT INTO room_participants (room_id, user_id, display_name, joined_at)
         SELECT $1, id, display_name, $3 FROM users WHERE id = $2`,
        [row.id, hostId, now],
      );
      return toRoom(row);
    }
  });
}

/** Null when there is no room of this code. */
export async function findRoom(db: Queryable, code: string): Promise<Room | null> {
  const { rows } = await db.query<RoomRow>(`SELECT ${COLUMNS} FROM rooms WHERE code = $1`, [code]);
  return rows[0] ? toRoom(rows[0]) : null;
}

export async function loadRoom(db: Queryable, roomId: number): Promise<Room | null> {
  const { rows } = await db.query<RoomRow>(`SELECT ${COLUMNS} FROM rooms WHERE id = $1`, [roomId]);
  return rows[0] ? toRoom(rows[0]) : null;
}

/** The open room that a listener hosts, the newest of several. */
export async function hostedRoom(db: Queryable, hostId: number): Promise<Room | null> {
  const { rows } = await db.query<RoomRow>(
    `SELECT ${COLUMNS} FROM rooms WHERE host_id = $1 AND ended_at IS NULL ORDER BY id DESC LIMIT 1`,
    [hostId],
  );
  return rows[0] ? toRoom(rows[0]) : null;
}

/** Changes what the host decides. A lower threshold promotes what reaches it, see `settleVotes`. */
export async function changeRoomSettings(
  db: Queryable,
  roomId: number,
  settings: RoomSettings,
): Promise<void> {
  const columns = columnsOf(settings);
  await db.query(
    `UPDATE rooms SET name = $2, mode = $3::room_mode, like_threshold = $4, settings = $5, rev = rev + 1 WHERE id = $1`,
    [roomId, columns.name, columns.mode, columns.likeThreshold, columns.settings],
  );
}

/** Makes somebody else the host. Answers false when they are not in the room as a listener. */
export async function handOver(tx: Transaction, roomId: number, participantId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE rooms r SET host_id = p.user_id, rev = rev + 1, playback_rev = playback_rev + 1, device_id = NULL,
                        device_name = NULL, handed_id = NULL, current_id = NULL, foreign_track_id = NULL, failures = 0,
                        started_at = NULL, progress_ms = NULL, duration_ms = NULL, is_on = false,
                        playback_state = 'idle', playback_message = NULL
       FROM room_participants p
      WHERE r.id = $1 AND r.ended_at IS NULL AND p.id = $2 AND p.room_id = r.id AND p.user_id IS NOT NULL
        AND p.left_at IS NULL AND p.banned_at IS NULL`,
    [roomId, participantId],
  );
  // On the player of the host before it may go on; it is no longer the room's.
  if (rowCount === 1) await endPlaying(tx, roomId, null);
  return rowCount === 1;
}

/** What plays in a room has been played as far as it goes. */
async function endPlaying(db: Queryable, roomId: number, endedAt: Date | null): Promise<void> {
  await db.query(
    `UPDATE room_tracks SET state = 'played', ended_at = $2, rev = rev + 1
      WHERE room_id = $1 AND state = 'playing'`,
    [roomId, endedAt],
  );
}

/** Ends a room. Answers false when it had ended before. */
export async function endRoom(db: Queryable, roomId: number, now: Date): Promise<boolean> {
  await endPlaying(db, roomId, now);
  const { rowCount } = await db.query(
    `UPDATE rooms SET ended_at = $2, is_on = false, next_follow_at = NULL, rev = rev + 1, playback_rev = playback_rev + 1,
                      playback_state = 'idle', playback_message = NULL
      WHERE id = $1 AND ended_at IS NULL`,
    [roomId, now],
  );
  return rowCount === 1;
}

/** Rooms that nobody has done anything in since `before` are over. Answers their ids. */
export async function endStaleRooms(db: Queryable, before: Date, now: Date): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `UPDATE rooms r SET ended_at = $2, is_on = false, next_follow_at = NULL, rev = rev + 1,
                        playback_rev = playback_rev + 1, playback_state = 'idle', playback_message = NULL
      WHERE ended_at IS NULL AND created_at < $1
        AND NOT EXISTS (SELECT 1 FROM room_participants p WHERE p.room_id = r.id AND p.joined_at >= $1)
        AND NOT EXISTS (SELECT 1 FROM room_tracks t WHERE t.room_id = r.id AND (t.proposed_at >= $1 OR t.played_at >= $1))
      RETURNING id`,
    [before, now],
  );
  return rows.map((row) => row.id);
}

export interface RoomListItem {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly isHost: boolean;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
  readonly guests: number;
  readonly played: number;
}

/** Rooms that a listener hosts or was in, newest first; those before the id `before`, if that is given. */
export async function listRooms(
  db: Queryable,
  userId: number,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<{ readonly items: RoomListItem[]; readonly next: number | null }> {
  const { rows } = await db.query<RoomRow & { guests: number; played: number }>(
    `SELECT r.id, r.code, r.name, r.host_id, r.created_at, r.ended_at,
            (SELECT count(*)::int FROM room_participants g WHERE g.room_id = r.id) AS guests,
            (SELECT count(*)::int FROM room_tracks t WHERE t.room_id = r.id AND t.played_at IS NOT NULL) AS played
       FROM rooms r
      WHERE (r.host_id = $1 OR EXISTS (SELECT 1 FROM room_participants p WHERE p.room_id = r.id AND p.user_id = $1 AND p.banned_at IS NULL))
        AND ($2::int IS NULL OR r.id < $2)
      ORDER BY r.id DESC LIMIT $3`,
    [userId, page.before ?? null, page.limit + 1],
  );
  const items = rows.slice(0, page.limit).map((row) => ({
    id: row.id,
    code: row.code,
    name: row.name,
    isHost: row.host_id === userId,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    guests: row.guests,
    played: row.played,
  }));
  return { items, next: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}
