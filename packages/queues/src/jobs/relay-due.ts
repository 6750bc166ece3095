import { z } from 'zod';
import { defineRecurringJob } from '../job-definition.ts';

/** The recurring look for listeners who have plays to pass on. */
export const relayDue = defineRecurringJob({
  id: 'relay-due',
  result: z.object({ enqueued: z.int() }),
  lane: 'bulk',
  timeoutMs: 60_000,
});
