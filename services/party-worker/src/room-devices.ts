import { loadRoom } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import type { SpotifyCaller } from '@spindle/spotify';
import type { PartyContext } from './context.ts';

/**
 * Spotify in the name of a room's host.
 *
 * @throws GiveUp when the room is over.
 */
export async function asHost(
  { db, spotify }: PartyContext,
  roomId: number,
  signal: AbortSignal,
): Promise<SpotifyCaller> {
  const room = await loadRoom(db.pool, roomId);
  if (!room || room.endedAt !== null) throw new GiveUp({ code: 'room_over', message: 'This room is over.' });
  return spotify.as(room.hostId, { lane: 'interactive', signal });
}

/** Reads the devices of a room's host; those without an id cannot be chosen. */
export const roomDevices: Processor<PartyContext, 'party', 'room-devices'> = async (
  context,
  { roomId },
  job,
) => {
  const caller = await asHost(context, roomId, job.signal);
  const devices = await caller.devices();
  return {
    items: devices.flatMap((device) =>
      device.id
        ? [
            {
              id: device.id,
              name: device.name,
              type: device.type ?? null,
              active: device.is_active === true,
              restricted: device.is_restricted === true,
            },
          ]
        : [],
    ),
  };
};
