import { z } from 'zod';

const playlistEntrySchema = z.object({
  kind: z.enum(['track', 'episode', 'local', 'removed']),
  /** Null for removed music. */
  uri: z.string().nullable(),
  /** Row id, of tracks only. */
  trackId: z.number().int().nullable(),
  /** Null for tracks, which the catalogue names, and for removed music. */
  name: z.string().nullable(),
  /** ISO 8601; null in very old playlists. */
  addedAt: z.string().nullable(),
  /** Spotify says that it cannot be played. */
  unplayable: z.boolean().optional(),
});
/** One line of a playlist as it is stored. */
export type PlaylistEntry = z.infer<typeof playlistEntrySchema>;

export const playlistEntriesSchema = z.array(playlistEntrySchema);
