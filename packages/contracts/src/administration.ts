import { z } from 'zod';
import { jobAcceptedSchema } from './jobs.ts';
import { idSchema, pageOf, pageQueryShape, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

/** A listener by name; everywhere that admins see one, and never with music. */
export const personSchema = z.object({ id: idSchema, handle: z.string(), displayName: z.string() });

// ── Listeners ───────────────────────────────────────────────────────────────────────────────────

export const USER_SORTS = ['created', 'name', 'plays', 'lastPlay', 'consent'] as const;
export type UserSort = (typeof USER_SORTS)[number];

export const USER_FILTERS = ['admins', 'disabled', 'reconnect', 'late'] as const;
export type UserFilter = (typeof USER_FILTERS)[number];

export const adminUserSchema = personSchema.extend({
  isAdmin: z.boolean(),
  createdAt: timestampSchema,
  lastSignInAt: timestampSchema.nullable(),
  disabledAt: timestampSchema.nullable(),
  /** Asked to be erased, and is not yet. */
  erasing: z.boolean(),
  /** The Spotify app of their consent. */
  app: z.string().nullable(),
  consent: z.enum(['good', 'ending', 'ended', 'none']),
  /** Until Spotify ends the consent. */
  daysLeft: z.number().int().nullable(),
  /** Spotify's last refusal that signing in again would not mend. */
  refusal: z.string().nullable(),
  sharing: z.boolean(),
  plays: z.number().int(),
  capture: z.object({
    /** End of the newest play that Spotify's list has shown. */
    lastPlayAt: timestampSchema.nullable(),
    readAt: timestampSchema.nullable(),
    /** For how long a reading has been due, ms; 0: none is. */
    lateMs: z.number().int(),
    gaps: z.number().int(),
    lastError: z.string().nullable(),
  }),
});
export type AdminUserView = z.infer<typeof adminUserSchema>;

export const listUsers = defineRoute({
  id: 'listUsers',
  method: 'get',
  path: '/api/admin/users',
  tag: 'Admin',
  summary: 'The listeners of this instance, without their music',
  auth: 'admin',
  limit: 'read',
  query: z.strictObject({
    ...pageQueryShape,
    /** Part of a name or handle. */
    q: z.string().trim().max(60).optional(),
    filter: z.enum(USER_FILTERS).optional(),
    sort: z.enum(USER_SORTS).default('created'),
  }),
  response: pageOf(adminUserSchema),
});

const userParams = z.object({ id: idSchema });

export const changeUser = defineRoute({
  id: 'changeUser',
  method: 'patch',
  path: '/api/admin/users/:id',
  tag: 'Admin',
  summary: 'Make or unmake an admin; disable or enable an account',
  auth: 'admin',
  limit: 'write',
  params: userParams,
  body: z.strictObject({ isAdmin: z.boolean().optional(), disabled: z.boolean().optional() }),
  response: adminUserSchema,
});

export const signOutUser = defineRoute({
  id: 'signOutUser',
  method: 'post',
  path: '/api/admin/users/:id/sign-out',
  tag: 'Admin',
  summary: 'End all browser sessions of a listener',
  auth: 'admin',
  limit: 'write',
  params: userParams,
});

export const eraseListener = defineRoute({
  id: 'eraseListener',
  method: 'delete',
  path: '/api/admin/users/:id',
  tag: 'Admin',
  summary: 'Erase a listener and everything of theirs: tokens at once, data within the job',
  auth: 'admin',
  limit: 'write',
  params: userParams,
  query: z.strictObject({
    /** The handle of the listener, so that nobody is erased by a slip. */
    confirm: z.string().max(60),
  }),
  status: 202,
  response: jobAcceptedSchema,
});

/** Users that Spotify answers for one app in development mode. */
export const DEVELOPMENT_SEATS = 5;

export const listApps = defineRoute({
  id: 'listApps',
  method: 'get',
  path: '/api/admin/apps',
  tag: 'Admin',
  summary: "The instance's Spotify apps and their seats",
  auth: 'admin',
  limit: 'read',
  response: z.object({
    mode: z.enum(['development', 'extended']),
    apps: z.array(
      z.object({
        id: z.string(),
        account: z.string(),
        /** Listeners who consented to it. */
        users: z.number().int(),
        /** Null: Spotify sets no limit. */
        seats: z.number().int().nullable(),
      }),
    ),
  }),
});

// ── Settings ────────────────────────────────────────────────────────────────────────────────────

export const REGISTRATIONS = ['open', 'invitation', 'closed'] as const;

const settingsShape = {
  /** Whether people whom the instance does not know yet may sign in. */
  registration: z.enum(REGISTRATIONS),
  /** Whether visitors may see the feed, too. */
  feedPublic: z.boolean(),
  /** What the instance is called; null: as INSTANCE_NAME says. */
  name: z.string().trim().min(1).max(60).nullable(),
};

const settingsSchema = z.object({
  ...settingsShape,
  /** Whose track `GET /api/now-playing` shows: as chosen, else the first admin. */
  owner: personSchema.nullable(),
  /** `chosen` here, the `first-admin`, or the account of MY_SPOTIFY_REFRESH_TOKEN (`token`). */
  ownerBy: z.enum(['chosen', 'first-admin', 'token']),
});
export type InstanceSettingsView = z.infer<typeof settingsSchema>;

export const getInstanceSettings = defineRoute({
  id: 'getInstanceSettings',
  method: 'get',
  path: '/api/admin/settings',
  tag: 'Admin',
  summary: 'What admins decide for the instance',
  auth: 'admin',
  limit: 'read',
  response: settingsSchema,
});

export const updateInstanceSettings = defineRoute({
  id: 'updateInstanceSettings',
  method: 'patch',
  path: '/api/admin/settings',
  tag: 'Admin',
  summary: 'Change some of the settings of the instance',
  auth: 'admin',
  limit: 'write',
  body: z.strictObject({
    ...z.object(settingsShape).partial().shape,
    /** A listener; null: the first admin. */
    ownerId: idSchema.nullable().optional(),
  }),
  response: settingsSchema,
});

// ── What admins did ─────────────────────────────────────────────────────────────────────────────

export const ADMIN_ACTIONS = [
  'admin-made',
  'admin-unmade',
  'user-disabled',
  'user-enabled',
  'user-signed-out',
  'user-erased',
  'invitation-made',
  'invitation-revoked',
  'settings-changed',
  'queue-paused',
  'queue-resumed',
  'jobs-retried',
  'jobs-dropped',
  'dashboard-used',
  'operator-signed-in',
] as const;
export type AdminActionName = (typeof ADMIN_ACTIONS)[number];

export const adminActionSchema = z.object({
  id: idSchema,
  at: timestampSchema,
  action: z.enum(ADMIN_ACTIONS),
  /** Null: the operator, or a listener who was erased since. */
  actor: personSchema.nullable(),
  /** How an operator was signed in, who is no listener. */
  operator: z.string().nullable(),
  /** The listener it was done to; null: nobody, or one who was erased since. */
  user: personSchema.nullable(),
  /** What else it was done to: a queue, an invitation. */
  target: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  requestId: z.string(),
});
export type AdminActionView = z.infer<typeof adminActionSchema>;

export const listAdminActions = defineRoute({
  id: 'listAdminActions',
  method: 'get',
  path: '/api/admin/actions',
  tag: 'Admin',
  summary: 'What admins did here, newest first',
  auth: 'admin',
  limit: 'read',
  query: z.strictObject(pageQueryShape),
  response: pageOf(adminActionSchema),
});

// ── What failed ─────────────────────────────────────────────────────────────────────────────────

export const FAILURE_KINDS = [
  'job',
  'sweep',
  'playlist',
  'import',
  'consent',
  'refusal',
  'capture',
  'gap',
  'relay',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const failureSchema = z.object({
  kind: z.enum(FAILURE_KINDS),
  at: timestampSchema,
  /** Whom it concerns; null: the instance. */
  user: personSchema.nullable(),
  /** Stable and machine-readable. */
  code: z.string(),
  what: z.string(),
  /** What to do about it. */
  advice: z.string(),
  queue: z.string().nullable(),
  jobId: z.string().nullable(),
});
export type FailureView = z.infer<typeof failureSchema>;

export const listFailures = defineRoute({
  id: 'listFailures',
  method: 'get',
  path: '/api/admin/failures',
  tag: 'Admin',
  summary: 'What failed in the last 30 days, newest first, and what to do about it',
  auth: 'admin',
  limit: 'read',
  response: z.object({ items: z.array(failureSchema).max(200) }),
});
