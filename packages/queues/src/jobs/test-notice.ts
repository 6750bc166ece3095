import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Sends a listener a notice to try where their notices go. */
export const testNotice = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ sent: z.literal(true) }),
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'interactive',
  timeoutMs: 30_000,
  keepFinished: true,
});
