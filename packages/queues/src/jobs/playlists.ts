import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Reads the list of a listener's playlists, and brings their Liked Songs into step. */
export const playlists = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ playlists: z.number().int(), likedTracks: z.number().int() }),
  attempts: 4,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  dedupe: ({ userId }) => ({ id: `playlists:${userId}`, mode: 'simple' }),
  keepFinished: true,
});
