import { likedReadingSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Brings the stored Liked Songs of a listener into step with Spotify. */
export const likedSongs = defineJob({
  payload: z.strictObject({ userId: userIdSchema, full: z.boolean().optional() }),
  result: likedReadingSchema,
  attempts: 4,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  dedupe: ({ userId, full }) => ({ id: `liked-songs:${userId}${full ? ':full' : ''}`, mode: 'simple' }),
  keepFinished: true,
});
