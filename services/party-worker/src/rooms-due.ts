import { claimDueRooms, endStaleRooms, loadRoom, roomPlaybackView } from '@spindle/db';
import { type Processor, roomAudience } from '@spindle/queues';
import type { PartyContext } from './context.ts';

/** Rooms that one tick takes on; the next tick takes the rest. */
const BATCH = 200;
/** A look that nobody began is due again after this long. */
const LEASE_MS = 20_000;
/** A room in which nothing happens for so long is over. */
const STALE_MS = 12 * 3_600_000;

/**
 * The recurring tick: finds the rooms at which it is time to look, and ends those that were left. The times
 * live in PostgreSQL, so that neither a lost job nor a lost Redis loses a room.
 */
export const roomsDue: Processor<PartyContext, 'party', 'rooms-due'> = async (context, _payload, job) => {
  const { db, clock, producer } = context;
  const now = clock.now();
  const rooms = await claimDueRooms(db, now, { limit: BATCH, leaseMs: LEASE_MS });
  await Promise.all(
    rooms.map((roomId) =>
      producer.add('party', 'follow-room', { roomId }, { requestId: `${job.requestId}.${roomId}` }),
    ),
  );
  const ended = await endStaleRooms(db.pool, new Date(now.getTime() - STALE_MS), now);
  for (const roomId of ended) await tellEnd(context, roomId);
  return { rooms: rooms.length, ended: ended.length };
};

async function tellEnd({ db, live }: PartyContext, roomId: number): Promise<void> {
  const [room, playback] = await Promise.all([loadRoom(db.pool, roomId), roomPlaybackView(db.pool, roomId)]);
  if (room && playback) await live.publish('room', [roomAudience(room.code)], { code: room.code, playback });
}
