import type { Handlers } from '@spindle/queues';
import type { PlaylistContext } from './context.ts';
import { deleteMade } from './delete-made.ts';
import { makePlaylist } from './make-playlist.ts';
import { restoreMade } from './restore-made.ts';
import { runSchedules } from './run-schedules.ts';
import { topPlaylist } from './top-playlist.ts';

export const handlers: Handlers<PlaylistContext, 'shuffle-playlist'> = {
  shuffle: makePlaylist,
  'share-liked': makePlaylist,
  'top-playlist': topPlaylist,
  'delete-made': deleteMade,
  'restore-made': restoreMade,
  'run-schedules': runSchedules,
};
