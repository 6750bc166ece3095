import { upsertTracks } from '@spindle/db';
import { trackItem } from '@spindle/library';
import type { Processor } from '@spindle/queues';
import { SpotifyRefusal } from '@spindle/spotify';
import type { PartyContext } from './context.ts';
import { asHost } from './room-devices.ts';

/** Takes a track into the catalogue. */
export const roomTrack: Processor<PartyContext, 'party', 'room-track'> = async (
  context,
  { roomId, spotifyId },
  job,
) => {
  const { db, clock } = context;
  const caller = await asHost(context, roomId, job.signal);
  try {
    const item = trackItem(await caller.track(spotifyId));
    if (!item) return { trackId: null };
    const ids = await db.transaction((tx) => upsertTracks(tx, [item], clock.now()));
    return { trackId: ids.get(item.spotifyId) ?? null };
  } catch (error) {
    const isUnknown =
      error instanceof SpotifyRefusal && (error.code === 'not_found' || error.code === 'bad_request');
    if (isUnknown) return { trackId: null };
    throw error;
  }
};
