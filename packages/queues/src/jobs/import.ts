import { importSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** Stores the plays of an uploaded export; goes on where an interrupted run stopped. */
export const importPlays = defineJob({
  payload: z.strictObject({ importId: z.int().positive() }),
  result: importSchema.shape.totals,
  attempts: 5,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 60 * 60_000,
  dedupe: ({ importId }) => ({ id: `import:${importId}`, mode: 'simple' }),
  keepFinished: true,
});
