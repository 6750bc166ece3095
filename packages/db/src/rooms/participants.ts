import { createHash, randomBytes } from 'node:crypto';
import type { Database, Queryable } from '../client.ts';
import { isUniqueViolation } from '../unique-violation.ts';

/** Tokens of guests start with this. */
export const GUEST_TOKEN_PREFIX = 'spg_';

export interface Participant {
  readonly id: number;
  readonly roomId: number;
  /** Null: a guest by nickname. */
  readonly userId: number | null;
  readonly displayName: string;
  readonly joinedAt: Date;
  readonly leftAt: Date | null;
  readonly bannedAt: Date | null;
}

interface ParticipantRow {
  id: number;
  room_id: number;
  user_id: number | null;
  display_name: string;
  joined_at: Date;
  left_at: Date | null;
  banned_at: Date | null;
}

const COLUMNS = 'id, room_id, user_id, display_name, joined_at, left_at, banned_at';

const toParticipant = (row: ParticipantRow): Participant => ({
  id: row.id,
  roomId: row.room_id,
  userId: row.user_id,
  displayName: row.display_name,
  joinedAt: row.joined_at,
  leftAt: row.left_at,
  bannedAt: row.banned_at,
});

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Joined at most at the same time; a party that is larger is two. */
export const MOST_PARTICIPANTS = 5_000;

export type JoinOutcome =
  | { readonly ok: true; readonly participant: Participant; readonly token: string | null }
  | { readonly ok: false; readonly reason: 'banned' | 'name-taken' | 'full' };

