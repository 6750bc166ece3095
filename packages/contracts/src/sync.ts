import { z } from 'zod';
import { defineRoute } from './route.ts';

const allQuery = z.strictObject({
  /** `all`: every user (admins); otherwise my own account. */
  scope: z.enum(['me', 'all']).default('me'),
});

export const historyResultSchema = z.object({
  playsRead: z.number().int(),
  playsStored: z.number().int(),
  /** Spotify could not show everything since the last reading. */
  gap: z.boolean(),
});

export const playbackResultSchema = z.object({ isPlaying: z.boolean(), trackId: z.string().nullable() });

export const metadataResultSchema = z.object({ filled: z.number().int(), remaining: z.number().int() });

/** Sums of a sweep; one user's failure is an entry here and never ends the sweep. */
export const sweepResultSchema = z.object({
  totalUsers: z.number().int(),
  successful: z.number().int(),
  failed: z.number().int(),
  playsSynced: z.number().int(),
  errors: z.array(z.object({ userId: z.string(), error: z.string() })),
});
export type SweepResult = z.infer<typeof sweepResultSchema>;

export const pollPlayback = defineRoute({
  id: 'pollPlayback',
  method: 'post',
  path: '/spotify/poll/current-playback',
  tag: 'Sync',
  summary: 'Read my player now',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  query: allQuery,
  enqueues: true,
  response: z.union([playbackResultSchema, sweepResultSchema]),
});

export const pollRecentlyPlayed = defineRoute({
  id: 'pollRecentlyPlayed',
  method: 'post',
  path: '/spotify/poll/recently-played',
  tag: 'Sync',
  summary: 'Read my recently played tracks now',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  query: allQuery,
  enqueues: true,
  response: z.union([historyResultSchema, sweepResultSchema]),
});

export const syncMetadata = defineRoute({
  id: 'syncMetadata',
  method: 'post',
  path: '/spotify/sync-metadata',
  tag: 'Sync',
  summary: 'Fill in what is missing about tracks, albums and artists',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  enqueues: true,
  response: metadataResultSchema,
});

/** These names are fixed by the callers of the cron endpoint. */
export const cronSyncResponseSchema = z.union([
  z.object({ success: z.literal(true), duration_ms: z.number().int(), result: sweepResultSchema }),
  z.object({ success: z.literal(false), error: z.string() }),
]);

export const cronSync = defineRoute({
  id: 'cronSync',
  method: 'get',
  alsoMethods: ['post'],
  path: '/api/cron/sync-spotify',
  tag: 'Cron',
  summary: 'Sweep over all users and wait for it (up to 300 s)',
  auth: 'cron',
  limit: 'enqueue',
  response: cronSyncResponseSchema,
});

export const updatePlaying = defineRoute({
  id: 'updatePlaying',
  method: 'post',
  path: '/tasks/update-playing',
  tag: 'Cron',
  summary: 'Refresh what every sharing user plays',
  auth: 'cron',
  limit: 'enqueue',
  enqueues: true,
  response: sweepResultSchema,
});
