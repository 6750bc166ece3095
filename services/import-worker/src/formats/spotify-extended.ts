import { deviceName, PLAY_FLAGS } from '@spindle/db';
import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';
import {
  fail,
  failOf,
  hasAll,
  isPossible,
  measuredMs,
  nameOf,
  optionalText,
  SHORTEST_PLAY_MS,
  spotifyTrackId,
} from './row-values.ts';
import { SPOTIFY_BEGAN_MS, UNKNOWN_ARTIST, UNKNOWN_TRACK } from './spotify-names.ts';

const STAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/;

/**
 * What is read of a row; everything else, the network address, user agent, user name and country
 * above all, is dropped here and goes no further. Files from before 2023 have the same fields; their
 * flags may be null, and their `offline_timestamp` is in ms instead of s (it is not needed).
 */
const rowSchema = z.object({
  ts: z.string('must be a time'),
  ms_played: measuredMs,
  platform: z.unknown().optional(),
  spotify_track_uri: optionalText,
  spotify_episode_uri: optionalText,
  audiobook_uri: optionalText,
  audiobook_chapter_uri: optionalText,
  master_metadata_track_name: optionalText,
  master_metadata_album_artist_name: optionalText,
  master_metadata_album_album_name: optionalText,
  shuffle: z.unknown().optional(),
  skipped: z.unknown().optional(),
  offline: z.unknown().optional(),
  incognito_mode: z.unknown().optional(),
});

/** Epoch ms of a UTC stamp; NaN when it is none. */
function stampMs(text: string): number {
  if (!STAMP.test(text)) return Number.NaN;
  const iso = text.replace(' ', 'T');
  return Date.parse(iso.endsWith('Z') ? iso : `${iso}Z`);
}

function judge(value: unknown, nowMs: number): RowVerdict {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const row = parsed.data;
  const spotifyId = spotifyTrackId(row.spotify_track_uri);
  if (!spotifyId && (row.spotify_episode_uri || row.audiobook_uri || row.audiobook_chapter_uri))
    return { kind: 'skip', reason: 'not-music' };
  const endedAt = stampMs(row.ts);
  if (Number.isNaN(endedAt)) return fail('ts: must be a time in UTC such as 2024-05-01T12:00:00Z');
  if (!isPossible(endedAt - row.ms_played, SPOTIFY_BEGAN_MS, nowMs - row.ms_played))
    return fail('ts: lies before Spotify existed, or in the future');
  if (!spotifyId) return { kind: 'skip', reason: 'no-track' };
  if (row.incognito_mode === true) return { kind: 'skip', reason: 'private-session' };
  if (row.ms_played < SHORTEST_PLAY_MS) return { kind: 'skip', reason: 'too-short' };
  return {
    kind: 'play',
    play: {
      track: {
        spotifyId,
        // The export loses the names of content that Spotify has deleted.
        name: nameOf(row.master_metadata_track_name) ?? UNKNOWN_TRACK,
        artist: nameOf(row.master_metadata_album_artist_name) ?? UNKNOWN_ARTIST,
        album: nameOf(row.master_metadata_album_album_name),
      },
      startedAt: endedAt - row.ms_played,
      endedAt,
      msPlayed: row.ms_played,
      uncertaintyMs: 0,
      device: typeof row.platform === 'string' ? deviceName(row.platform) : null,
      contextUri: null,
      flags:
        (row.shuffle === true ? PLAY_FLAGS.shuffle : 0) |
        (row.skipped === true ? PLAY_FLAGS.skipped : 0) |
        (row.offline === true ? PLAY_FLAGS.offline : 0),
    },
  };
}

/** Spotify's extended streaming history, audio and video, from 2023 on and before (`endsong_*.json`). */
export const spotifyExtended: ExportFormat = {
  id: 'spotify-extended',
  source: 'spotify-extended',
  recognises: (row) =>
    hasAll(row, 'ts', 'ms_played') &&
    (Object.hasOwn(row, 'spotify_track_uri') || Object.hasOwn(row, 'spotify_episode_uri')),
  judge,
};