/** Whoever is signed in joins, or comes back, under the name they have here. */
export async function joinAsListener(
  db: Database,
  roomId: number,
  userId: number,
  displayName: string,
  now: Date,
): Promise<JoinOutcome> {
  for (const name of [displayName, `${displayName} ${randomBytes(2).toString('hex')}`]) {
    try {
      const { rows } = await db.pool.query<ParticipantRow>(
        `INSERT INTO room_participants AS p (room_id, user_id, display_name, joined_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (room_id, user_id) DO UPDATE SET left_at = NULL, display_name = excluded.display_name
          WHERE p.banned_at IS NULL
         RETURNING ${COLUMNS}`,
        [roomId, userId, name, now],
      );
      return rows[0]
        ? { ok: true, participant: toParticipant(rows[0]), token: null }
        : { ok: false, reason: 'banned' };
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }
  return { ok: false, reason: 'name-taken' };
}

/** A guest joins by a nickname, and gets a token that is worth nothing elsewhere. */
export async function joinAsGuest(
  db: Database,
  roomId: number,
  nickname: string,
  now: Date,
): Promise<JoinOutcome> {
  const token = GUEST_TOKEN_PREFIX + randomBytes(24).toString('base64url');
  try {
    const { rows } = await db.pool.query<ParticipantRow>(
      `INSERT INTO room_participants (room_id, display_name, token_hash, joined_at)
       SELECT $1, $2, $3, $4
        WHERE (SELECT count(*) FROM room_participants WHERE room_id = $1 AND left_at IS NULL) < $5
       RETURNING ${COLUMNS}`,
      [roomId, nickname, hashOf(token), now, MOST_PARTICIPANTS],
    );
    return rows[0] ? { ok: true, participant: toParticipant(rows[0]), token } : { ok: false, reason: 'full' };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return { ok: false, reason: 'name-taken' };
  }
}

/** Whose token it is; null for none of this room. */
export async function participantByToken(
  db: Queryable,
  roomId: number,
  token: string,
): Promise<Participant | null> {
  const { rows } = await db.query<ParticipantRow>(
    `SELECT ${COLUMNS} FROM room_participants WHERE token_hash = $2 AND room_id = $1`,
    [roomId, hashOf(token)],
  );
  return rows[0] ? toParticipant(rows[0]) : null;
}

export async function participantOfUser(
  db: Queryable,
  roomId: number,
  userId: number,
): Promise<Participant | null> {
  const { rows } = await db.query<ParticipantRow>(
    `SELECT ${COLUMNS} FROM room_participants WHERE room_id = $1 AND user_id = $2`,
    [roomId, userId],
  );
  return rows[0] ? toParticipant(rows[0]) : null;
}

/** A guest who had left comes back. Answers false when somebody has their name by now. */
export async function comeBack(db: Queryable, participantId: number): Promise<boolean> {
  try {
    await db.query('UPDATE room_participants SET left_at = NULL WHERE id = $1 AND banned_at IS NULL', [
      participantId,
    ]);
    return true;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return false;
  }
}

/** Who leaves keeps their votes and proposals. */
export async function leaveRoom(db: Queryable, participantId: number, now: Date): Promise<void> {
  await db.query('UPDATE room_participants SET left_at = $2 WHERE id = $1 AND left_at IS NULL', [
    participantId,
    now,
  ]);
}

/**
 * Bans somebody: they are out, their votes count no more, and what they proposed and still waits goes.
 * Answers the tracks whose votes are to be counted anew.
 */
export async function banParticipant(db: Database, participantId: number, now: Date): Promise<number[]> {
  return db.transaction(async (tx) => {
    // Whoever votes at this moment holds the row for share: their vote is there afterwards, and goes.
    await tx.query('SELECT 1 FROM room_participants WHERE id = $1 FOR UPDATE', [participantId]);
    await tx.query(
      'UPDATE room_participants SET banned_at = $2, left_at = coalesce(left_at, $2) WHERE id = $1',
      [participantId, now],
    );
    // In one order, as whoever counts votes takes them.
    await tx.query(
      `SELECT 1 FROM room_tracks WHERE proposed_by_id = $1 AND state IN ('proposed', 'promoted') ORDER BY id
          FOR NO KEY UPDATE`,
      [participantId],
    );
    const { rows: removed } = await tx.query<{ id: number }>(
      `UPDATE room_tracks SET state = 'removed', ended_at = $2, rev = rev + 1
        WHERE proposed_by_id = $1 AND state IN ('proposed', 'promoted') RETURNING id`,
      [participantId, now],
    );
    const { rows: votes } = await tx.query<{ id: number }>(
      'DELETE FROM votes WHERE participant_id = $1 RETURNING room_track_id AS id',
      [participantId],
    );
    await tx.query('DELETE FROM skip_votes WHERE participant_id = $1', [participantId]);
    return [...new Set([...removed, ...votes].map((row) => row.id))];
  });
}

/** Everybody who has joined and not left, in the order of their coming. */
export async function listParticipants(db: Queryable, roomId: number): Promise<Participant[]> {
  const { rows } = await db.query<ParticipantRow>(
    `SELECT ${COLUMNS} FROM room_participants WHERE room_id = $1 AND left_at IS NULL ORDER BY id`,
    [roomId],
  );
  return rows.map(toParticipant);
}

/** These participants, whether or not they are there still. */
export async function loadParticipants(db: Queryable, ids: readonly number[]): Promise<Participant[]> {
  const { rows } = await db.query<ParticipantRow>(
    `SELECT ${COLUMNS} FROM room_participants WHERE id = ANY($1::int[]) ORDER BY id`,
    [ids],
  );
  return rows.map(toParticipant);
}

export async function countParticipants(db: Queryable, roomId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM room_participants WHERE room_id = $1 AND left_at IS NULL',
    [roomId],
  );
  return rows[0]?.count ?? 0;
}

/** Open rooms that a listener is in. */
export async function openParticipations(
  db: Queryable,
  userId: number,
): Promise<{ readonly id: number; readonly code: string; readonly participantId: number }[]> {
  const { rows } = await db.query<{ id: number; code: string; participantId: number }>(
    `SELECT r.id, r.code, p.id AS "participantId"
       FROM room_participants p JOIN rooms r ON r.id = p.room_id AND r.ended_at IS NULL
      WHERE p.user_id = $1 AND p.left_at IS NULL ORDER BY r.id`,
    [userId],
  );
  return rows;
}
