import { z } from 'zod';
import { analysisSchema } from './library.ts';
import { defineRoute } from './route.ts';
import { daySchema } from './statistics.ts';

/** One day of a listener. Changes are since the datapoint before; null for the first. */
export const trackerPointSchema = z.object({
  /** In the listener's time zone. */
  day: daySchema,
  likedTracks: z.number().int(),
  likedChange: z.number().int().nullable(),
  playlists: z.number().int(),
  playlistsChange: z.number().int().nullable(),
  /** Plays and listening time of the day. */
  plays: z.number().int(),
  msPlayed: z.number().int(),
});
export type TrackerPointView = z.infer<typeof trackerPointSchema>;

export const trackerSchema = z.object({
  /** The listener's own switch. */
  enabled: z.boolean(),
  /** Oldest first. */
  points: z.array(trackerPointSchema),
});
export type TrackerView = z.infer<typeof trackerSchema>;

const mine = { tag: 'Trackers', auth: 'user', scope: 'read', limit: 'read' } as const;
/** First and last day; without them everything. */
const daysQuery = z
  .strictObject({ from: daySchema.optional(), to: daySchema.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    message: 'must not be after to',
  });

export const getTracker = defineRoute({
  ...mine,
  id: 'getTracker',
  method: 'get',
  path: '/api/user/tracker',
  summary: "My tracker's datapoints, one a day, oldest first",
  query: daysQuery,
  response: trackerSchema,
});

export const getAggregate = defineRoute({
  ...mine,
  id: 'getAggregate',
  method: 'get',
  path: '/api/user/aggregate',
  summary: 'Analysis and tracker in one call',
  query: daysQuery,
  response: z.object({ analysis: analysisSchema, tracker: trackerSchema }),
});

/** Sums of a sweep over the trackers; one listener's failure is an entry here and never ends the sweep. */
export const trackerSweepSchema = z.object({
  /** Listeners whose tracker is on and who are connected. */
  total: z.number().int(),
  updated: z.number().int(),
  /** Had their datapoint of today already. */
  upToDate: z.number().int(),
  failed: z.number().int(),
  errors: z.array(z.object({ userId: z.string(), error: z.string() })),
});
export type TrackerSweep = z.infer<typeof trackerSweepSchema>;

export const updateTrackers = defineRoute({
  id: 'updateTrackers',
  method: 'get',
  alsoMethods: ['post'],
  path: '/api/trackers/update',
  tag: 'Trackers',
  summary: "Take today's datapoint of every enabled tracker that lacks it",
  auth: 'service',
  limit: 'enqueue',
  enqueues: true,
  response: trackerSweepSchema,
});
