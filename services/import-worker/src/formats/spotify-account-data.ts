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
} from './row-values.ts';
import { SPOTIFY_BEGAN_MS } from './spotify-names.ts';

const MINUTE_MS = 60_000;
const STAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)$/;

/** `StreamingHistory_music_*.json` (`StreamingHistory*.json` before 2024) and the podcasts beside them. */
const rowSchema = z.object({
  endTime: z.string('must be a time'),
  msPlayed: measuredMs,
  artistName: optionalText,
  trackName: optionalText,
  podcastName: optionalText,
  audiobookName: optionalText,
});

function judge(value: unknown, nowMs: number): RowVerdict {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const row = parsed.data;
  if (row.podcastName || row.audiobookName) return { kind: 'skip', reason: 'not-music' };
  const stamp = STAMP.exec(row.endTime);
  const endedAt = stamp ? Date.parse(`${stamp[1]}T${stamp[2]}:00Z`) : Number.NaN;
  if (Number.isNaN(endedAt)) return fail('endTime: must be a time in UTC such as 2024-05-01 12:00');
  if (!isPossible(endedAt - row.msPlayed, SPOTIFY_BEGAN_MS, nowMs - row.msPlayed))
    return fail('endTime: lies before Spotify existed, or in the future');
  const name = nameOf(row.trackName);
  const artist = nameOf(row.artistName);
  if (name === null || artist === null) return { kind: 'skip', reason: 'no-track' };
  if (row.msPlayed < SHORTEST_PLAY_MS) return { kind: 'skip', reason: 'too-short' };
  return {
    kind: 'play',
    play: {
      track: { spotifyId: null, name, artist, album: null },
      startedAt: endedAt - row.msPlayed,
      endedAt,
      msPlayed: row.msPlayed,
      flags: 0,
      uncertaintyMs: MINUTE_MS,
      device: null,
      contextUri: null,
    },
  };
}

/** Spotify's account data: the last year without addresses of tracks, ends cut to the minute (UTC). */
export const spotifyAccountData: ExportFormat = {
  id: 'spotify-account-data',
  source: 'spotify-account-data',
  recognises: (row) => hasAll(row, 'endTime', 'msPlayed'),
  judge,
};
