import { PLAY_FLAGS } from '@spindle/db';
import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';

/** Shorter listens are no plays (Spotify counts a stream from 30 s on). */
export const SHORTEST_PLAY_MS = 30_000;
const LONGEST_MS = 86_400_000;
/** Spotify was founded in 2006; older stamps are mistakes. */
const EARLIEST_MS = Date.UTC(2006, 0, 1);
/** Clocks may be wrong by up to a day. */
const AHEAD_MS = 86_400_000;
const MAX_NAME = 1_000;

const STAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/;
const TRACK_URI = /^spotify:track:([0-9A-Za-z]{22})$/;

const optionalText = z.string().nullish();

/**
 * What is read of a row; everything else, the network address, user agent, user name and country
 * above all, is dropped here and goes no further. Files from before 2023 have the same fields; their
 * flags may be null, and their `offline_timestamp` is in ms instead of s (it is not needed).
 */
const rowSchema = z.object({
  ts: z.string('must be a time'),
  ms_played: z
    .int('must be a whole number of milliseconds')
    .min(0, 'must not be negative')
    .max(LONGEST_MS, 'must not be more than a day'),
  spotify_track_uri: optionalText,
  spotify_episode_uri: optionalText,
  audiobook_uri: optionalText,
  audiobook_chapter_uri: optionalText,
  master_metadata_track_name: optionalText,
  master_metadata_album_artist_name: optionalText,
  master_metadata_album_album_name: optionalText,
  shuffle: z.unknown(),
  skipped: z.unknown(),
  offline: z.unknown(),
  incognito_mode: z.unknown(),
});

/** A name as it can be stored: PostgreSQL takes no U+0000. Null for none. */
function nameOf(text: string | null | undefined): string | null {
  if (!text) return null;
  const name = text.includes('\u0000') ? text.replaceAll('\u0000', '') : text;
  return name.trim() === '' ? null : name.slice(0, MAX_NAME).toWellFormed();
}

/** Epoch ms of a UTC stamp; NaN when it is none. */
function stampMs(text: string): number {
  if (!STAMP.test(text)) return Number.NaN;
  const iso = text.replace(' ', 'T');
  return Date.parse(iso.endsWith('Z') ? iso : `${iso}Z`);
}

const fail = (message: string): RowVerdict => ({ kind: 'fail', message });

function judge(value: unknown, nowMs: number): RowVerdict {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(
      issue ? `${issue.path.join('.') || 'The row'}: ${issue.message}` : 'The row is not as it should be.',
    );
  }
  const row = parsed.data;
  const match = row.spotify_track_uri ? TRACK_URI.exec(row.spotify_track_uri) : null;
  if (!match && (row.spotify_episode_uri || row.audiobook_uri || row.audiobook_chapter_uri))
    return { kind: 'skip', reason: 'not-music' };
  const endedAt = stampMs(row.ts);
  if (Number.isNaN(endedAt)) return fail('ts: must be a time in UTC such as 2024-05-01T12:00:00Z');
  if (endedAt - row.ms_played < EARLIEST_MS || endedAt > nowMs + AHEAD_MS)
    return fail('ts: lies before Spotify existed, or in the future');
  if (!match?.[1]) return { kind: 'skip', reason: 'no-track' };
  if (row.incognito_mode === true) return { kind: 'skip', reason: 'private-session' };
  if (row.ms_played < SHORTEST_PLAY_MS) return { kind: 'skip', reason: 'too-short' };
  return {
    kind: 'play',
    play: {
      spotifyId: match[1],
      name: nameOf(row.master_metadata_track_name),
      artist: nameOf(row.master_metadata_album_artist_name),
      album: nameOf(row.master_metadata_album_album_name),
      endedAt,
      msPlayed: row.ms_played,
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
    typeof row === 'object' &&
    row !== null &&
    Object.hasOwn(row, 'ts') &&
    Object.hasOwn(row, 'ms_played') &&
    (Object.hasOwn(row, 'spotify_track_uri') || Object.hasOwn(row, 'spotify_episode_uri')),
  judge,
};
