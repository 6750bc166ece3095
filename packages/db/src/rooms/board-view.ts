import type { RoomTrackCounts } from '@spindle/contracts';
import { turnsOf } from '@spindle/rooms';
import type { Queryable } from '../client.ts';
import { playedBy, type RoomTrack, roomTracks, waitingTracks } from './room-view.ts';

/** The counts of tracks, and of what else waits of the same guests: their turns follow from one another. */
export async function roomTrackCounts(
  db: Queryable,
  roomId: number,
  ids: readonly number[],
): Promise<{ readonly tracks: Map<number, RoomTrack>; readonly counts: RoomTrackCounts[] }> {
  if (ids.length === 0) return { tracks: new Map(), counts: [] };
  const waiting = await waitingTracks(db, roomId);
  const wanted = new Set(ids);
  const known = new Set(waiting.map((track) => track.id));
  const others = ids.filter((id) => !known.has(id));
  const [played, rest] = await Promise.all([
    playedBy(db, roomId),
    others.length > 0 ? roomTracks(db, others) : [],
  ]);
  const turns = turnsOf(waiting, played);
  const changed = [...waiting.filter((track) => wanted.has(track.id)), ...rest];
  const guests = new Set(changed.flatMap((track) => (track.proposerId === null ? [] : [track.proposerId])));
  const siblings = waiting.filter(
    (track) => !wanted.has(track.id) && track.proposerId !== null && guests.has(track.proposerId),
  );
  return {
    tracks: new Map(changed.map((track) => [track.id, track])),
    counts: [...changed, ...siblings].map((track) => ({
      id: String(track.id),
      state: track.state,
      likes: track.likes,
      dislikes: track.dislikes,
      turn: Math.min(turns.get(track.id) ?? 0, 1_000_000),
      promotedAt: track.promotedAt?.toISOString() ?? null,
      playedAt: track.playedAt?.toISOString() ?? null,
      rev: track.rev,
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
