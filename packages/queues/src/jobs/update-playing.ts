import { sweepResultSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** A sweep over the users who share: one `playback` child each. */
export const updatePlaying = defineJob({
  payload: z.strictObject({ runId: z.int().positive() }),
  result: sweepResultSchema,
  attempts: 3,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 60_000,
  dedupe: ({ runId }) => ({ id: `update-playing:${runId}`, mode: 'simple' }),
  keepFinished: true,
});
