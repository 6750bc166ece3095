import { timestampSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Brings a listener's Liked Songs into step and analyses them. */
export const analysis = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ madeAt: timestampSchema, tracks: z.number().int() }),
  attempts: 4,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  dedupe: ({ userId }) => ({ id: `analysis:${userId}`, mode: 'simple' }),
  keepFinished: true,
});
