import { z } from 'zod';
import { jobAcceptedSchema } from './jobs.ts';
import { handleSchema, idSchema, timestampSchema, timeZoneSchema } from './primitives.ts';
import { API_TOKEN_SCOPES, defineRoute } from './route.ts';

/** How the listener stands with Spotify. */
export const connectionSchema = z.object({
  connected: z.boolean(),
  /** Spotify refuses the stored consent: sign in again. */
  reauthNeeded: z.boolean(),
  /** Why, in words; null while all is well. */
  reauthReason: z.string().nullable(),
  authorizedAt: timestampSchema.nullable(),
  /** Six months after consent, when Spotify ends it. */
  reauthBy: timestampSchema.nullable(),
  daysLeft: z.number().int().nullable(),
  /** Scopes that Spindle asks for and this consent lacks. */
  missingScopes: z.array(z.string()),
  /** Spotify's last refusal that signing in again would not mend, with its fix in words. */
  refusal: z.object({ code: z.string(), message: z.string(), at: timestampSchema }).nullable(),
});
export type ConnectionView = z.infer<typeof connectionSchema>;

/** How capture of this listener's plays is doing. */
export const captureSchema = z.object({
  historyReadAt: timestampSchema.nullable(),
  nextHistoryAt: timestampSchema.nullable(),
  playbackReadAt: timestampSchema.nullable(),
  plays: z.number().int(),
  gaps: z.number().int(),
  lastError: z.object({ code: z.string(), at: timestampSchema }).nullable(),
});

export const userSettingsShape = {
  handle: handleSchema,
  displayName: z.string().trim().min(1).max(60),
  timeZone: timeZoneSchema,
  publicProfile: z.boolean(),
  publicHistory: z.boolean(),
  publicStats: z.boolean(),
  /** Others who allow it too may compare their taste with mine. */
  comparable: z.boolean(),
  /** Measured plays shorter than this count nowhere, ms. */
  minPlayMs: z.number().int().min(5_000).max(240_000),
  trackers: z.boolean(),
  /** Read the player even while nobody watches. */
  liveCapture: z.boolean(),
  hiddenArtists: z.array(idSchema).max(500),
};

export const userSchema = z.object({
  id: idSchema,
  ...userSettingsShape,
  handle: z.string(),
  imageUrl: z.string().nullable(),
  isAdmin: z.boolean(),
  createdAt: timestampSchema,
  sharing: z.boolean(),
  connection: connectionSchema,
  capture: captureSchema,
});
export type UserView = z.infer<typeof userSchema>;

export const getUser = defineRoute({
  id: 'getUser',
  method: 'get',
  path: '/api/user',
  tag: 'User',
  summary: 'My profile, settings and connection',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  response: userSchema,
});

export const saveUser = defineRoute({
  id: 'saveUser',
  method: 'put',
  path: '/api/user/save',
  alsoMethods: ['get'],
  tag: 'User',
  summary: 'Create or refresh my entry from Spotify',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  enqueues: true,
  response: z.object({ displayName: z.string(), imageUrl: z.string().nullable() }),
});

export const updateUser = defineRoute({
  id: 'updateUser',
  method: 'patch',
  path: '/api/user',
  tag: 'User',
  summary: 'Change my settings',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  body: z.strictObject(userSettingsShape).partial(),
  response: userSchema,
});

export const exportUser = defineRoute({
  id: 'exportUser',
  method: 'get',
  path: '/api/user/export',
  tag: 'User',
  summary: 'Everything of mine as a zip of NDJSON files',
  auth: 'user',
  scope: 'read',
  limit: 'upload',
  produces: 'application/zip',
});

export const deleteUser = defineRoute({
  id: 'deleteUser',
  method: 'delete',
  path: '/api/user',
  tag: 'User',
  summary: 'Erase me: tokens at once, data within the job',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  status: 202,
  response: jobAcceptedSchema,
});

export const apiTokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  hint: z.string(),
  scopes: z.array(z.enum(API_TOKEN_SCOPES)),
  createdAt: timestampSchema,
  lastUsedAt: timestampSchema.nullable(),
  expiresAt: timestampSchema.nullable(),
});

export const listTokens = defineRoute({
  id: 'listTokens',
  method: 'get',
  path: '/api/tokens',
  tag: 'User',
  summary: 'My personal API tokens',
  auth: 'user',
  limit: 'read',
  response: z.object({ items: z.array(apiTokenSchema) }),
});

export const createToken = defineRoute({
  id: 'createToken',
  method: 'post',
  path: '/api/tokens',
  tag: 'User',
  summary: 'Make a personal API token; it is shown this once',
  auth: 'user',
  limit: 'write',
  status: 201,
  body: z.strictObject({
    name: z.string().trim().min(1).max(60),
    scopes: z.array(z.enum(API_TOKEN_SCOPES)).min(1),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  }),
  response: apiTokenSchema.extend({ token: z.string() }),
});

export const deleteToken = defineRoute({
  id: 'deleteToken',
  method: 'delete',
  path: '/api/tokens/:id',
  tag: 'User',
  summary: 'Revoke a personal API token',
  auth: 'user',
  limit: 'write',
  params: z.object({ id: idSchema }),
});
