import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Takes over the name and picture that Spotify has of a user now. */
export const profile = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ displayName: z.string(), imageUrl: z.string().nullable() }),
  attempts: 3,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 30_000,
  dedupe: ({ userId }) => ({ id: `profile:${userId}`, mode: 'simple' }),
  keepFinished: true,
});
