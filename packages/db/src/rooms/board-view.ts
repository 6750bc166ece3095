import type { RoomTrackCounts } from '@spindle/contracts';
import { turnsOf } from '@spindle/rooms';
import type { Queryable } from '../client.ts';
import type { RoomTrackState } from '../generated/enums.ts';

/** What is counted of a track. */
export interface CountedTrack {
  readonly id: number;
  readonly state: RoomTrackState;
  readonly likes: number;
  readonly dislikes: number;
}

interface CountRow extends CountedTrack {
  readonly rev: number;
  readonly proposerId: number | null;
  readonly proposedAt: Date;
  readonly promotedAt: Date | null;
  readonly playedAt: Date | null;
  /** Tracks of the same guest that the room has played or plays. */
  readonly before: number;
}

const waits = (row: CountRow): boolean => row.state === 'proposed' || row.state === 'promoted';

/** The counts of tracks, and of what else waits of the same guests: their turns follow from one another. */
export async function roomTrackCounts(
  db: Queryable,
  roomId: number,
  ids: readonly number[],
): Promise<{ readonly tracks: Map<number, CountedTrack>; readonly counts: RoomTrackCounts[] }> {
  if (ids.length === 0) return { tracks: new Map(), counts: [] };
  // One prepared question: it is asked some twenty times a second in each room in which people vote.
  const { rows } = await db.query<CountRow>({
    name: 'room-track-counts',
    text: `SELECT t.id, t.state, t.likes, t.dislikes, t.rev, t.proposed_by_id AS "proposerId",
                  t.proposed_at AS "proposedAt", t.promoted_at AS "promotedAt", t.played_at AS "playedAt",
                  coalesce(p.before, 0)::int AS before
             FROM room_tracks t
             LEFT JOIN (SELECT proposed_by_id, count(*) AS before FROM room_tracks
                         WHERE room_id = $1 AND played_at IS NOT NULL GROUP BY proposed_by_id) p
               ON p.proposed_by_id = t.proposed_by_id
            WHERE t.room_id = $1 AND (t.state IN ('proposed', 'promoted') OR t.id = ANY($2::int[]))`,
    values: [roomId, ids],
  });
  const turns = turnsOf(
    rows.filter(waits).map((row) => ({ ...row, proposedAtMs: row.proposedAt.getTime() })),
    new Map(rows.flatMap((row) => (row.proposerId === null ? [] : [[row.proposerId, row.before] as const]))),
  );
  const wanted = new Set(ids);
  const changed = rows.filter((row) => wanted.has(row.id));
  const guests = new Set(changed.map((row) => row.proposerId));
  const siblings = rows.filter(
    (row) => !wanted.has(row.id) && row.proposerId !== null && guests.has(row.proposerId),
  );
  return {
    tracks: new Map(changed.map((row) => [row.id, row])),
    counts: [...changed, ...siblings].map((row) => ({
      id: String(row.id),
      state: row.state,
      likes: row.likes,
      dislikes: row.dislikes,
      turn: Math.min(turns.get(row.id) ?? 0, 1_000_000),
      promotedAt: row.promotedAt?.toISOString() ?? null,
      playedAt: row.playedAt?.toISOString() ?? null,
      rev: row.rev,
    })),
  };
}

/**
 * Tracks of these rooms beside which another number stands than there are votes, by room: some process died
 * between storing a vote and counting it, or is about to count.
 */
export async function uncountedTracks(
  db: Queryable,
  roomIds: readonly number[],
): Promise<Map<number, number[]>> {
  const { rows } = await db.query<{ id: number; room_id: number }>(
    `SELECT t.id, t.room_id
       FROM room_tracks t JOIN rooms r ON r.id = t.room_id AND r.ended_at IS NULL
      CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE v.is_like) AS likes,
                                 count(*) FILTER (WHERE NOT v.is_like) AS dislikes
                            FROM votes v WHERE v.room_track_id = t.id) c
      WHERE t.room_id = ANY($1::int[]) AND t.state IN ('proposed', 'promoted', 'playing')
        AND (t.likes <> c.likes OR t.dislikes <> c.dislikes)`,
    [roomIds],
  );
  const byRoom = new Map<number, number[]>();
  for (const { id, room_id: roomId } of rows) byRoom.set(roomId, [...(byRoom.get(roomId) ?? []), id]);
  return byRoom;
}
