import type { PlaySourceName } from '@spindle/contracts';
import { sourceBit } from '../play-source.ts';

/** One listen as one source tells it. Times are epoch ms. */
export interface PlayObservation {
  readonly trackId: number;
  readonly source: PlaySourceName;
  /** Start as measured, or inferred as end minus length. */
  readonly startedAt: number;
  /** End as the source stamps it. */
  readonly endedAt: number;
  /** Measured listening time, null when the source does not measure. */
  readonly msPlayed: number | null;
  /** Length of the track as the source knows it. */
  readonly durationMs: number | null;
  /** How far `endedAt` may be off, ms; 0 for an exact stamp. */
  readonly uncertaintyMs?: number;
  readonly contextId?: number | null;
  readonly importId?: number | null;
  readonly flags?: number;
}

/** A play as stored. Times are epoch ms. */
export interface StoredPlay {
  readonly trackId: number;
  readonly playedAt: number;
  readonly endedAt: number;
  readonly msPlayed: number | null;
  readonly seenBy: number;
  readonly source: number;
  readonly contextId: number | null;
  readonly importId: number | null;
  readonly flags: number;
}

export interface Reconciliation {
  readonly inserts: readonly StoredPlay[];
  /** What a stored play becomes; `before` names it. */
  readonly updates: readonly { readonly before: StoredPlay; readonly after: StoredPlay }[];
  /** Observations that said nothing new. */
  readonly duplicates: number;
}

/**
 * Two sources may stamp the same end this far apart: clients report late, and exports round to
 * seconds (your_spotify#562, multi-scrobbler#709).
 */
export const STAMP_SLACK_MS = 15_000;

/** Window around a batch in which stored plays may be the same listens; no track merges further away. */
export const RECONCILE_WINDOW_MS = 3 * 3_600_000;

const SOURCE_CODES = { recent: sourceBit('recently-played'), live: sourceBit('live') };

/** How much the judgement of a source about the *end* counts; higher wins. */
function endRank(seenBy: number): number {
  if (seenBy & SOURCE_CODES.recent) return 3;
  return seenBy & SOURCE_CODES.live ? 1 : 2;
}

interface Candidate {
  before: StoredPlay | null;
  play: StoredPlay;
  touched: boolean;
}

/** The same source told exactly this before. */
function isRepeat(play: StoredPlay, observation: PlayObservation): boolean {
  if ((play.seenBy & sourceBit(observation.source)) === 0) return false;
  switch (observation.source) {
    case 'recently-played':
      return play.endedAt === observation.endedAt;
    case 'live':
      return Math.abs(play.playedAt - observation.startedAt) <= 2_000;
    default:
      // Merged rows keep the finer stamp, so ends may differ by the rounding of either.
      return (
        Math.abs(play.endedAt - observation.endedAt) <= STAMP_SLACK_MS &&
        play.msPlayed === observation.msPlayed
      );
  }
}

/**
 * How far apart two tellings of one listen are, in ms; null when they cannot be the same listen.
 *
 * They are the same when their ends agree within the slack and the observation's own uncertainty
 * (never more than half the track, so that two listens in a row stay two), or when one stamp is
 * the other's start (some clients stamp `played_at` with the start: spotify/web-api#1083), or when
 * the stretches overlap by more than half of the shorter (a pause stretches only one of them).
 */
function distance(play: StoredPlay, observation: PlayObservation): number | null {
  const length = observation.durationMs ?? Math.max(observation.endedAt - observation.startedAt, 0);
  const slack = Math.min(STAMP_SLACK_MS + (observation.uncertaintyMs ?? 0), Math.max(length / 2, 1_000));
  const ends = Math.abs(play.endedAt - observation.endedAt);
  if (ends <= slack) return ends;
  if ((play.seenBy & SOURCE_CODES.recent) !== 0 && observation.source !== 'recently-played') {
    const stampIsStart = Math.abs(play.endedAt - observation.startedAt);
    if (stampIsStart <= Math.min(slack, 5_000)) return slack + stampIsStart;
  }
  const overlap =
    Math.min(play.endedAt, observation.endedAt) - Math.max(play.playedAt, observation.startedAt);
  const shorter = Math.min(play.endedAt - play.playedAt, observation.endedAt - observation.startedAt);
  return shorter > 0 && overlap > shorter / 2 ? slack + ends : null;
}

