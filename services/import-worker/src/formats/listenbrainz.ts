import { deviceName } from '@spindle/db';
import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';
import { failOf, hasAll, lengthMs, nameOf, optionalText, spotifyTrackId } from './row-values.ts';
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

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function creditsOf(info: Readonly<Record<string, unknown>>, artist: string) {
  const { artist_names: names } = info;
  const told = Array.isArray(names) ? names.flatMap((name) => nameOf(textOf(name)) ?? []) : [];
  const [first] = told;
  // Players that submit for Spotify write all artists into one name, and apart beside it.
  return first === undefined
    ? { artist }
    : { artist: first, artists: told.map((name) => ({ name, spotifyId: null })) };
}

function judge(value: unknown, nowMs: number): RowVerdict {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const { listened_at: listenedAt, track_metadata: track } = parsed.data;
  if (listenedAt == null) return { kind: 'skip', reason: 'now-playing' };
  const info = track.additional_info ?? {};
  const name = nameOf(track.track_name);
  const artist = nameOf(track.artist_name);
  if (name === null || artist === null) return { kind: 'skip', reason: 'no-track' };
  const durationMs = lengthMs(info['duration_ms'], 1) ?? lengthMs(info['duration'], 1_000);
  return scrobbled(
    {
      track: {
        spotifyId: spotifyTrackId(info['spotify_id']) ?? spotifyTrackId(info['origin_url']),
        name,
        ...creditsOf(info, artist),
        album: nameOf(track.release_name),
        durationMs,
        isrc: textOf(info['isrc']),
      },
      startedAt: listenedAt * 1_000,
      msPlayed: lengthMs(info['duration_played'], 1_000),
      device: deviceName(textOf(info['media_player'])),
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
