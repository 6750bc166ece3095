import { historyResultSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

export const READING_REASONS = ['scheduled', 'sign-in', 'request', 'sweep'] as const;
export type ReadingReason = (typeof READING_REASONS)[number];

export const isAskedFor = (reason: ReadingReason): boolean => reason === 'sign-in' || reason === 'request';

/** Reads what a user played recently and stores what is new. */
export const history = defineJob({
  payload: z.strictObject({ userId: userIdSchema, reason: z.enum(READING_REASONS) }),
  result: historyResultSchema,
  attempts: 5,
  backoff: { delayMs: 10_000, jitter: 0.5 },
  lane: ({ reason }) => (isAskedFor(reason) ? 'interactive' : 'history'),
  timeoutMs: 60_000,
  // A person does not queue behind the machine's reading of the same user. A sweep needs an answer of
  // its own for every user.
  dedupe: ({ userId, reason }) =>
    reason === 'sweep'
      ? undefined
      : { id: `history:${userId}:${isAskedFor(reason) ? 'asked' : 'scheduled'}`, mode: 'simple' },
  // A sweep answers within minutes: whoever must wait longer is an entry in its errors.
  maxPostponeMs: ({ reason }) => (reason === 'sweep' ? 60_000 : undefined),
  keepFinished: ({ reason }) => isAskedFor(reason),
});
