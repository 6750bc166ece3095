import { playSourceSchema } from '@spindle/contracts';
import { deviceName, PLAY_FLAGS, sourceBit } from '@spindle/db';
import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';
import { fail, failOf, hasAll, isPossible, measuredMs, nameOf } from './row-values.ts';

/** Scrobbles may be older than Spotify. */
const EARLIEST_MS = Date.UTC(2002, 0, 1);

const stamp = z.iso.datetime({ offset: true, error: 'must be a time such as 2024-05-01T12:00:00.000Z' });
const spotifyId = z
  .string()
  .regex(/^[0-9A-Za-z]{1,64}$/, 'must be an id of Spotify')
  .nullable();
const named = z.object({ name: z.string().max(1_000), spotifyId });

/** A line of Spindle's own export of plays (`ExportedPlay` of packages/db). */
const rowSchema = z.object({
  playedAt: stamp,
  endedAt: stamp,
  msPlayed: measuredMs.nullable(),
  source: playSourceSchema,
  seenBy: z.array(playSourceSchema).min(1),
  flags: z.object({
    shuffle: z.boolean(),
    skipped: z.boolean(),
    offline: z.boolean(),
    hidden: z.boolean(),
  }),
  contextUri: z.string().max(300).nullable(),
  device: z.string().nullable(),
  track: z.object({
    spotifyId,
    name: z.string().max(1_000),
    durationMs: z.int().positive().max(86_400_000).nullable(),
    isrc: z.string().max(40).nullable(),
    artists: z.array(named).max(100),
    album: named.nullable(),
  }),
});

function judge(value: unknown, nowMs: number): RowVerdict {
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const row = parsed.data;
  const startedAt = Date.parse(row.playedAt);
  const endedAt = Date.parse(row.endedAt);
  if (endedAt < startedAt) return fail('endedAt: lies before playedAt');
  if (!isPossible(startedAt, EARLIEST_MS, nowMs)) return fail('playedAt: lies before 2002, or in the future');
  const name = nameOf(row.track.name);
  const artists = row.track.artists.flatMap((artist) => {
    const kept = nameOf(artist.name);
    return kept === null ? [] : [{ name: kept, spotifyId: artist.spotifyId }];
  });
  const [first] = artists;
  if (name === null || !first) return { kind: 'skip', reason: 'no-track' };
  const { flags, track } = row;
  return {
    kind: 'play',
    play: {
      track: {
        spotifyId: track.spotifyId,
        name,
        artist: first.name,
        artists,
        album: nameOf(track.album?.name),
        albumSpotifyId: track.album?.spotifyId ?? null,
        durationMs: track.durationMs,
        isrc: track.isrc,
      },
      startedAt,
      endedAt,
      msPlayed: row.msPlayed,
      flags:
        (flags.shuffle ? PLAY_FLAGS.shuffle : 0) |
        (flags.skipped ? PLAY_FLAGS.skipped : 0) |
        (flags.offline ? PLAY_FLAGS.offline : 0) |
        (flags.hidden ? PLAY_FLAGS.hidden : 0),
      uncertaintyMs: 0,
      device: deviceName(row.device),
      contextUri: nameOf(row.contextUri),
      toldBy: {
        source: row.source,
        seenBy: row.seenBy.reduce((bits, source) => bits | sourceBit(source), sourceBit(row.source)),
      },
    },
  };
}

/** Plays that another Spindle exported. They come back as they were, with all that saw them. */
export const spindle: ExportFormat = {
  id: 'spindle',
  // Each row names its own; this one stands for rows of an import as a whole.
  source: 'spotify-extended',
  recognises: (row) => hasAll(row, 'playedAt', 'endedAt', 'seenBy', 'track'),
  judge,
};
