import { playlistSourceSchema, sourceReadingSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Reads the items of a playlist, or Liked Songs, where they have changed since they were read before. */
export const readSource = defineJob({
  payload: z.strictObject({ userId: userIdSchema, source: playlistSourceSchema }),
  result: sourceReadingSchema,
  attempts: 4,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  dedupe: ({ userId, source }) => ({ id: `read-source:${userId}:${source}`, mode: 'simple' }),
  keepFinished: true,
});
