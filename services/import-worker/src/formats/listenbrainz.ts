import { contentOfListen } from '@spindle/db';
import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';
import { failOf, hasAll, optionalText } from './row-values.ts';
import { scrobbled } from './scrobble.ts';

/**
 * A listen (https://listenbrainz.readthedocs.io/en/latest/users/json.html), as the export of
 * listenbrainz.org/settings/export holds one a line in `listens/<year>/<month>.jsonl`, as older exports
 * hold them in one list, and as Spindle's own export writes them.
 */
const rowSchema = z.object({
  listened_at: z.int('must be a time in seconds').nullish(),
  track_metadata: z.object({
    artist_name: optionalText,
    track_name: optionalText,
    release_name: optionalText,
    additional_info: z.record(z.string(), z.unknown()).nullish(),
  }),
});

function judge(value: unknown, nowMs: number): RowVerdict {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const { listened_at: listenedAt, track_metadata: metadata } = parsed.data;
  if (listenedAt == null) return { kind: 'skip', reason: 'now-playing' };
  const { track_name: track, artist_name: artist } = metadata;
  const content =
    track && artist
      ? contentOfListen({ track_metadata: { ...metadata, track_name: track, artist_name: artist } })
      : null;
  if (content === null) return { kind: 'skip', reason: 'no-track' };
  const { spotifyId, name, artistNames, album, durationMs, msPlayed, isrc, device } = content;
  const [first] = artistNames;
  return scrobbled(
    {
      track: {
        spotifyId,
        name,
        // Players that submit for Spotify write all artists into one name, and apart beside it.
        artist: first ?? content.artist,
        ...(first !== undefined && { artists: artistNames.map((one) => ({ name: one, spotifyId: null })) }),
        album,
        durationMs,
        isrc,
      },
      startedAt: listenedAt * 1_000,
      msPlayed,
      device,
    },
    nowMs,
  );
}

export const listenbrainz: ExportFormat = {
  id: 'listenbrainz',
  source: 'listenbrainz',
  recognises: (row) => hasAll(row, 'listened_at', 'track_metadata'),
  judge,
};
