import { z } from 'zod';
import { idSchema, imageSchema } from './primitives.ts';

/** `url` fields lead to the item on Spotify; null when its Spotify id is not known (yet). */
export const artistSummarySchema = z.object({
  id: idSchema,
  name: z.string(),
  url: z.string().nullable(),
});
export type ArtistSummary = z.infer<typeof artistSummarySchema>;

export const albumSummarySchema = z.object({
  id: idSchema,
  name: z.string(),
  url: z.string().nullable(),
  /** Artwork, largest first; empty while unknown. */
  images: z.array(imageSchema),
});
export type AlbumSummary = z.infer<typeof albumSummarySchema>;

export const trackSummarySchema = z.object({
  id: idSchema,
  spotifyId: z.string().nullable(),
  name: z.string(),
  url: z.string().nullable(),
  durationMs: z.number().int().nullable(),
  explicit: z.boolean().nullable(),
  artists: z.array(artistSummarySchema),
  album: albumSummarySchema.nullable(),
});
export type TrackSummary = z.infer<typeof trackSummarySchema>;
