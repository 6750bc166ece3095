import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';
import { failOf, hasAll, lengthMs, nameOf, optionalText } from './row-values.ts';
import { scrobbled } from './scrobble.ts';

const artistsSchema = z.array(z.string()).default([]);

/**
 * A scrobble in Maloja's export, `{ maloja: …, scrobbles: […] }` (https://github.com/krateng/maloja): the
 * track with its length, and how long it was listened to, in seconds. Maloja before 3 had the fields of
 * the track beside the time, and its length as `duration`.
 */
const rowSchema = z.object({
  time: z.int('must be a time in seconds'),
  duration: z.number().nullish(),
  track: z.object({
    artists: artistsSchema,
    title: optionalText,
    album: z.object({ albumtitle: optionalText, name: optionalText }).nullish(),
    length: z.number().nullish(),
  }),
});

const earlierSchema = z
  .object({
    time: z.int('must be a time in seconds'),
    artists: artistsSchema,
    title: optionalText,
    album: z.union([z.string(), z.object({ albumtitle: optionalText })]).nullish(),
    duration: z.number().nullish(),
  })
  .transform(({ time, artists, title, album, duration }) => ({
    time,
    duration: null,
    track: {
      artists,
      title,
      album: typeof album === 'string' ? { albumtitle: album, name: null } : { name: null, ...album },
      length: duration,
    },
  }));

function judge(value: unknown, nowMs: number): RowVerdict {
  const isEarlier = typeof value === 'object' && value !== null && !('track' in value);
  const parsed = (isEarlier ? earlierSchema : rowSchema).safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const { time, duration, track } = parsed.data;
  const artists = track.artists.flatMap((artist) => nameOf(artist) ?? []);
  const name = nameOf(track.title);
  const [artist] = artists;
  if (name === null || artist === undefined) return { kind: 'skip', reason: 'no-track' };
  return scrobbled(
    {
      track: {
        spotifyId: null,
        name,
        artist,
        artists: artists.map((one) => ({ name: one, spotifyId: null })),
        album: nameOf(track.album?.albumtitle ?? track.album?.name),
        durationMs: lengthMs(track.length, 1_000),
      },
      startedAt: time * 1_000,
      msPlayed: lengthMs(duration, 1_000),
    },
    nowMs,
  );
}

export const maloja: ExportFormat = {
  id: 'maloja',
  source: 'maloja',
  recognises: (row) =>
    Object.hasOwn(row, 'time') &&
    (hasAll(row, 'artists', 'title') ||
      (typeof row['track'] === 'object' &&
        row['track'] !== null &&
        hasAll({ ...row['track'] }, 'artists', 'title'))),
  judge,
};
