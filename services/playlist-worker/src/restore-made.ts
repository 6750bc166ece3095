import { markRestored, restorablePlaylists } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import { MAX_LIBRARY_URIS } from '@spindle/spotify';
import type { PlaylistContext } from './context.ts';
import { writingAlone } from './writing-alone.ts';

/** Puts playlists that were deleted within the last hour back into their listener's library. */
export const restoreMade: Processor<PlaylistContext, 'shuffle-playlist', 'restore-made'> = (
  context,
  { userId },
  job,
) =>
  writingAlone(context, userId, `restore-made:${job.id}`, async (lease) => {
    const { pool } = context.db;
    const caller = context.spotify.as(userId, { lane: 'interactive', signal: job.signal });
    const restorable = await restorablePlaylists(pool, userId, context.clock.now());
    const playlistIds = restorable?.playlistIds ?? [];
    for (let done = 0; done < playlistIds.length; done += MAX_LIBRARY_URIS) {
      await job.progress({ done, total: playlistIds.length, phase: 'restoring' });
      const batch = playlistIds.slice(done, done + MAX_LIBRARY_URIS);
      await caller.saveToLibrary(batch.map((id) => `spotify:playlist:${id}`));
      await markRestored(pool, lease, batch);
    }
    return { restored: playlistIds.length };
  });
