import { z } from 'zod';
import { defineJob, defineRecurringJob } from '../job-definition.ts';

/**
 * Looks at a room: what its host's player does by the last reading, what comes next, when to look again.
 * Asked for by the clock, by a reading of the host's player, and by a promotion.
 */
export const followRoom = defineJob({
  payload: z.strictObject({ roomId: z.int().positive() }),
  result: z.object({ state: z.string() }),
  // The room's own plan brings the next look.
  attempts: 1,
  backoff: { delayMs: 1_000, jitter: 0 },
  lane: 'interactive',
  timeoutMs: 45_000,
  // Whatever happens during a look is looked at afterwards.
  dedupe: ({ roomId }) => ({ id: `follow:${roomId}`, mode: 'keepLastIfActive' }),
  keepFinished: false,
});

/** The recurring tick: finds the rooms at which it is time to look. */
export const roomsDue = defineRecurringJob({
  id: 'rooms-due',
  result: z.object({ rooms: z.number().int(), ended: z.number().int() }),
  lane: 'live',
  timeoutMs: 30_000,
});
