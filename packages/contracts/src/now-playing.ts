import { z } from 'zod';
import { trackSummarySchema } from './catalogue.ts';
import { playSchema } from './plays.ts';
import { handleSchema, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

export const PLAYING_KINDS = ['track', 'episode', 'ad', 'local', 'unknown', 'nothing'] as const;

export const publicUserSchema = z.object({
  handle: handleSchema,
  displayName: z.string(),
  imageUrl: z.string().nullable(),
});

/** What somebody's player does. A client moves the bar itself: progress = now - `startedAt` while playing. */
export const nowPlayingSchema = z.object({
  user: publicUserSchema,
  isPlaying: z.boolean(),
  kind: z.enum(PLAYING_KINDS),
  /** The track, when `kind` is `track`. */
  track: trackSummarySchema.nullable(),
  /** Name and maker of what is no track of the catalogue (episode, local file). */
  title: z.string().nullable(),
  subtitle: z.string().nullable(),
  durationMs: z.number().int().nullable(),
  progressMs: z.number().int().nullable(),
  /** When the item would have begun had it run without a pause; null when paused or nothing plays. */
  startedAt: timestampSchema.nullable(),
  /** When the player was last read; null before the first reading. */
  observedAt: timestampSchema.nullable(),
  device: z.object({ name: z.string(), type: z.string().nullable() }).nullable(),
  isPrivate: z.boolean(),
  /** What was played last, when nothing plays. */
  lastPlayed: playSchema.nullable(),
});
export type NowPlayingView = z.infer<typeof nowPlayingSchema>;

export const getOwnerNowPlaying = defineRoute({
  id: 'getOwnerNowPlaying',
  method: 'get',
  path: '/api/now-playing',
  aliases: ['/spotify/now-playing'],
  tag: 'Now playing',
  summary: "The instance owner's current track",
  auth: 'public',
  limit: 'public',
  response: nowPlayingSchema,
});

export const getMyNowPlaying = defineRoute({
  id: 'getMyNowPlaying',
  method: 'get',
  path: '/api/user/now-playing',
  tag: 'Now playing',
  summary: 'What I play now',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  response: nowPlayingSchema,
});

export const getUserNowPlaying = defineRoute({
  id: 'getUserNowPlaying',
  method: 'get',
  path: '/api/users/:handle/now-playing',
  tag: 'Now playing',
  summary: 'What somebody who shares plays now',
  auth: 'public',
  limit: 'public',
  params: z.object({ handle: handleSchema }),
  response: nowPlayingSchema,
});

export const shareSchema = z.object({
  sharing: z.boolean(),
  startedAt: timestampSchema.nullable(),
  expiresAt: timestampSchema.nullable(),
});

export const getShare = defineRoute({
  id: 'getShare',
  method: 'get',
  path: '/share',
  tag: 'Now playing',
  summary: 'Whether I share what I play',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  response: shareSchema,
});

export const startShare = defineRoute({
  id: 'startShare',
  method: 'post',
  path: '/share/start',
  tag: 'Now playing',
  summary: 'Share what I play',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  body: z.strictObject({ expiresAt: z.iso.datetime({ offset: true }).optional() }),
  response: shareSchema,
});

export const stopShare = defineRoute({
  id: 'stopShare',
  method: 'post',
  path: '/share/stop',
  tag: 'Now playing',
  summary: 'Stop sharing what I play',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  response: shareSchema,
});
