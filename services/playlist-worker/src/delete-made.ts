import { countDeleted, madePlaylists, markDeleted, RESTORABLE_MS } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import { MAX_LIBRARY_URIS } from '@spindle/spotify';
import type { PlaylistContext } from './context.ts';
import { writingAlone } from './writing-alone.ts';

/**
 * Takes every playlist that we made for a listener, and no other, out of their library. Our records stay, so
 * that they can be put back; at Spotify they stay too, for whoever follows them.
 */
export const deleteMade: Processor<PlaylistContext, 'shuffle-playlist', 'delete-made'> = (
  context,
  { userId, at },
  job,
) =>
  writingAlone(context, userId, `delete-made:${at}`, async (lease) => {
    const { pool } = context.db;
    const deletedAt = new Date(at);
    const caller = context.spotify.as(userId, { lane: 'interactive', signal: job.signal });
    const playlistIds = await madePlaylists(pool, userId);
    for (let done = 0; done < playlistIds.length; done += MAX_LIBRARY_URIS) {
      await job.progress({ done, total: playlistIds.length, phase: 'deleting' });
      const batch = playlistIds.slice(done, done + MAX_LIBRARY_URIS);
      // Taking out what is not there changes nothing, so it may be repeated.
      await caller.removeFromLibrary(batch.map((id) => `spotify:playlist:${id}`));
      await markDeleted(pool, lease, batch, deletedAt);
    }
    const deleted = await countDeleted(pool, userId, deletedAt);
    const until = new Date(deletedAt.getTime() + RESTORABLE_MS);
    return { deleted, restorableUntil: deleted > 0 ? until.toISOString() : null };
  });
