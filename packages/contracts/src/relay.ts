import { z } from 'zod';
import { timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

/** Where my new plays are passed on to. The token there is written, never shown. */
export const relaySchema = z.object({
  url: z.string(),
  enabled: z.boolean(),
  relayed: z.number().int(),
  relayedTo: timestampSchema,
  lastError: z.object({ message: z.string(), at: timestampSchema }).nullable(),
});
export type RelayView = z.infer<typeof relaySchema>;

const base = { tag: 'Scrobbling', auth: 'user', path: '/api/relay' } as const;

export const getRelay = defineRoute({
  ...base,
  method: 'get',
  id: 'getRelay',
  summary: 'Where my new plays are passed on to',
  scope: 'read',
  limit: 'read',
  response: z.object({ relay: relaySchema.nullable() }),
});

export const saveRelay = defineRoute({
  ...base,
  method: 'put',
  id: 'saveRelay',
  summary: 'Pass my new plays on to a server that speaks ListenBrainz',
  scope: 'write',
  limit: 'write',
  body: z.strictObject({
    /** Root of the API, such as `https://api.listenbrainz.org`. */
    url: z.url({ protocol: /^https?$/ }).max(300),
    /** User token there; left out, the one given before stays. */
    token: z.string().trim().min(8).max(200).optional(),
    enabled: z.boolean().default(true),
  }),
  response: z.object({ relay: relaySchema }),
});

export const deleteRelay = defineRoute({
  ...base,
  method: 'delete',
  id: 'deleteRelay',
  summary: 'Pass nothing on any more, and forget the token',
  scope: 'write',
  limit: 'write',
});
