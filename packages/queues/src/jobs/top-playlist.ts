import { madePlaylistSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/**
 * Writes a top list into a playlist at Spotify. The row of the operation says what and how far it is;
 * an interrupted run goes on from there.
 */
export const topPlaylist = defineJob({
  payload: z.strictObject({ operationId: z.int().positive() }),
  result: madePlaylistSchema,
  // Bursts of 5xx last minutes: 5 + 10 + 20 + 40 + 80 s.
  attempts: 6,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  dedupe: ({ operationId }) => ({ id: `top-playlist:${operationId}`, mode: 'simple' }),
  keepFinished: true,
});
