import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** The recurring tick: finds the users whose next reading is due and enqueues it. */
export const dispatchDue = defineJob({
  payload: z.strictObject({}),
  result: z.object({ history: z.int(), playback: z.int() }),
  // The next tick does the same work, so a failed one is not repeated.
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'live',
  timeoutMs: 30_000,
  dedupe: () => ({ id: 'dispatch-due', mode: 'simple' }),
  keepFinished: false,
});
