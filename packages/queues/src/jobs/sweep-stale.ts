import { z } from 'zod';
import { defineRecurringJob } from '../job-definition.ts';

/** The recurring look for listeners whose figures wait for a recount that nobody asked a queue for. */
export const sweepStale = defineRecurringJob({
  id: 'sweep-stale',
  result: z.object({ enqueued: z.int() }),
  lane: 'bulk',
  timeoutMs: 60_000,
});
