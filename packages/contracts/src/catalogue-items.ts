import { z } from 'zod';
import { trackSummarySchema } from './catalogue.ts';
import { idSchema, imageSchema, timestampSchema } from './primitives.ts';
import { defineRoute } from './route.ts';
import { albumItemSchema, artistItemSchema, figuresSchema, topItemSchema } from './statistics.ts';

/** What one item is to one listener. */
export const itemFiguresSchema = z.object({
  ...figuresSchema.shape,
  firstPlayedAt: timestampSchema.nullable(),
  lastPlayedAt: timestampSchema.nullable(),
  /** Among all items of its kind, by plays of all time; null without plays. */
  rank: z.number().int().nullable(),
  /** Share of all my plays, 0 to 1. */
  share: z.number(),
  /** Every month from the first play to today: `at` is its first day. */
  months: z.array(z.object({ at: z.iso.date(), ...figuresSchema.shape })),
});

export const trackPageSchema = z.object({
  track: trackSummarySchema.extend({
    isrc: z.string().nullable(),
    releaseDate: z.string().nullable(),
  }),
  mine: itemFiguresSchema,
  /** Ids of the same recording whose plays count here. */
  merged: z.array(trackSummarySchema),
  /** Set when the plays of this one count for another. */
  mergedInto: trackSummarySchema.nullable(),
});
export type TrackPage = z.infer<typeof trackPageSchema>;

export const artistPageSchema = z.object({
  artist: artistItemSchema.extend({ genres: z.array(z.string()) }),
  mine: itemFiguresSchema,
  topTracks: z.array(topItemSchema.omit({ previous: true })),
  topAlbums: z.array(topItemSchema.omit({ previous: true })),
  aliases: z.array(artistItemSchema),
  aliasOf: artistItemSchema.nullable(),
  /** A rule keeps this artist out of my figures; its id. */
  exclusionId: idSchema.nullable(),
});
export type ArtistPage = z.infer<typeof artistPageSchema>;

export const albumPageSchema = z.object({
  album: albumItemSchema.extend({
    releaseDate: z.string().nullable(),
    totalTracks: z.number().int().nullable(),
  }),
  mine: itemFiguresSchema,
  /** Tracks of the album that I have played, by plays. */
  tracks: z.array(topItemSchema.omit({ previous: true })),
});
export type AlbumPage = z.infer<typeof albumPageSchema>;

const item = {
  method: 'get',
  tag: 'Statistics',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  params: z.object({ id: idSchema }),
} as const;

export const getTrack = defineRoute({
  ...item,
  id: 'getTrack',
  path: '/api/tracks/:id',
  summary: 'A track with my figures',
  response: trackPageSchema,
});

export const getArtist = defineRoute({
  ...item,
  id: 'getArtist',
  path: '/api/artists/:id',
  summary: 'An artist with my figures',
  response: artistPageSchema,
});

export const getAlbum = defineRoute({
  ...item,
  id: 'getAlbum',
  path: '/api/albums/:id',
  summary: 'An album with my figures',
  response: albumPageSchema,
});

export const searchCatalogue = defineRoute({
  id: 'searchCatalogue',
  method: 'get',
  path: '/api/search',
  tag: 'Statistics',
  summary: 'Tracks, artists and albums that I have played, by words in their names',
  auth: 'user',
  scope: 'read',
  limit: 'read',
  query: z.strictObject({
    q: z.string().trim().min(1).max(200),
    limit: z.coerce.number().int().min(1).max(20).default(6),
  }),
  response: z.object({
    tracks: z.array(z.object({ track: trackSummarySchema, plays: z.number().int() })),
    artists: z.array(z.object({ artist: artistItemSchema, plays: z.number().int() })),
    albums: z.array(
      z.object({ album: albumItemSchema, plays: z.number().int(), cover: imageSchema.nullable() }),
    ),
  }),
});
