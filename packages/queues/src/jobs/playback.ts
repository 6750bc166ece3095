import { playbackResultSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { isAskedFor, READING_REASONS } from './history.ts';
import { userIdSchema } from './user-id.ts';

/** Reads a user's player: what plays now, and the listen that just ended. */
export const playback = defineJob({
  payload: z.strictObject({ userId: userIdSchema, reason: z.enum(READING_REASONS) }),
  result: playbackResultSchema,
  // What plays now is soon out of date: few and quick retries.
  attempts: 3,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  lane: ({ reason }) => (isAskedFor(reason) ? 'interactive' : 'live'),
  timeoutMs: 30_000,
  dedupe: ({ userId, reason }) =>
    reason === 'sweep'
      ? undefined
      : { id: `playback:${userId}:${isAskedFor(reason) ? 'asked' : 'scheduled'}`, mode: 'simple' },
  // A sweep answers within minutes: whoever must wait longer is an entry in its errors.
  maxPostponeMs: ({ reason }) => (reason === 'sweep' ? 60_000 : undefined),
  keepFinished: ({ reason }) => isAskedFor(reason),
});
