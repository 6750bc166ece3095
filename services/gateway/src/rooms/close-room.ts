import { endRoom, type Room } from '@spindle/db';
import type { GatewayContext } from '../context.ts';
import { currentPlayback } from './views.ts';

/** Ends a room and tells everybody in it. Answers false when it had ended before. */
export async function closeRoom(
  context: Pick<GatewayContext, 'db' | 'clock' | 'rooms'>,
  room: Pick<Room, 'id' | 'code'>,
): Promise<boolean> {
  const { db, clock, rooms } = context;
  const before = await currentPlayback({ db }, room.id);
  if (!(await endRoom(db.pool, room.id, clock.now()))) return false;
  const played = before.roomTrackId === null ? [] : [Number(before.roomTrackId)];
  await rooms.of(room).changed({ room: true, playback: true, tracks: played, wake: true });
  return true;
}
