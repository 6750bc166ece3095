import { z } from 'zod';
import { playSchema } from './plays.ts';
import { handleSchema, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';
import {
  clockQuery,
  clockSchema,
  summaryQuery,
  summarySchema,
  TOP_KINDS,
  timelineQuery,
  timelineSchema,
  topQuery,
  topSchema,
} from './statistics.ts';

const base = { method: 'get', tag: 'Public profile', auth: 'public', limit: 'public' } as const;
const params = z.object({ handle: handleSchema });

/** Parts of a profile that its listener shows to anybody. A part that is off answers 404, like nobody at all. */
export const publicProfileSchema = z.object({
  handle: z.string(),
  displayName: z.string(),
  imageUrl: z.string().nullable(),
  since: timestampSchema,
  timeZone: z.string(),
  parts: z.object({
    /** Shares what plays now. */
    now: z.boolean(),
    recent: z.boolean(),
    stats: z.boolean(),
    /** May be compared with, by others who allow it too. */
    comparable: z.boolean(),
  }),
});
export type PublicProfile = z.infer<typeof publicProfileSchema>;

export const getProfile = defineRoute({
  ...base,
  id: 'getPublicProfile',
  path: '/api/users/:handle',
  summary: 'The public part of a profile',
  params,
  response: publicProfileSchema,
});

export const getProfilePlays = defineRoute({
  ...base,
  id: 'getPublicPlays',
  path: '/api/users/:handle/plays',
  summary: 'Their last plays',
  params,
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(50).default(20) }),
  response: z.object({ items: z.array(playSchema) }),
});

export const getProfileSummary = defineRoute({
  ...base,
  id: 'getPublicSummary',
  path: '/api/users/:handle/stats/summary',
  summary: 'Their figures for a period',
  params,
  query: summaryQuery,
  response: summarySchema.omit({ gaps: true, counting: true }),
});

export const getProfileTop = defineRoute({
  ...base,
  id: 'getPublicTop',
  path: '/api/users/:handle/stats/top/:kind',
  summary: 'Their most played tracks, artists, albums or genres',
  params: params.extend({ kind: z.enum(TOP_KINDS) }),
  query: topQuery,
  response: topSchema,
});

export const getProfileTimeline = defineRoute({
  ...base,
  id: 'getPublicTimeline',
  path: '/api/users/:handle/stats/timeline',
  summary: 'Their plays and time step by step',
  params,
  query: timelineQuery,
  response: timelineSchema.omit({ gaps: true }),
});

export const getProfileClock = defineRoute({
  ...base,
  id: 'getPublicClock',
  path: '/api/users/:handle/stats/clock',
  summary: 'Their hours of the week',
  params,
  query: clockQuery,
  response: clockSchema,
});
