import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/**
 * Works the figures of one listener out anew from the plays, after a change that touches all of them:
 * a rule, a merge, another time zone. Nothing happens when they are in step already.
 */
export const recount = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ recounted: z.boolean() }),
  attempts: 5,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  // What changes during a recount is not in it.
  dedupe: ({ userId }) => ({ id: `recount:${userId}`, mode: 'keepLastIfActive' }),
  keepFinished: true,
});
