import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** The recurring look for listeners whose figures wait for a recount that nobody asked a queue for. */
export const sweepStale = defineJob({
  payload: z.strictObject({}),
  result: z.object({ enqueued: z.int() }),
  // The next sweep does the same work, so a failed one is not repeated.
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'bulk',
  timeoutMs: 60_000,
  dedupe: () => ({ id: 'sweep-stale', mode: 'simple' }),
  keepFinished: false,
});
