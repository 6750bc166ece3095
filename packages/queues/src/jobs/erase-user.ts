import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Removes everything of a user who asked for it. */
export const eraseUser = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ erased: z.boolean() }),
  attempts: 20,
  backoff: { delayMs: 5_000, jitter: 0.2 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  dedupe: ({ userId }) => ({ id: `erase-user:${userId}`, mode: 'simple' }),
  keepFinished: true,
});
