import { z } from 'zod';
import { REGISTRATIONS } from './administration.ts';
import { timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

/** One check of the set-up, with the fix in words where it is not well. */
export const checkSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['ok', 'warn', 'fail']),
  detail: z.string(),
  fix: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;

export const QUOTA_LANES = ['sign-in', 'interactive', 'live', 'history', 'metadata', 'trackers'] as const;
export const quotaLaneSchema = z.enum(QUOTA_LANES);

/** The quota ledger of one developer account: every call of the last 24 hours. */
export const quotaAccountSchema = z.object({
  account: z.string(),
  apps: z.array(z.string()),
  /** Calls a rolling day that the operator allows; null: unlimited. */
  allowance: z.number().int().nullable(),
  used: z.number().int(),
  left: z.number().int().nullable(),
  lanes: z.array(
    z.object({
      lane: quotaLaneSchema,
      used: z.number().int(),
      /** Calls that this lane may still make now; null: unlimited. */
      left: z.number().int().nullable(),
    }),
  ),
  buckets: z.array(
    z.object({
      bucket: z.string(),
      used: z.number().int(),
      byLane: z.partialRecord(quotaLaneSchema, z.number().int()),
    }),
  ),
  /** Calls in each of the last 24 hours, oldest first. */
  hourly: z.array(z.object({ hour: timestampSchema, calls: z.number().int() })),
  /** The learned 30-second limit of each app. */
  windows: z.array(z.object({ app: z.string(), limit: z.number(), used: z.number() })),
  cooldowns: z.array(z.object({ scope: z.string(), reason: z.string(), until: timestampSchema })),
  waiting: z.array(
    z.object({
      lane: quotaLaneSchema,
      bucket: z.string(),
      user: z.string().nullable(),
      reason: z.string(),
      until: timestampSchema,
    }),
  ),
});
export type QuotaAccount = z.infer<typeof quotaAccountSchema>;

export const getQuota = defineRoute({
  id: 'getQuota',
  method: 'get',
  path: '/api/admin/quota',
  tag: 'Admin',
  summary: 'The quota ledger by developer account, bucket and lane',
  auth: 'admin',
  limit: 'read',
  response: z.object({ accounts: z.array(quotaAccountSchema) }),
});

export const getDoctor = defineRoute({
  id: 'getDoctor',
  method: 'get',
  path: '/api/admin/doctor',
  tag: 'Admin',
  summary: 'Checks of the set-up, with the fix for what is not well',
  auth: 'admin',
  limit: 'enqueue',
  response: z.object({ checks: z.array(checkSchema) }),
});

export const getOverview = defineRoute({
  id: 'getOverview',
  method: 'get',
  path: '/api/admin/overview',
  tag: 'Admin',
  summary: 'Figures of the instance',
  auth: 'admin',
  limit: 'read',
  response: z.object({
    users: z.number().int(),
    connected: z.number().int(),
    reauthNeeded: z.number().int(),
    sharing: z.number().int(),
    plays: z.number().int(),
    tracks: z.number().int(),
    queues: z.array(
      z.object({
        queue: z.string(),
        waiting: z.number().int(),
        active: z.number().int(),
        delayed: z.number().int(),
        failed: z.number().int(),
      }),
    ),
  }),
});

export const getInstance = defineRoute({
  id: 'getInstance',
  method: 'get',
  path: '/api/instance',
  tag: 'Operations',
  summary: 'What a visitor may know of this instance before signing in',
  auth: 'public',
  limit: 'public',
  response: z.object({
    name: z.string(),
    version: z.string(),
    /** The instance talks to the built-in sandbox instead of Spotify. */
    sandbox: z.boolean(),
    apps: z.array(z.object({ id: z.string(), name: z.string() })),
    registration: z.enum(REGISTRATIONS),
  }),
});

export const getHealth = defineRoute({
  id: 'getHealth',
  method: 'get',
  path: '/healthz',
  tag: 'Operations',
  summary: 'Liveness',
  auth: 'public',
  limit: 'probe',
  response: z.object({ status: z.literal('ok') }),
});

export const getReadiness = defineRoute({
  id: 'getReadiness',
  method: 'get',
  path: '/readyz',
  tag: 'Operations',
  summary: 'Readiness: PostgreSQL, Redis, migrations',
  auth: 'public',
  limit: 'probe',
  response: z.object({ status: z.enum(['ready', 'not-ready']), checks: z.record(z.string(), z.string()) }),
});
