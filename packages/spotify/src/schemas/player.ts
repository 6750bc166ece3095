import { z } from 'zod';
import { playableSchema, trackSchema } from './catalogue.ts';

export const deviceSchema = z.object({
  id: z.string().nullish(),
  name: z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  type: z.string().nullish(),
  is_active: z.boolean().nullish(),
  is_private_session: z.boolean().nullish(),
  is_restricted: z.boolean().nullish(),
  volume_percent: z.number().nullish(),
});
export type SpotifyDevice = z.output<typeof deviceSchema>;

export const contextSchema = z.object({ uri: z.string(), type: z.string().nullish() });

export const playerSchema = z.object({
  device: deviceSchema.nullish(),
  is_playing: z.boolean(),
  /** When the state last changed (epoch ms): play, pause, skip, seek. Not the start of the track. */
  timestamp: z.number().nullish(),
  progress_ms: z.number().int().nullish(),
  currently_playing_type: z.string().nullish(),
  repeat_state: z.string().nullish(),
  shuffle_state: z.boolean().nullish(),
  context: contextSchema.nullish(),
  item: playableSchema.nullish(),
});
export type SpotifyPlayer = z.output<typeof playerSchema>;

export const queueSchema = z.object({
  currently_playing: playableSchema.nullish(),
  queue: z.array(playableSchema),
});
export type SpotifyQueue = z.output<typeof queueSchema>;

export const recentlyPlayedSchema = z.object({
  items: z.array(
    z.object({
      track: trackSchema,
      played_at: z.iso.datetime({ offset: true }),
      context: contextSchema.nullish(),
    }),
  ),
  cursors: z.object({ after: z.string().nullish(), before: z.string().nullish() }).nullish(),
});
export type SpotifyRecentlyPlayed = z.output<typeof recentlyPlayedSchema>;

export const devicesSchema = z.object({ devices: z.array(deviceSchema) });
