import { z } from 'zod';
import { trackSummarySchema } from './catalogue.ts';
import { playlistSourceSchema } from './playlists.ts';
import { idSchema, pageOf, pageQueryShape, queryFlagSchema, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

// ── Liked Songs ─────────────────────────────────────────────────────────────────────────────────

export const favoriteSchema = z.object({
  addedAt: timestampSchema,
  /** Spotify says that it cannot be played (any more). */
  unplayable: z.boolean(),
  /** Null: it was taken off Spotify, which no longer says what it was. */
  track: trackSummarySchema.nullable(),
});
export type Favorite = z.infer<typeof favoriteSchema>;

export const listFavorites = defineRoute({
  id: 'listFavorites',
  method: 'get',
  path: '/api/favorites',
  tag: 'Library',
  summary: 'My Liked Songs as stored, newest first',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject({ ...pageQueryShape, q: z.string().trim().max(100).optional() }),
  response: pageOf(favoriteSchema).extend({ total: z.number().int(), readAt: timestampSchema.nullable() }),
});

/** What bringing Liked Songs into step came to. */
export const likedReadingSchema = z.object({
  total: z.number().int(),
  added: z.number().int(),
  removed: z.number().int(),
  /** Calls to Spotify. */
  pages: z.number().int(),
  /** Every page was read. */
  full: z.boolean(),
});
export type LikedReading = z.infer<typeof likedReadingSchema>;

export const syncFavorites = defineRoute({
  id: 'syncFavorites',
  method: 'post',
  path: '/spotify/sync-favorites',
  tag: 'Library',
  summary: 'Bring my Liked Songs into step: new pages are read, and the few that show what was removed',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  query: z.strictObject({
    /** Read every page, whatever is known. */
    full: queryFlagSchema.optional(),
  }),
  enqueues: true,
  response: likedReadingSchema,
});

// ── Analysis ────────────────────────────────────────────────────────────────────────────────────

const countedSchema = z.object({
  id: idSchema,
  name: z.string(),
  url: z.string().nullable(),
  tracks: z.number().int(),
});
const yearCountSchema = z.object({ year: z.number().int(), tracks: z.number().int() });
const markSchema = z.object({
  addedAt: timestampSchema,
  releaseDate: z.string().nullable(),
  track: trackSummarySchema,
});

/**
 * Liked Songs in figures. Of equals in a list or a record, the one that stands first is always the same.
 * What concerns tracks – artists, lengths, releases, plays – is of the songs that Spotify still tells of.
 */
export const libraryAnalysisSchema = z.object({
  /** Songs, and those of them of which Spotify tells nothing any more. */
  tracks: z.number().int(),
  removed: z.number().int(),
  unplayable: z.number().int(),
  artists: z.number().int(),
  albums: z.number().int(),
  /** Length of all whose length is known, ms. */
  totalMs: z.number().int(),
  averageMs: z.number().int().nullable(),
  medianMs: z.number().int().nullable(),
  shortest: trackSummarySchema.nullable(),
  longest: trackSummarySchema.nullable(),
  /** By length: from `fromMs` to below `toMs` (null: no end). */
  durations: z.array(
    z.object({ fromMs: z.number().int(), toMs: z.number().int().nullable(), tracks: z.number().int() }),
  ),
  explicit: z.object({ yes: z.number().int(), no: z.number().int(), unknown: z.number().int() }),
  /** Years of release, without gaps from the first to the last. */
  years: z.array(yearCountSchema),
  /** Decades by their first year, without gaps. */
  decades: z.array(yearCountSchema),
  /** Of the release years. */
  medianYear: z.number().int().nullable(),
  oldestRelease: markSchema.nullable(),
  newestRelease: markSchema.nullable(),
  topArtists: z.array(countedSchema),
  topAlbums: z.array(countedSchema),
  /** Where known: Spotify tells small apps none. */
  genres: z.array(z.object({ name: z.string(), tracks: z.number().int() })),
  /** Additions by month (its first day), without gaps, in my time zone. */
  months: z.array(z.object({ at: z.iso.date(), tracks: z.number().int() })),
  firstAdded: markSchema.nullable(),
  lastAdded: markSchema.nullable(),
  /** Songs that I have played – they, or what I merged them with – and never. Plays count as in statistics. */
  heard: z.object({ played: z.number().int(), never: z.number().int() }),
});
export type LibraryAnalysisFigures = z.infer<typeof libraryAnalysisSchema>;

/** The last analysis and when it was made; null: none yet. */
export const analysisSchema = z.object({
  madeAt: timestampSchema.nullable(),
  analysis: libraryAnalysisSchema.nullable(),
  /** The job that makes the first one, while it lasts. */
  refreshing: z.string().nullable(),
  /** Why there is none yet. */
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type AnalysisView = z.infer<typeof analysisSchema>;

export const getAnalysis = defineRoute({
  id: 'getAnalysis',
  method: 'get',
  path: '/api/user/analysis',
  tag: 'Library',
  summary: 'The analysis of my Liked Songs; the first is made when asked for',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  response: analysisSchema,
});

export const makeAnalysis = defineRoute({
  id: 'makeAnalysis',
  method: 'post',
  path: '/api/user/analysis',
  tag: 'Library',
  summary: 'Bring my Liked Songs into step and analyse them anew',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  enqueues: true,
  response: z.object({ madeAt: timestampSchema, tracks: z.number().int() }),
});

// ── Contents of playlists ───────────────────────────────────────────────────────────────────────

/** What reading a source came to. */
export const sourceReadingSchema = z.object({
  tracks: z.number().int(),
  /** Nothing had changed since it was read before. */
  unchanged: z.boolean(),
});

export const readSource = defineRoute({
  id: 'readSource',
  method: 'post',
  path: '/api/library/read',
  tag: 'Library',
  summary: 'Read the items of a playlist of mine, or my Liked Songs, where they have changed',
  auth: 'user',
  scope: 'write',
  limit: 'enqueue',
  body: z.strictObject({ source: playlistSourceSchema }),
  enqueues: true,
  response: sourceReadingSchema,
});

/** One line of a source; positions count from 1. */
const lineSchema = z.object({
  position: z.number().int(),
  addedAt: timestampSchema.nullable(),
  track: trackSummarySchema,
});

/** What is odd about a source, from what is stored. */
export const findingsSchema = z.object({
  source: z.string(),
  name: z.string(),
  /** When its items were read; null: never, so nothing is known. */
  readAt: timestampSchema.nullable(),
  tracks: z.number().int(),
  /**
   * Lines that are the same music: `same` id or merged track, the same recording (`isrc`) under several
   * ids, or the same title, artist and about the same length (`alike`).
   */
  duplicates: z.array(z.object({ why: z.enum(['same', 'isrc', 'alike']), lines: z.array(lineSchema) })),
  unplayable: z.array(lineSchema),
  /** Lines that are no tracks of Spotify's, by what they are. */
  others: z.array(
    z.object({
      position: z.number().int(),
      kind: z.enum(['local', 'removed', 'episode']),
      name: z.string().nullable(),
    }),
  ),
});
export type Findings = z.infer<typeof findingsSchema>;

export const getFindings = defineRoute({
  id: 'getFindings',
  method: 'get',
  path: '/api/library/findings',
  tag: 'Library',
  summary: 'Duplicates and what cannot be played, in a source as last read',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject({ source: playlistSourceSchema }),
  response: findingsSchema,
});

export const LIBRARY_EXPORT_FORMATS = ['csv', 'json'] as const;

export const exportLibrary = defineRoute({
  id: 'exportLibrary',
  method: 'get',
  path: '/api/library/export',
  tag: 'Library',
  summary: 'The items of a source as last read, as CSV or JSON',
  auth: 'user',
  scope: 'read',
  limit: 'upload',
  query: z.strictObject({
    source: playlistSourceSchema,
    format: z.enum(LIBRARY_EXPORT_FORMATS).default('csv'),
  }),
  produces: 'text/csv',
});
