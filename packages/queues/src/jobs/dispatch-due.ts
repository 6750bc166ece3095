import { z } from 'zod';
import { defineRecurringJob } from '../job-definition.ts';

/** The recurring tick: finds the users whose next reading is due and enqueues it. */
export const dispatchDue = defineRecurringJob({
  id: 'dispatch-due',
  result: z.object({ history: z.int(), playback: z.int() }),
  lane: 'live',
  timeoutMs: 30_000,
});
