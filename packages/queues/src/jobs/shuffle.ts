import { shuffleResultSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';

/** Of an operation whose row says what and how far it is; an interrupted run goes on from there. */
function definePlaylistJob(name: string) {
  return defineJob({
    payload: z.strictObject({ operationId: z.int().positive() }),
    result: shuffleResultSchema,
    // Bursts of 5xx last minutes: 5 + 10 + 20 + 40 + 80 s.
    attempts: 6,
    backoff: { delayMs: 5_000, jitter: 0.5 },
    lane: 'interactive',
    timeoutMs: 30 * 60_000,
    dedupe: ({ operationId }) => ({ id: `${name}:${operationId}`, mode: 'simple' }),
    keepFinished: true,
    // A long list takes turns with others, and waits for every window of Spotify's.
    maxStarts: 5_000,
  });
}

/** Reads a source, shuffles it, and writes it into a playlist at Spotify. */
export const shuffle = definePlaylistJob('shuffle');

/** Writes Liked Songs, in their order, into a playlist at Spotify. */
export const shareLiked = definePlaylistJob('share-liked');
