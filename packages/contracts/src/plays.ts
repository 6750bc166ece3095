import { z } from 'zod';
import { trackSummarySchema } from './catalogue.ts';
import {
  idSchema,
  pageOf,
  pageQueryShape,
  queryFlagSchema,
  timestampInputSchema,
  timestampSchema,
} from './primitives.ts';
import { defineRoute } from './route.ts';

/** What saw a play. */
export const PLAY_SOURCES = [
  'recently-played',
  'live',
  'spotify-extended',
  'spotify-account-data',
  'lastfm',
  'listenbrainz',
  'maloja',
  'scrobble',
] as const;
export const playSourceSchema = z.enum(PLAY_SOURCES);
export type PlaySourceName = z.infer<typeof playSourceSchema>;

/** Opaque id of a play. */
export const playIdSchema = z.string().regex(/^[A-Za-z0-9_-]{4,40}$/, 'must be the id of a play');

export const playSchema = z.object({
  id: playIdSchema,
  /** Start of the listen. */
  playedAt: timestampSchema,
  endedAt: timestampSchema,
  /** Measured listening time; null when nothing measured it. */
  msPlayed: z.number().int().nullable(),
  source: playSourceSchema,
  /** Everything that saw this listen. */
  seenBy: z.array(playSourceSchema),
  context: z.object({ uri: z.string(), type: z.string(), url: z.string().nullable() }).nullable(),
  /** What it was heard on, where a source names it. */
  device: z.string().nullable(),
  /** Counts in my figures; else why it does not. */
  counts: z.boolean(),
  uncounted: z.enum(['hidden', 'excluded', 'too-short']).nullable(),
  track: trackSummarySchema,
});
export type PlayView = z.infer<typeof playSchema>;

export const captureGapSchema = z.object({ from: timestampSchema, to: timestampSchema });

export const listPlays = defineRoute({
  id: 'listPlays',
  method: 'get',
  path: '/api/plays',
  tag: 'History',
  summary: 'My plays, newest first',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject({
    ...pageQueryShape,
    /** Only plays that started at or after this moment. */
    from: timestampInputSchema.optional(),
    /** Only plays that started before this moment. */
    to: timestampInputSchema.optional(),
    track: idSchema.optional(),
    artist: idSchema.optional(),
    album: idSchema.optional(),
    /** Words in the track's, artist's or album's name. */
    q: z.string().trim().min(1).max(200).optional(),
    /** Only plays that this source saw. */
    source: playSourceSchema.optional(),
    /** Only plays that count (`true`) or do not (`false`). */
    counted: queryFlagSchema.optional(),
  }),
  response: pageOf(playSchema).extend({
    /** Stretches inside this page of which Spotify could not show everything. */
    gaps: z.array(captureGapSchema),
  }),
});

export const deletePlay = defineRoute({
  id: 'deletePlay',
  method: 'delete',
  path: '/api/plays/:id',
  tag: 'History',
  summary: 'Remove one play',
  auth: 'user',
  scope: 'write',
  limit: 'write',
  params: z.object({ id: playIdSchema }),
});

export const PLAY_EXPORT_FORMATS = ['ndjson', 'csv', 'listenbrainz'] as const;

export const exportPlays = defineRoute({
  id: 'exportPlays',
  method: 'get',
  path: '/api/export/plays',
  tag: 'History',
  summary: 'Every play of mine as NDJSON (which another instance restores), CSV or ListenBrainz listens',
  auth: 'user',
  scope: 'read',
  limit: 'upload',
  query: z.strictObject({ format: z.enum(PLAY_EXPORT_FORMATS).default('ndjson') }),
  produces: 'application/octet-stream',
});
