import { leaveRoom, loadRoom, openParticipations, openRoomsOfHost } from '@spindle/db';
import type { GatewayContext } from './context.ts';
import { tellFeedLeft } from './live/feed-events.ts';
import { closeRoom } from './rooms/close-room.ts';

/**
 * What follows when an admin has shut an account: its sessions end and say why, its sockets are cut, the feed
 * shows it no more, its party rooms end, and it leaves those of others. Safe to be done twice.
 *
 * @param feedName the handle under which the feed showed it before; null when it did not.
 */
export async function shutAccount(
  context: GatewayContext,
  userId: number,
  feedName: string | null,
): Promise<void> {
  const { db, clock, sessions, sockets, rooms } = context;
  await sessions.shutAll(userId);
  sockets.endUser(userId);
  if (feedName !== null) await tellFeedLeft(context, feedName);
  for (const roomId of await openRoomsOfHost(db.pool, userId)) {
    const room = await loadRoom(db.pool, roomId);
    if (room) await closeRoom(context, room);
  }
  for (const { participantId, ...room } of await openParticipations(db.pool, userId)) {
    await leaveRoom(db.pool, participantId, clock.now());
    rooms.of(room).people([participantId]);
  }
}
