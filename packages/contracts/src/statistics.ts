import { z } from 'zod';
import { albumSummarySchema, artistSummarySchema, trackSummarySchema } from './catalogue.ts';
import { captureGapSchema } from './plays.ts';
import { handleSchema, imageSchema, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';

/** Calendar periods by name; `all` is everything from the first play to today. */
export const RANGES = ['day', 'week', 'month', 'quarter', 'year', 'all'] as const;
export type RangeName = (typeof RANGES)[number];

/** A day of the listener's own calendar, `YYYY-MM-DD`. */
export const daySchema = z.iso.date();

/**
 * What a statistic is about. Either a calendar period by name – the one that holds the day `at`, today
 * unless told – or the days `from` to `to`, both included. Days are those of the listener's time zone;
 * weeks begin on Monday.
 */
export const rangeShape = {
  range: z.enum(RANGES).optional(),
  at: daySchema.optional(),
  from: daySchema.optional(),
  to: daySchema.optional(),
};

/** Sorting and counting: by number of plays or by listening time. */
export const MEASURES = ['plays', 'time'] as const;
export type Measure = (typeof MEASURES)[number];

/** What plays come to. Times in ms. */
export const figuresSchema = z.object({
  plays: z.number().int(),
  /** Listening time: measured where something measured it, else the track's length. */
  msPlayed: z.number().int(),
  /** The part of `msPlayed` that is assumed. */
  msAssumed: z.number().int(),
});
export type Figures = z.infer<typeof figuresSchema>;

/** A stretch of the listener's calendar. */
export const periodSchema = z.object({
  /** Null: free days. */
  range: z.enum(RANGES).nullable(),
  /** First and last day, both included. */
  from: daySchema,
  to: daySchema,
  /** Zone by which days are told apart. */
  timeZone: z.string(),
});
export type Period = z.infer<typeof periodSchema>;

const distinctSchema = z.object({
  tracks: z.number().int(),
  artists: z.number().int(),
  albums: z.number().int(),
});

export const summarySchema = z.object({
  period: periodSchema,
  figures: figuresSchema,
  distinct: distinctSchema,
  /** Heard for the first time in this period. */
  discovered: distinctSchema,
  activeDays: z.number().int(),
  /** Days of the period up to today. */
  days: z.number().int(),
  /** The period before, of the same kind or number of days; null for all time. */
  previous: z
    .object({
      period: periodSchema,
      figures: figuresSchema,
      distinct: distinctSchema,
      activeDays: z.number().int(),
    })
    .nullable(),
  /** Stretches that capture could not see whole. */
  gaps: z.array(captureGapSchema),
  /** How these figures were counted. */
  counting: z.object({
    /** Measured plays shorter than this count nowhere. */
    minPlayMs: z.number().int(),
    /** A change waits for its recount: figures are those from before it. */
    recounting: z.boolean(),
    countedAt: timestampSchema.nullable(),
    firstPlayAt: timestampSchema.nullable(),
  }),
});
export type StatsSummary = z.infer<typeof summarySchema>;

export const TOP_KINDS = ['tracks', 'artists', 'albums', 'genres'] as const;
export type TopKind = (typeof TOP_KINDS)[number];

export const artistItemSchema = artistSummarySchema.extend({ images: z.array(imageSchema) });
export const albumItemSchema = albumSummarySchema.extend({ artists: z.array(artistSummarySchema) });

export const topItemSchema = z.object({
  /** From 1; equals share none: they are told apart by time, then by age in the catalogue. */
  rank: z.number().int(),
  ...figuresSchema.shape,
  /** Plays and time in the period before; null for all time. */
  previous: z.object({ plays: z.number().int(), msPlayed: z.number().int() }).nullable(),
  /** Exactly one of these four is set, as the kind says. */
  track: trackSummarySchema.optional(),
  artist: artistItemSchema.optional(),
  album: albumItemSchema.optional(),
  genre: z.string().optional(),
});
export type TopItem = z.infer<typeof topItemSchema>;

export const topSchema = z.object({
  period: periodSchema,
  /** Of the whole period. */
  figures: figuresSchema,
  /** How many different items the period has. */
  total: z.number().int(),
  items: z.array(topItemSchema),
  nextCursor: z.string().nullable(),
});
export type TopList = z.infer<typeof topSchema>;

export const TIMELINE_STEPS = ['hour', 'day', 'week', 'month', 'year'] as const;
export type TimelineStep = (typeof TIMELINE_STEPS)[number];

export const timelineSchema = z.object({
  period: periodSchema,
  by: z.enum(TIMELINE_STEPS),
  /** Every step of the period in order, those without plays too. */
  points: z.array(
    z.object({
      /** Start of the step in the listener's calendar: `YYYY-MM-DD`, for hours `YYYY-MM-DDTHH:00`. */
      at: z.string(),
      ...figuresSchema.shape,
    }),
  ),
  gaps: z.array(captureGapSchema),
});
export type Timeline = z.infer<typeof timelineSchema>;

export const clockSchema = z.object({
  period: periodSchema,
  /** 168 cells from Monday 00:00, hour by hour, in the listener's zone, by the start of each play. */
  cells: z.array(
    z.object({
      /** 1 Monday to 7 Sunday. */
      weekday: z.number().int().min(1).max(7),
      hour: z.number().int().min(0).max(23),
      ...figuresSchema.shape,
    }),
  ),
});
export type ListeningClock = z.infer<typeof clockSchema>;

export const sessionSchema = z.object({
  from: timestampSchema,
  to: timestampSchema,
  ...figuresSchema.shape,
});
export const sessionsSchema = z.object({
  period: periodSchema,
  /** Plays with less than this between them are one session. */
  gapMs: z.number().int(),
  count: z.number().int(),
  averageMs: z.number().int(),
  longestMs: z.number().int(),
  items: z.array(sessionSchema),
  nextCursor: z.string().nullable(),
});
export type Sessions = z.infer<typeof sessionsSchema>;

const streakSchema = z.object({ days: z.number().int(), from: daySchema, to: daySchema });
export const streaksSchema = z.object({
  timeZone: z.string(),
  /** Running today, or until yesterday; null when broken. */
  current: streakSchema.nullable(),
  /** Longest first, at most ten. */
  longest: z.array(streakSchema),
  /** Days with at least one play, ever. */
  activeDays: z.number().int(),
  /** The play that made each round number, oldest first. */
  milestones: z.array(z.object({ plays: z.number().int(), at: timestampSchema, track: trackSummarySchema })),
  /** Next round number. */
  next: z.object({ plays: z.number().int(), left: z.number().int() }),
  /** The days with most plays and most time. */
  busiest: z.object({
    byPlays: z.object({ day: daySchema, ...figuresSchema.shape }).nullable(),
    byTime: z.object({ day: daySchema, ...figuresSchema.shape }).nullable(),
  }),
});
export type Streaks = z.infer<typeof streaksSchema>;

export const DISCOVERY_KINDS = ['tracks', 'artists', 'albums'] as const;
export const discoveriesSchema = z.object({
  period: periodSchema,
  kind: z.enum(DISCOVERY_KINDS),
  by: z.enum(['day', 'week', 'month', 'year']),
  /** Number of items heard for the first time, step by step. */
  points: z.array(z.object({ at: daySchema, count: z.number().int() })),
  total: z.number().int(),
  /** The discoveries most played since, with their first day; `rank` counts within this list. */
  items: z.array(topItemSchema.omit({ previous: true }).extend({ firstDay: daySchema })),
});
export type Discoveries = z.infer<typeof discoveriesSchema>;

/** One side of a comparison. */
const comparedSchema = z.object({
  label: z.string(),
  period: periodSchema,
  figures: figuresSchema,
  distinct: distinctSchema,
});
export const comparisonSchema = z.object({
  mine: comparedSchema,
  theirs: comparedSchema,
  kind: z.enum(DISCOVERY_KINDS),
  /**
   * Likeness of the two lists, 0 to 1: weighted Jaccard (Ruzicka) similarity of the shares of plays,
   * Σ min(aᵢ, bᵢ) / Σ max(aᵢ, bᵢ).
   */
  likeness: z.number().min(0).max(1),
  shared: z.number().int(),
  /** What both have, the most played by both first; `rank` on each side. */
  items: z.array(
    z.object({
      ...topItemSchema.pick({ track: true, artist: true, album: true }).shape,
      mine: z.object({ ...figuresSchema.shape, rank: z.number().int().nullable() }),
      theirs: z.object({ ...figuresSchema.shape, rank: z.number().int().nullable() }),
    }),
  ),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export const wrappedSchema = z.object({
  year: z.number().int(),
  timeZone: z.string(),
  summary: summarySchema.omit({ counting: true }),
  topTracks: z.array(topItemSchema),
  topArtists: z.array(topItemSchema),
  topAlbums: z.array(topItemSchema),
  topGenres: z.array(topItemSchema),
  /** Twelve months. */
  months: timelineSchema.shape.points,
  clock: clockSchema.shape.cells,
  longestStreak: streakSchema.nullable(),
  longestSession: sessionSchema.nullable(),
  busiestDay: z.object({ day: daySchema, ...figuresSchema.shape }).nullable(),
  topDiscovery: discoveriesSchema.shape.items.element.nullable(),
  /** First play of the year. */
  first: z.object({ at: timestampSchema, track: trackSummarySchema }).nullable(),
  /** Earlier and later years with plays. */
  years: z.array(z.number().int()),
});
export type Wrapped = z.infer<typeof wrappedSchema>;

const listShape = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(512).optional(),
};

export const summaryQuery = z.strictObject(rangeShape);
export const topQuery = z.strictObject({
  ...rangeShape,
  by: z.enum(MEASURES).default('plays'),
  ...listShape,
});
export const timelineQuery = z.strictObject({ ...rangeShape, by: z.enum(TIMELINE_STEPS).optional() });
export const clockQuery = z.strictObject(rangeShape);
export const yearParams = z.object({ year: z.coerce.number().int().min(1970).max(9998) });

const mine = { method: 'get', tag: 'Statistics', auth: 'user', scope: 'read', limit: 'read' } as const;

export const getSummary = defineRoute({
  ...mine,
  id: 'getStatsSummary',
  path: '/api/stats/summary',
  summary: 'My figures for a period, with the period before beside them',
  query: summaryQuery,
  response: summarySchema,
});

export const getTop = defineRoute({
  ...mine,
  id: 'getStatsTop',
  path: '/api/stats/top/:kind',
  summary: 'My most played tracks, artists, albums or genres',
  params: z.object({ kind: z.enum(TOP_KINDS) }),
  query: topQuery,
  response: topSchema,
});

export const getTimeline = defineRoute({
  ...mine,
  id: 'getStatsTimeline',
  path: '/api/stats/timeline',
  summary: 'Plays and time step by step; the step follows the length of the period unless told',
  query: timelineQuery,
  response: timelineSchema,
});

export const getClock = defineRoute({
  ...mine,
  id: 'getStatsClock',
  path: '/api/stats/clock',
  summary: 'Hours of the week',
  query: clockQuery,
  response: clockSchema,
});

export const getSessions = defineRoute({
  ...mine,
  id: 'getStatsSessions',
  path: '/api/stats/sessions',
  summary: 'Listening sessions, longest or newest first',
  query: z.strictObject({
    ...rangeShape,
    order: z.enum(['longest', 'newest']).default('longest'),
    ...listShape,
  }),
  response: sessionsSchema,
});

export const getStreaks = defineRoute({
  ...mine,
  id: 'getStatsStreaks',
  path: '/api/stats/streaks',
  summary: 'Days in a row, milestones and busiest days',
  query: z.strictObject({}),
  response: streaksSchema,
});

export const getDiscoveries = defineRoute({
  ...mine,
  id: 'getStatsDiscoveries',
  path: '/api/stats/discoveries',
  summary: 'What I heard for the first time',
  query: z.strictObject({
    ...rangeShape,
    kind: z.enum(DISCOVERY_KINDS).default('artists'),
    limit: listShape.limit,
  }),
  response: discoveriesSchema,
});

export const getComparison = defineRoute({
  ...mine,
  id: 'getStatsComparison',
  path: '/api/stats/compare',
  summary: 'Two periods of mine, or a period of mine and of another listener who allows it',
  query: z.strictObject({
    ...rangeShape,
    /** Handle of the other listener; else the other period is mine too. */
    with: handleSchema.optional(),
    otherRange: z.enum(RANGES).optional(),
    otherAt: daySchema.optional(),
    otherFrom: daySchema.optional(),
    otherTo: daySchema.optional(),
    kind: z.enum(DISCOVERY_KINDS).default('artists'),
    limit: listShape.limit,
  }),
  response: comparisonSchema,
});

export const getWrapped = defineRoute({
  ...mine,
  id: 'getStatsWrapped',
  path: '/api/stats/wrapped/:year',
  summary: 'My year in review',
  params: yearParams,
  response: wrappedSchema,
});

export const getWrappedCard = defineRoute({
  ...mine,
  id: 'getStatsWrappedCard',
  path: '/api/stats/wrapped/:year/card.svg',
  summary: 'My year in review as a picture',
  params: yearParams,
  query: z.strictObject({ theme: z.enum(['dark', 'light']).default('dark') }),
  produces: 'image/svg+xml',
});

export const getToday = defineRoute({
  ...mine,
  id: 'getDashboardToday',
  path: '/dashboard/today',
  summary: "Today's figures in my time zone",
  response: z.object({
    day: daySchema,
    timeZone: z.string(),
    figures: figuresSchema,
    distinct: distinctSchema,
    topTrack: topItemSchema.nullable(),
    topArtist: topItemSchema.nullable(),
    /** Yesterday until the same time of day. */
    yesterday: figuresSchema,
  }),
});
