import { createHash } from 'node:crypto';
import type { Queryable } from '../client.ts';
import type { Participant } from './participants.ts';

/** What is known of somebody at the door of a room. */
export interface AtDoor {
  readonly roomId: number;
  /** As of now; the rest of the room changes with its `rev`. */
  readonly rev: number;
  readonly hostId: number;
  readonly endedAt: Date | null;
  /** Whose token was shown. */
  readonly byToken: Participant | null;
  readonly byUser: Participant | null;
}

interface Row extends Participant {
  readonly doorRoomId: number;
  readonly rev: number;
  readonly hostId: number;
  readonly endedAt: Date | null;
  readonly byToken: boolean | null;
}

/** A room by its code, and who shows a token or is signed in, in one question. Null: there is no such room. */
export async function atDoor(
  db: Queryable,
  code: string,
  shown: { readonly token?: string | undefined; readonly userId?: number | undefined },
): Promise<AtDoor | null> {
  const hash = shown.token === undefined ? null : createHash('sha256').update(shown.token).digest();
  const { rows } = await db.query<Row>({
    name: 'at-door',
    text: `SELECT r.id AS "doorRoomId", r.rev, r.host_id AS "hostId", r.ended_at AS "endedAt",
                  p.id, p.room_id AS "roomId", p.user_id AS "userId", p.display_name AS "displayName",
                  p.joined_at AS "joinedAt", p.left_at AS "leftAt", p.banned_at AS "bannedAt",
                  p.token_hash = $2 AS "byToken"
             FROM rooms r
             LEFT JOIN room_participants p ON p.room_id = r.id AND (p.token_hash = $2 OR p.user_id = $3)
            WHERE r.code = $1`,
    values: [code, hash, shown.userId ?? null],
  });
  const [room] = rows;
  if (!room) return null;
  const find = (isWanted: (row: Row) => boolean): Participant | null => {
    const row = rows.find((one) => one.id !== null && isWanted(one));
    if (!row) return null;
    const { id, roomId, userId, displayName, joinedAt, leftAt, bannedAt } = row;
    return { id, roomId, userId, displayName, joinedAt, leftAt, bannedAt };
  };
  return {
    roomId: room.doorRoomId,
    rev: room.rev,
    hostId: room.hostId,
    endedAt: room.endedAt,
    byToken: find((row) => row.byToken === true),
    byUser: shown.userId === undefined ? null : find((row) => row.userId === shown.userId),
  };
}
