import { z } from 'zod';
import { defineJob, defineRecurringJob } from '../job-definition.ts';

/**
 * Looks whether anything goes wrong with the instance, and tells its operator. In two queues: the workers of
 * each would tell that those of the other are gone.
 */
export const watchInstance = defineRecurringJob({
  id: 'watch-instance',
  result: z.object({ active: z.number().int(), sent: z.number().int(), failed: z.number().int() }),
  // What it would tell of may be a full queue.
  lane: 'interactive',
  timeoutMs: 2 * 60_000,
});

/** Sends the operator a message to try where alerts go. */
export const testAlert = defineJob({
  payload: z.strictObject({}),
  result: z.object({ sent: z.number().int() }),
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'interactive',
  timeoutMs: 60_000,
  keepFinished: true,
});
