import { z } from 'zod';
import { albumSchema, artistSchema, pageSchema, playableSchema, trackSchema } from './catalogue.ts';

export const profileSchema = z.object({
  id: z.string(),
  /** Immutable; missing from answers of before May 2026. */
  account_id: z.string().nullish(),
  display_name: z.string().nullish(),
  images: z.array(z.object({ url: z.string() })).nullish(),
});
export type SpotifyProfile = z.output<typeof profileSchema>;

export const likedTracksSchema = pageSchema(
  z.object({ added_at: z.iso.datetime({ offset: true }), track: trackSchema.nullable() }),
);

const count = z.object({ total: z.number().int() }).nullish();

export const playlistSchema = z.object({
  id: z.string(),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  description: z.string().nullish(),
  public: z.boolean().nullish(),
  collaborative: z.boolean().nullish(),
  snapshot_id: z.string().nullish(),
  images: z
    .array(z.object({ url: z.string(), width: z.number().nullish(), height: z.number().nullish() }))
    .nullish(),
  owner: z.object({ id: z.string().nullish(), display_name: z.string().nullish() }).nullish(),
  /** Only of playlists that the user owns or collaborates on. */
  items: count,
  /** The older name of `items`. */
  tracks: count,
});
export type SpotifyPlaylist = z.output<typeof playlistSchema>;

export const playlistItemsSchema = pageSchema(
  z
    .object({
      added_at: z.string().nullish(),
      is_local: z.boolean().nullish(),
      item: playableSchema.nullish(),
      /** The older name of `item`. */
      track: playableSchema.nullish(),
    })
    .transform(({ item, track, ...rest }) => ({ ...rest, item: item ?? track ?? null })),
);

/** A playlist with its first items, where Spotify tells them: those that the user owns or collaborates on. */
export const playlistWithItemsSchema = playlistSchema.extend({
  items: z.union([playlistItemsSchema, count]),
});

/** Whether each of the items asked for is in the library. */
export const containedSchema = z.array(z.boolean());

export const snapshotSchema = z.object({ snapshot_id: z.string() });

export const searchSchema = z.object({
  tracks: pageSchema(trackSchema.nullable()).nullish(),
  albums: pageSchema(albumSchema.nullable()).nullish(),
  artists: pageSchema(artistSchema.nullable()).nullish(),
  playlists: pageSchema(playlistSchema.nullable()).nullish(),
});
