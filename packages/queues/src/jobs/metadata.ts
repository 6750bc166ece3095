import { metadataResultSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** Fills in what is missing about tracks, albums and artists, the most played first. */
export const metadata = defineJob({
  payload: z.strictObject({ limit: z.int().min(1).max(1_000).optional() }),
  result: metadataResultSchema,
  attempts: 4,
  backoff: { delayMs: 30_000, jitter: 0.5 },
  lane: 'metadata',
  timeoutMs: 5 * 60_000,
  // Plays that arrive during a run may name items the run did not see.
  dedupe: () => ({ id: 'metadata', mode: 'keepLastIfActive' }),
  keepFinished: true,
});
