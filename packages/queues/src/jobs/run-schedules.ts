import { z } from 'zod';
import { defineRecurringJob } from '../job-definition.ts';

/** Begins the shuffles and shared lists whose time has come, and those that never came into the queue. */
export const runSchedules = defineRecurringJob({
  id: 'run-schedules',
  result: z.object({ begun: z.number().int(), taken: z.number().int() }),
  lane: 'live',
  timeoutMs: 60_000,
});
