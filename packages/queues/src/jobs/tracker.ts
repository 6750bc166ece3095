import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

/** Takes a listener's datapoint of today, in their time zone. */
export const tracker = defineJob({
  payload: z.strictObject({ userId: userIdSchema }),
  result: z.object({ likedTracks: z.number().int(), playlists: z.number().int() }),
  attempts: 4,
  backoff: { delayMs: 30_000, jitter: 0.5 },
  lane: 'bulk',
  timeoutMs: 5 * 60_000,
  dedupe: ({ userId }) => ({ id: `tracker:${userId}`, mode: 'simple' }),
  // A sweep answers within minutes, and the next one takes up what had to wait longer.
  maxPostponeMs: () => 60_000,
  keepFinished: false,
});
