import { deletedPlaylistsSchema, restoredPlaylistsSchema } from '@spindle/contracts';
import { z } from 'zod';
import { defineJob } from '../job-definition.ts';
import { userIdSchema } from './user-id.ts';

const shared = {
  attempts: 6,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  lane: 'interactive',
  timeoutMs: 10 * 60_000,
  keepFinished: true,
} as const;

/** Takes every playlist that we made for a listener out of their library. `at` names the deletion. */
export const deleteMade = defineJob({
  ...shared,
  payload: z.strictObject({ userId: userIdSchema, at: z.iso.datetime() }),
  result: deletedPlaylistsSchema,
  dedupe: ({ userId }) => ({ id: `delete-made:${userId}`, mode: 'simple' }),
});

/** Puts back what was taken out of a listener's library within the last hour. */
export const restoreMade = defineJob({
  ...shared,
  payload: z.strictObject({ userId: userIdSchema }),
  result: restoredPlaylistsSchema,
  dedupe: ({ userId }) => ({ id: `restore-made:${userId}`, mode: 'simple' }),
});
