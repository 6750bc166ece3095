import type { Handlers } from '@spindle/queues';
import { watchInstance } from '@spindle/worker-kit';
import { artwork } from './artwork.ts';
import type { SyncContext } from './context.ts';
import { dispatchDue } from './dispatch-due.ts';
import { eraseUser } from './erase-user.ts';
import { history } from './history/history.ts';
import { likedSongs, playlists, readSource } from './library.ts';
import { metadata } from './metadata.ts';
import { consentWarnings } from './notices/consent-warnings.ts';
import { testNotice } from './notices/test-notice.ts';
import { playback } from './playback/playback.ts';
import { profile } from './profile.ts';
import { relay } from './relay/relay.ts';
import { relayDue } from './relay/relay-due.ts';
import { syncAll, updatePlaying } from './sweeps.ts';

export const handlers: Handlers<SyncContext, 'sync'> = {
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
};
