import { sweepResultSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** A sweep over all users: one `history` child each, and the sum of what they stored. */
export const syncAll = defineJob({
  payload: z.strictObject({ runId: z.int().positive() }),
  result: sweepResultSchema,
  attempts: 5,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 60_000,
  dedupe: ({ runId }) => ({ id: `sync-all:${runId}`, mode: 'simple' }),
  keepFinished: true,
});
