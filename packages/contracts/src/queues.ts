import { z } from 'zod';
import { personSchema } from './administration.ts';
import { pageOf, pageQueryShape, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

export const queueSchema = z.object({
  queue: z.string(),
  /** Ready to be taken. */
  queued: z.number().int(),
  /** For a time to come: quota, a retry, a schedule. */
  waiting: z.number().int(),
  running: z.number().int(),
  failed: z.number().int(),
  /** For how long the next job has been ready, ms; 0: none is. */
  oldestMs: z.number().int(),
  /** No worker takes jobs of it; they are kept. */
  paused: z.boolean(),
});
export type QueueView = z.infer<typeof queueSchema>;

const queueParams = z.object({ queue: z.string().max(60) });

export const listQueues = defineRoute({
  id: 'listQueues',
  method: 'get',
  path: '/api/admin/queues',
  tag: 'Admin',
  summary: 'Every queue and how it stands',
  auth: 'admin',
  limit: 'read',
  response: z.object({ items: z.array(queueSchema) }),
});

export const changeQueue = defineRoute({
  id: 'changeQueue',
  method: 'patch',
  path: '/api/admin/queues/:queue',
  tag: 'Admin',
  summary: 'Pause a queue or let it go on; jobs are taken in meanwhile and kept',
  auth: 'admin',
  limit: 'write',
  params: queueParams,
  body: z.strictObject({ paused: z.boolean() }),
  response: queueSchema,
});

export const failedJobSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: timestampSchema,
  failedAt: timestampSchema.nullable(),
  /** Runs so far. */
  attempts: z.number().int(),
  /** Runs that were allowed. */
  maxAttempts: z.number().int(),
  /** As the operator sees it; nothing in it is a secret. */
  failure: z.object({ code: z.string(), message: z.string() }),
  requestId: z.string().nullable(),
  /** Whose job it is; null: the instance's. */
  user: personSchema.nullable(),
});
export type FailedJobView = z.infer<typeof failedJobSchema>;

export const listFailedJobs = defineRoute({
  id: 'listFailedJobs',
  method: 'get',
  path: '/api/admin/queues/:queue/failed',
  tag: 'Admin',
  summary: 'Failed jobs of a queue, newest first',
  auth: 'admin',
  limit: 'read',
  params: queueParams,
  query: z.strictObject(pageQueryShape),
  response: pageOf(failedJobSchema),
});

const someJobs = z.strictObject({
  /** One job; all that failed unless given. */
  jobId: z.string().min(3).max(200).optional(),
});
const counted = z.object({ jobs: z.number().int() });

export const retryFailedJobs = defineRoute({
  id: 'retryFailedJobs',
  method: 'post',
  path: '/api/admin/queues/:queue/failed/retry',
  tag: 'Admin',
  summary: 'Run failed jobs again: one, or all of a queue',
  auth: 'admin',
  limit: 'write',
  params: queueParams,
  body: someJobs,
  response: counted,
});

export const dropFailedJobs = defineRoute({
  id: 'dropFailedJobs',
  method: 'post',
  path: '/api/admin/queues/:queue/failed/drop',
  tag: 'Admin',
  summary: 'Forget failed jobs: one, or all of a queue',
  auth: 'admin',
  limit: 'write',
  params: queueParams,
  body: someJobs,
  response: counted,
});
