import type { ExportedTrack, RowVerdict } from './format.ts';

/**
 * The first scrobblers were written in 2002 (Audioscrobbler, https://www.last.fm/about); ListenBrainz takes
 * no older stamps either (https://listenbrainz.readthedocs.io, `LISTEN_MINIMUM_TS`).
 */
const EARLIEST_MS = Date.UTC(2002, 9, 1);
/** Players report the start to the second, and some a little late. */
const START_UNCERTAINTY_MS = 15_000;

export interface Scrobble {
  readonly track: ExportedTrack;
  /** Start of the listen, epoch ms. */
  readonly startedAt: number;
  /** Listening time, where the scrobbler measured it. */
  readonly msPlayed?: number | null;
  readonly device?: string | null;
  /** Beyond the usual, where stamps are coarser, ms. */
  readonly coarseMs?: number;
}

/** A scrobble stamps the start and measures nothing, so the end is the start plus the length, if known. */
export function scrobbled(scrobble: Scrobble, nowMs: number): RowVerdict {
  const { track, startedAt, msPlayed = null, device = null, coarseMs = 0 } = scrobble;
  if (!Number.isFinite(startedAt)) return { kind: 'fail', message: 'The time of the listen cannot be read.' };
  if (startedAt < EARLIEST_MS || startedAt > nowMs + 86_400_000)
    return {
      kind: 'fail',
      message: 'The time of the listen lies before scrobbling existed, or in the future.',
    };
  return {
    kind: 'play',
    play: {
      track,
      startedAt,
      endedAt: startedAt + (msPlayed ?? track.durationMs ?? 0),
      msPlayed,
      flags: 0,
      uncertaintyMs: START_UNCERTAINTY_MS + coarseMs,
      device,
      contextUri: null,
    },
  };
}
