import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** The recurring look for listeners who have plays to pass on. */
export const relayDue = defineJob({
  payload: z.strictObject({}),
  result: z.object({ enqueued: z.int() }),
  // The next look does the same work, so a failed one is not repeated.
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'bulk',
  timeoutMs: 60_000,
  dedupe: () => ({ id: 'relay-due', mode: 'simple' }),
  keepFinished: false,
});
