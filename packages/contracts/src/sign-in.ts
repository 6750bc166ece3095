import { z } from 'zod';
import { defineRoute } from './route.ts';
import { userSchema } from './user.ts';

/** A path on this site: one leading slash, no scheme, host or backslash. */
export const localPathSchema = z
  .string()
  .max(500)
  .regex(/^\/(?![/\\])[^\\\s]*$/, 'must be a path on this site, such as /history');

const loginQuery = z.strictObject({
  returnTo: localPathSchema.optional(),
  /** Which of the instance's Spotify apps to sign in with; chosen by the instance unless told. */
  app: z.string().max(60).optional(),
});

export const login = defineRoute({
  id: 'login',
  method: 'get',
  path: '/auth/login',
  tag: 'Sign-in',
  summary: 'To the consent page of Spotify',
  auth: 'public',
  limit: 'sign-in',
  query: loginQuery,
  status: 302,
});

export const authorizeUrl = defineRoute({
  id: 'authorizeUrl',
  method: 'get',
  path: '/spotify/authorize',
  aliases: ['/api/spotify/auth/login'],
  tag: 'Sign-in',
  summary: 'The address of the consent page, for a separate front end',
  auth: 'public',
  limit: 'sign-in',
  query: loginQuery.extend({
    /** Where that front end receives the code; on one of the instance's CORS origins, and known to Spotify. */
    redirectUri: z.url().max(500).optional(),
  }),
  response: z.object({ url: z.string() }),
});

/** What an authorization server sends a browser back with. */
const callbackQuery = z.looseObject({
  code: z.string().optional(),
  state: z.string().optional(),
  error: z.string().optional(),
});

export const callback = defineRoute({
  id: 'callback',
  method: 'get',
  path: '/auth/callback',
  aliases: ['/spotify/callback'],
  tag: 'Sign-in',
  summary: 'Where Spotify sends the browser back to',
  auth: 'public',
  limit: 'sign-in',
  query: callbackQuery,
  status: 302,
});

export const exchangeCode = defineRoute({
  id: 'exchangeCode',
  method: 'post',
  path: '/api/spotify/auth/code',
  tag: 'Sign-in',
  summary: 'Finish a sign-in that a separate front end received',
  auth: 'public',
  limit: 'sign-in',
  body: z.strictObject({ code: z.string().min(1).max(2000), state: z.string().min(1).max(500) }),
  response: userSchema,
});

export const logout = defineRoute({
  id: 'logout',
  method: 'post',
  path: '/auth/logout',
  aliases: ['/api/spotify/auth/logout'],
  tag: 'Sign-in',
  summary: 'End my session',
  auth: 'public',
  limit: 'write',
});

export const issueToken = defineRoute({
  id: 'issueToken',
  method: 'post',
  path: '/token',
  tag: 'Sign-in',
  summary: 'OAuth 2: a short-lived JWT for the admin password or a service client',
  auth: 'public',
  limit: 'sign-in',
  bodyType: 'form',
  body: z.discriminatedUnion('grant_type', [
    z.strictObject({
      grant_type: z.literal('password'),
      username: z.string().max(200).optional(),
      password: z.string().min(1).max(200),
      scope: z.string().max(200).optional(),
    }),
    z.strictObject({
      grant_type: z.literal('client_credentials'),
      client_id: z.string().min(1).max(200).optional(),
      client_secret: z.string().min(1).max(200).optional(),
      scope: z.string().max(200).optional(),
    }),
  ]),
  response: z.object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    /** Seconds. */
    expires_in: z.number().int(),
  }),
});

export const CALLER_KINDS = ['nobody', 'listener', 'operator'] as const;

export const callerSchema = z.object({
  kind: z.enum(CALLER_KINDS),
  name: z.string().nullable(),
  isAdmin: z.boolean(),
  /** Ways for an operator without a listener's account to sign in. */
  operatorSignIn: z.object({
    /** What the OpenID Connect provider is called; null: there is none. */
    provider: z.string().nullable(),
    password: z.boolean(),
  }),
});
export type SessionView = z.infer<typeof callerSchema>;

export const getSession = defineRoute({
  id: 'getSession',
  method: 'get',
  path: '/api/session',
  tag: 'Sign-in',
  summary: 'Who this browser is signed in as, if anybody',
  auth: 'public',
  limit: 'public',
  response: callerSchema,
});

export const operatorLogin = defineRoute({
  id: 'operatorLogin',
  method: 'get',
  path: '/auth/operator/login',
  tag: 'Sign-in',
  summary: 'To the OpenID Connect provider of the operators',
  auth: 'public',
  limit: 'sign-in',
  query: z.strictObject({ returnTo: localPathSchema.optional() }),
  status: 302,
});

export const operatorCallback = defineRoute({
  id: 'operatorCallback',
  method: 'get',
  path: '/auth/operator/callback',
  tag: 'Sign-in',
  summary: 'Where that provider sends the browser back to',
  auth: 'public',
  limit: 'sign-in',
  query: callbackQuery,
  status: 302,
});

export const operatorPassword = defineRoute({
  id: 'operatorPassword',
  method: 'post',
  path: '/auth/operator/password',
  tag: 'Sign-in',
  summary: 'Sign this browser in as the operator, by the admin password',
  auth: 'public',
  limit: 'sign-in',
  body: z.strictObject({ password: z.string().min(1).max(200) }),
});
