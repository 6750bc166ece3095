import { z } from 'zod';
import { NOTICE_KINDS } from './notices.ts';
import { timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

/** What can go wrong with an instance as a whole. */
export const ALERT_KINDS = [
  'queue-waits',
  'jobs-fail',
  'readings-untaken',
  'listeners-behind',
  'quota-used-up',
  'locked-out',
  'consents-ended',
  'postgres-connections',
  'redis-memory',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Something that goes wrong at this moment. It names no listener. */
export const alertSchema = z.object({
  /** The kind, and what it concerns where there are several: `queue-waits:sync`. */
  id: z.string(),
  kind: z.enum(ALERT_KINDS),
  title: z.string(),
  message: z.string(),
  since: timestampSchema,
});
export type Alert = z.infer<typeof alertSchema>;

/** Somewhere the operator is told, and why the last message did not arrive there. */
export const alertTargetSchema = z.object({
  kind: z.enum(NOTICE_KINDS),
  lastError: z.object({ message: z.string(), at: timestampSchema }).nullable(),
});
export type AlertTarget = z.infer<typeof alertTargetSchema>;

export const getAlerts = defineRoute({
  id: 'getAlerts',
  method: 'get',
  path: '/api/admin/alerts',
  tag: 'Admin',
  summary: 'What goes wrong at this moment, and where operators are told of it',
  auth: 'admin',
  limit: 'read',
  response: z.object({
    /** Oldest first. */
    alerts: z.array(alertSchema),
    /** When it was last looked; null: not yet. Older than some minutes: neither of the workers that look is there. */
    checkedAt: timestampSchema.nullable(),
    targets: z.array(alertTargetSchema),
  }),
});

export const testAlert = defineRoute({
  id: 'testAlert',
  method: 'post',
  path: '/api/admin/alerts/test',
  tag: 'Admin',
  summary: 'Send a message to every place where operators are told, to try them',
  auth: 'admin',
  limit: 'enqueue',
  enqueues: true,
  response: z.object({ sent: z.number().int() }),
});
