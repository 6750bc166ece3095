import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** Images that one job fetches at most. */
export const ARTWORK_BATCH = 20;

/** Fetches artwork into the cache from which cards embed it. Calls no API of Spotify's, so it costs no quota. */
export const artwork = defineJob({
  payload: z.strictObject({ urls: z.array(z.url().max(500)).min(1).max(ARTWORK_BATCH) }),
  result: z.object({ stored: z.number().int(), refused: z.number().int() }),
  attempts: 2,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 30_000,
  dedupe: ({ urls }) => ({ id: `artwork:${[...urls].sort().join(' ')}`, mode: 'simple' }),
  keepFinished: false,
});
