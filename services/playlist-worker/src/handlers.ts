import type { Handlers } from '@spindle/queues';
import type { PlaylistContext } from './context.ts';
import { topPlaylist } from './top-playlist.ts';

export const handlers: Handlers<PlaylistContext, 'shuffle-playlist'> = { 'top-playlist': topPlaylist };
