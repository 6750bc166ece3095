import { LIKED } from '@spindle/contracts';
import { type ReadOptions, readLikedSongs, readPlaylistContents, readPlaylistList } from '@spindle/library';
import type { Processor, RunningJob } from '@spindle/queues';
import type { SyncContext } from './context.ts';

/** What a person waits for; who watches the job sees how far it is. */
function reading(job: Pick<RunningJob<'sync'>, 'signal' | 'progress'>): ReadOptions {
  return {
    lane: 'interactive',
    signal: job.signal,
    onPage: (done, total) => job.progress({ done, total, phase: 'reading' }),
  };
}

/** Brings a listener's Liked Songs into step with Spotify. */
export const likedSongs: Processor<SyncContext, 'sync', 'liked-songs'> = (context, { userId, full }, job) =>
  readLikedSongs(context, userId, { ...reading(job), ...(full && { full }) });

/** Reads what stands in a listener's library: the list of their playlists, and Liked Songs. */
export const playlists: Processor<SyncContext, 'sync', 'playlists'> = async (context, { userId }, job) => {
  const list = await readPlaylistList(context, userId, reading(job));
  const liked = await readLikedSongs(context, userId, reading(job));
  return { playlists: list.playlists, likedTracks: liked.total };
};

/** Reads one source where it has changed. */
export const readSource: Processor<SyncContext, 'sync', 'read-source'> = async (
  context,
  { userId, source },
  job,
) => {
  if (source === LIKED) {
    const { total, added, removed } = await readLikedSongs(context, userId, reading(job));
    return { tracks: total, unchanged: added === 0 && removed === 0 };
  }
  const { entries, unchanged } = await readPlaylistContents(context, userId, source, reading(job));
  return { tracks: entries.length, unchanged };
};
