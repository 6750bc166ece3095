import { z } from 'zod';
import { timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

export const JOB_STATES = ['queued', 'waiting', 'running', 'succeeded', 'failed'] as const;

export const jobSchema = z.object({
  id: z.string(),
  queue: z.string(),
  name: z.string(),
  state: z.enum(JOB_STATES),
  progress: z
    .object({
      done: z.number(),
      total: z.number().nullable().optional(),
      phase: z.string().nullable().optional(),
      /** The playlist that is written, as soon as it exists. */
      playlist: z.object({ name: z.string(), url: z.string() }).nullable().optional(),
    })
    .nullable(),
  /** What the job answered; its shape depends on the job. */
  result: z.unknown().nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** For a job that waits for Spotify's quota: until when. */
  waitingUntil: timestampSchema.nullable(),
  /** Why it waits, in a sentence for the person who asked. */
  waitingFor: z.string().nullable(),
  createdAt: timestampSchema,
  finishedAt: timestampSchema.nullable(),
});
export type JobDocument = z.infer<typeof jobSchema>;

/** `202` answer of every endpoint that enqueues. */
export const jobAcceptedSchema = z.object({ job: jobSchema });
export type JobAccepted = z.infer<typeof jobAcceptedSchema>;

export const getJob = defineRoute({
  id: 'getJob',
  method: 'get',
  path: '/api/jobs/:id',
  tag: 'Jobs',
  summary: 'State, progress and result of a job of mine',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  params: z.object({ id: z.string().min(3).max(200) }),
  response: jobSchema,
});
