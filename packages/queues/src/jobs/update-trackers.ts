import { trackerSweepSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** A sweep over the enabled trackers: one `tracker` child for each that lacks today's datapoint. */
export const updateTrackers = defineJob({
  payload: z.strictObject({}),
  result: trackerSweepSchema,
  attempts: 3,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'bulk',
  timeoutMs: 60_000,
  dedupe: () => ({ id: 'update-trackers', mode: 'simple' }),
  keepFinished: true,
});
