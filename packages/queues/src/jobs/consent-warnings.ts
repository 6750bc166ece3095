import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** Warns listeners whose consent at Spotify ends soon, or has ended, where they want to be told. */
export const consentWarnings = defineJob({
  payload: z.strictObject({}),
  result: z.object({ sent: z.number().int(), failed: z.number().int() }),
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'bulk',
  timeoutMs: 10 * 60_000,
  dedupe: () => ({ id: 'consent-warnings', mode: 'simple' }),
  keepFinished: false,
});
