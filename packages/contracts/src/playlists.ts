import { z } from 'zod';
import { defineRoute } from './route.ts';
import { MEASURES, rangeShape } from './statistics.ts';

/** A playlist that was written at Spotify. */
export const madePlaylistSchema = z.object({
  /** Spotify's id. */
  playlistId: z.string(),
  /** Its address at Spotify. */
  url: z.url(),
  name: z.string(),
  /** Items that it holds now. */
  tracks: z.number().int(),
  /**
   * Items that it does not hold, counted by why not: `no-spotify-id` (known by name only), `refused`
   * (Spotify does not take them).
   */
  leftOut: z.record(z.string(), z.number().int()),
});
export type MadePlaylist = z.infer<typeof madePlaylistSchema>;

/** Longest name that is taken. */
export const PLAYLIST_NAME_LENGTH = 100;

export const topPlaylistBody = z.strictObject({
  ...rangeShape,
  by: z.enum(MEASURES).default('plays'),
  limit: z.int().min(1).max(100).default(50),
  /** Of a new playlist; unless told, it says what the list is. */
  name: z.string().trim().min(1).max(PLAYLIST_NAME_LENGTH).optional(),
  /**
   * Write into the playlist that was made of the same period and measure before, which keeps its link
   * and its name; a new one is made when there is none any more.
   */
  refresh: z.boolean().default(false),
});

export const createTopPlaylist = defineRoute({
  id: 'createTopPlaylist',
  method: 'post',
  path: '/api/stats/top/tracks/playlist',
  tag: 'Playlists',
  summary: 'My most played tracks as a private playlist at Spotify',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  body: topPlaylistBody,
  enqueues: true,
  response: madePlaylistSchema,
});