function fresh(observation: PlayObservation, code: number): StoredPlay {
  return {
    trackId: observation.trackId,
    playedAt: observation.startedAt,
    endedAt: observation.endedAt,
    msPlayed: observation.msPlayed,
    seenBy: sourceBit(observation.source),
    source: code,
    contextId: observation.contextId ?? null,
    importId: observation.importId ?? null,
    flags: observation.flags ?? 0,
  };
}

/** The best of both: the finest end, a measured start, measured listening time before none. */
function merge(play: StoredPlay, observation: PlayObservation): StoredPlay {
  const bit = sourceBit(observation.source);
  const exported = observation.source === 'spotify-extended' || observation.source === 'spotify-account-data';
  const endedAt = endRank(bit) > endRank(play.seenBy) ? observation.endedAt : play.endedAt;
  const msPlayed = exported
    ? (observation.msPlayed ?? play.msPlayed)
    : (play.msPlayed ?? observation.msPlayed);
  const measuredStart =
    observation.source === 'live'
      ? observation.startedAt
      : (play.seenBy & SOURCE_CODES.live) !== 0
        ? play.playedAt
        : msPlayed === null
          ? play.playedAt
          : endedAt - msPlayed;
  return {
    ...play,
    playedAt: Math.min(measuredStart, endedAt),
    endedAt,
    msPlayed,
    seenBy: play.seenBy | bit,
    contextId: play.contextId ?? observation.contextId ?? null,
    flags: play.flags | (observation.flags ?? 0),
  };
}

/**
 * Decides what a batch of observations of **one listener** means for the plays already stored.
 *
 * A stored play takes at most one observation of each source, so two real listens in a row stay
 * two; among several candidates the nearest is taken. Told twice, a batch changes nothing the
 * second time. `stored` must hold every play of the observed tracks whose end lies within
 * {@link RECONCILE_WINDOW_MS} of the batch.
 */
export function reconcile(
  stored: readonly StoredPlay[],
  observations: readonly PlayObservation[],
  codeOf: (source: PlaySourceName) => number,
): Reconciliation {
  const byTrack = new Map<number, Candidate[]>();
  const keys = new Set<string>();
  const keyOf = (play: { trackId: number; playedAt: number }) => `${play.trackId}@${play.playedAt}`;
  const add = (candidate: Candidate) => {
    const list = byTrack.get(candidate.play.trackId);
    if (list) list.push(candidate);
    else byTrack.set(candidate.play.trackId, [candidate]);
    keys.add(keyOf(candidate.play));
  };
  for (const play of stored) add({ before: play, play, touched: false });

  let duplicates = 0;
  const ordered = [...observations].sort((a, b) => a.endedAt - b.endedAt || a.trackId - b.trackId);
  for (const observation of ordered) {
    const candidates = byTrack.get(observation.trackId) ?? [];
    if (candidates.some(({ play }) => isRepeat(play, observation))) {
      duplicates += 1;
      continue;
    }
    const bit = sourceBit(observation.source);
    let nearest: Candidate | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of candidates) {
      if ((candidate.play.seenBy & bit) !== 0) continue;
      const apart = distance(candidate.play, observation);
      if (apart !== null && apart < least) {
        nearest = candidate;
        least = apart;
      }
    }
    if (nearest) {
      const merged = merge(nearest.play, observation);
      // The key of another play is never taken: the start then stays as it was.
      const after =
        keyOf(merged) !== keyOf(nearest.play) && keys.has(keyOf(merged))
          ? { ...merged, playedAt: nearest.play.playedAt }
          : merged;
      keys.delete(keyOf(nearest.play));
      keys.add(keyOf(after));
      nearest.play = after;
      nearest.touched = true;
      continue;
    }
    let play = fresh(observation, codeOf(observation.source));
    while (keys.has(keyOf(play))) play = { ...play, playedAt: play.playedAt + 1 };
    add({ before: null, play, touched: true });
  }

  const inserts: StoredPlay[] = [];
  const updates: { before: StoredPlay; after: StoredPlay }[] = [];
  for (const list of byTrack.values()) {
    for (const { before, play, touched } of list) {
      if (!touched) continue;
      if (before) updates.push({ before, after: play });
      else inserts.push(play);
    }
  }
  return { inserts, updates, duplicates };
}
