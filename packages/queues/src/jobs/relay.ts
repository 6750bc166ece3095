import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/**
 * Passes the new plays of one listener on to the server of their choice. Where it got to, and when to try
 * again after a failure, stands in PostgreSQL.
 */
export const relay = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ relayed: z.int(), leftOut: z.int(), failed: z.boolean() }),
  // The next look for what is due starts it again.
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'bulk',
  timeoutMs: 5 * 60_000,
  dedupe: ({ userId }) => ({ id: `relay:${userId}`, mode: 'simple' }),
  keepFinished: false,
});
