import type { z } from 'zod';
import type { JobDefinition } from './job-definition.ts';
import { analysis } from './jobs/analysis.ts';
import { artwork } from './jobs/artwork.ts';
import { consentWarnings } from './jobs/consent-warnings.ts';
import { dispatchDue } from './jobs/dispatch-due.ts';
import { eraseUser } from './jobs/erase-user.ts';
import { followRoom, roomsDue } from './jobs/follow-room.ts';
import { history } from './jobs/history.ts';
import { importPlays } from './jobs/import.ts';
import { likedSongs } from './jobs/liked-songs.ts';
import { deleteMade, restoreMade } from './jobs/made-playlists.ts';
import { metadata } from './jobs/metadata.ts';
import { playback } from './jobs/playback.ts';
import { playlists } from './jobs/playlists.ts';
import { profile } from './jobs/profile.ts';
import { readSource } from './jobs/read-source.ts';
import { recount } from './jobs/recount.ts';
import { relay } from './jobs/relay.ts';
import { relayDue } from './jobs/relay-due.ts';
import { roomCommand, roomDevices, roomSearch, roomTrack } from './jobs/room-commands.ts';
import { runSchedules } from './jobs/run-schedules.ts';
import { shareLiked, shuffle } from './jobs/shuffle.ts';
import { sweepStale } from './jobs/sweep-stale.ts';
import { syncAll } from './jobs/sync-all.ts';
import { testNotice } from './jobs/test-notice.ts';
import { topPlaylist } from './jobs/top-playlist.ts';
import { tracker } from './jobs/tracker.ts';
import { updatePlaying } from './jobs/update-playing.ts';
import { updateTrackers } from './jobs/update-trackers.ts';
import { testAlert, watchInstance } from './jobs/watch-instance.ts';

/**
 * Every queue and every job. A new job is a definition in `jobs/` and a line here; the worker of the
 * queue then does not compile until it has a processor for it.
 */
export const registry = {
  sync: {
    'dispatch-due': dispatchDue,
    history,
    playback,
    metadata,
    artwork,
    'consent-warnings': consentWarnings,
    'test-notice': testNotice,
    profile,
    'sync-all': syncAll,
    'update-playing': updatePlaying,
    'erase-user': eraseUser,
    relay,
    'relay-due': relayDue,
    'liked-songs': likedSongs,
    playlists,
    'read-source': readSource,
    'watch-instance': watchInstance,
  },
  imports: {
    import: importPlays,
  },
  stats: {
    recount,
    'sweep-stale': sweepStale,
    analysis,
    tracker,
    'update-trackers': updateTrackers,
    'watch-instance': watchInstance,
    'test-alert': testAlert,
  },
  'shuffle-playlist': {
    shuffle,
    'share-liked': shareLiked,
    'top-playlist': topPlaylist,
    'delete-made': deleteMade,
    'restore-made': restoreMade,
    'run-schedules': runSchedules,
  },
  party: {
    'follow-room': followRoom,
    'rooms-due': roomsDue,
    'room-command': roomCommand,
    'room-devices': roomDevices,
    'room-search': roomSearch,
    'room-track': roomTrack,
  },
} as const;

export type Registry = typeof registry;

/** The shape of any registry; tests bring their own. */
// biome-ignore lint/suspicious/noExplicitAny: holds definitions of every payload and result
export type AnyRegistry = Readonly<Record<string, Readonly<Record<string, JobDefinition<any, any>>>>>;

export type QueueName<R extends AnyRegistry = Registry> = keyof R & string;
export type JobName<Q extends QueueName<R>, R extends AnyRegistry = Registry> = keyof R[Q] & string;
export type PayloadOf<
  Q extends QueueName<R>,
  J extends JobName<Q, R>,
  R extends AnyRegistry = Registry,
> = z.infer<R[Q][J]['payload']>;
export type ResultOf<
  Q extends QueueName<R>,
  J extends JobName<Q, R>,
  R extends AnyRegistry = Registry,
> = z.infer<R[Q][J]['result']>;

/** @throws RangeError when the registry has no such job. */
export function definitionOf(jobs: AnyRegistry, queue: string, job: string): JobDefinition<unknown, unknown> {
  const definition = Object.hasOwn(jobs, queue) ? jobs[queue] : undefined;
  const found = definition && Object.hasOwn(definition, job) ? definition[job] : undefined;
  if (!found) throw new RangeError(`There is no job ${queue}/${job}.`);
  return found;
}
