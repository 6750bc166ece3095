import { z } from 'zod';

// Two populations of client ids answer differently: every field that development mode removed is
// optional here, and nothing depends on one.

const image = z.object({
  url: z.string(),
  width: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  height: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
});
const images = z
  .array(image)
  .nullish()
  .transform((value) => value ?? []);

/** An artist as it stands inside tracks and albums. Local files have artists without an id. */
export const artistRefSchema = z.object({
  id: z.string().nullish(),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
});

export const artistSchema = z.object({
  id: z.string(),
  name: z.string(),
  images,
  genres: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
});

export const albumSchema = z.object({
  id: z.string().nullish(),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  album_type: z.string().nullish(),
  release_date: z.string().nullish(),
  release_date_precision: z.string().nullish(),
  total_tracks: z.number().int().nullish(),
  images,
  artists: z
    .array(artistRefSchema)
    .nullish()
    .transform((value) => value ?? []),
  external_ids: z.object({ upc: z.string().nullish() }).nullish(),
});

export const trackSchema = z.object({
  type: z.literal('track').optional(),
  /** Null for local files. */
  id: z.string().nullish(),
  uri: z.string().nullish(),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  duration_ms: z.number().int().nonnegative(),
  explicit: z.boolean().nullish(),
  is_local: z.boolean().nullish(),
  is_playable: z.boolean().nullish(),
  disc_number: z.number().int().nullish(),
  track_number: z.number().int().nullish(),
  external_ids: z.object({ isrc: z.string().nullish() }).nullish(),
  linked_from: z.object({ id: z.string().nullish() }).nullish(),
  album: albumSchema.nullish(),
  artists: z
    .array(artistRefSchema)
    .nullish()
    .transform((value) => value ?? []),
});
export type SpotifyTrack = z.output<typeof trackSchema>;
export type SpotifyAlbum = z.output<typeof albumSchema>;
export type SpotifyArtist = z.output<typeof artistSchema>;

export const episodeSchema = z.object({
  type: z.literal('episode'),
  id: z.string().nullish(),
  uri: z.string().nullish(),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  duration_ms: z.number().int().nonnegative(),
  show: z.object({ name: z.string().nullish() }).nullish(),
});

/** A track or an episode; told apart by `type`, where a missing type means a track. */
export const playableSchema = z.union([episodeSchema, trackSchema]);
export type SpotifyPlayable = z.output<typeof playableSchema>;

export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    total: z.number().int().nullish(),
    limit: z.number().int().nullish(),
    offset: z.number().int().nullish(),
    next: z.string().nullish(),
  });
}
