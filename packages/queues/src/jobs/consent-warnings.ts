import { z } from 'zod';
import { defineRecurringJob } from '../job-definition.ts';

/** Warns listeners whose consent at Spotify ends soon, or has ended, where they want to be told. */
export const consentWarnings = defineRecurringJob({
  id: 'consent-warnings',
  result: z.object({ sent: z.number().int(), failed: z.number().int() }),
  lane: 'bulk',
  timeoutMs: 10 * 60_000,
});
