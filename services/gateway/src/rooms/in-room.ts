import { problems } from '@spindle/service-kit';
import type { Call } from '../mount.ts';
import type { InRoom } from './door.ts';
import { isHost } from './views.ts';

/** Who calls, and where they are. */
export function roomOf({ inRoom }: Call): InRoom {
  if (!inRoom) throw new Error('this endpoint is mounted without the door of a room');
  return inRoom;
}

/** @throws AppError 403 `not-host` */
export function hostsRoom(call: Call): InRoom & { readonly hostId: number } {
  const inRoom = roomOf(call);
  if (!isHost(inRoom.room, inRoom.participant)) {
    throw problems.forbidden('Only the host of the room can do this.', { code: 'not-host' });
  }
  return { ...inRoom, hostId: inRoom.room.hostId };
}
