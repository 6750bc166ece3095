import { z } from 'zod';
import { defineRoute } from './route.ts';

/**
 * The part of ListenBrainz's API that players submit to, for `Authorization: Token <personal token>`.
 * Shapes: https://listenbrainz.readthedocs.io/en/latest/users/api/core.html and …/json.html.
 */

/** One listen as ListenBrainz writes it. Unknown fields are passed over, as there. */
export const listenSchema = z.object({
  /** Start of the listen, seconds since 1970 UTC; absent for `playing_now`. */
  listened_at: z.number().int().optional(),
  track_metadata: z.object({
    artist_name: z.string().trim().min(1).max(1_000),
    track_name: z.string().trim().min(1).max(1_000),
    release_name: z.string().trim().max(1_000).nullish(),
    additional_info: z.record(z.string(), z.unknown()).nullish(),
  }),
});
export type Listen = z.infer<typeof listenSchema>;

/** Listens in one submission at most, as ListenBrainz allows. */
export const MAX_LISTENS = 1_000;

export const submitListens = defineRoute({
  id: 'submitListens',
  method: 'post',
  path: '/1/submit-listens',
  tag: 'Scrobbling',
  summary: 'Submit listens as to ListenBrainz',
  auth: 'user',
  scope: 'scrobble',
  limit: 'write',
  takesAnyText: true,
  body: z.object({
    listen_type: z.enum(['single', 'import', 'playing_now']),
    payload: z.array(listenSchema).min(1).max(MAX_LISTENS),
  }),
  response: z.object({ status: z.literal('ok') }),
});

export const validateToken = defineRoute({
  id: 'validateToken',
  method: 'get',
  path: '/1/validate-token',
  tag: 'Scrobbling',
  summary: 'Whether a personal token is good, as ListenBrainz answers it',
  auth: 'public',
  limit: 'public',
  response: z.object({
    code: z.literal(200),
    message: z.string(),
    valid: z.boolean(),
    user_name: z.string().optional(),
  }),
});
