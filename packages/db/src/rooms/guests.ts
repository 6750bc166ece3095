import { createHash } from 'node:crypto';
import type { Queryable, Transaction } from '../client.ts';
import { isUniqueViolation } from '../unique-violation.ts';
import { GUEST_TOKEN_PREFIX } from './participants.ts';
import { loadRoom, type Room } from './room.ts';

/** Whether one of these is the token of a guest whom some open room would let in. */
export async function isGuestSomewhere(db: Queryable, tokens: readonly string[]): Promise<boolean> {
  const hashes = tokens
    .filter((token) => token.startsWith(GUEST_TOKEN_PREFIX))
    .map((token) => createHash('sha256').update(token).digest());
  if (hashes.length === 0) return false;
  const { rowCount } = await db.query(
    `SELECT 1 FROM room_participants p JOIN rooms r ON r.id = p.room_id AND r.ended_at IS NULL
      WHERE p.token_hash = ANY($1::bytea[]) AND p.banned_at IS NULL LIMIT 1`,
    [hashes],
  );
  return rowCount === 1;
}

/**
 * The name by which a listener goes among guests. Null where the only name that is known is the id of
 * their account, or looks like an e-mail: those are nobody's business.
 */
export async function partyName(db: Queryable, userId: number): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT display_name AS name FROM users
      WHERE id = $1 AND display_name IS DISTINCT FROM spotify_id AND display_name IS DISTINCT FROM account_id
        AND display_name !~ '@'`,
    [userId],
  );
  return rows[0]?.name ?? null;
}

/** A guest who had left comes back under this name. Answers false when somebody has it by now. */
export async function comeBackAs(db: Queryable, participantId: number, name: string): Promise<boolean> {
  try {
    await db.query(
      'UPDATE room_participants SET left_at = NULL, display_name = $2 WHERE id = $1 AND banned_at IS NULL',
      [participantId, name],
    );
    return true;
  } catch (error) {
    if (isUniqueViolation(error)) return false;
    throw error;
  }
}

/** Holds a room as it is until the transaction ends. Null when there is none. */
export async function lockRoom(tx: Transaction, roomId: number): Promise<Room | null> {
  await tx.query('SELECT 1 FROM rooms WHERE id = $1 FOR UPDATE', [roomId]);
  return loadRoom(tx, roomId);
}
