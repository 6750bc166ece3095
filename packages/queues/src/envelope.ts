import { z } from 'zod';

/** What travels in Redis: the payload, who asked, and how far the job has come. */
export const envelopeSchema = z.object({
  v: z.literal(1),
  payload: z.unknown(),
  /** The request (or `cron:<schedule>`) that caused the job; it is in every line the job logs. */
  requestId: z.string().min(1).max(200),
  /** The user whose job it is; only they may look at it. */
  ownerId: z.int().positive().optional(),
  /** Set once the children of a sweep were added, so that the next run collects instead of adding. */
  fannedOut: z.boolean().optional(),
  /** Why and until when (ms since the epoch, on the process's clock) the job waits. */
  parked: z.object({ untilMs: z.number(), waiting: z.string().optional() }).optional(),
});
export type Envelope = z.infer<typeof envelopeSchema>;
