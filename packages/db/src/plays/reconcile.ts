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
  readonly deviceId?: number | null;
  readonly importId?: number | null;
  readonly flags?: number;
  /** Bits of all sources that saw it, where a restored play brings them along; else that of `source`. */
  readonly seenBy?: number;
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
  readonly deviceId: number | null;
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

/** Spotify's history shows no listen shorter than this. */
const SHORTEST_SHOWN_MS = 30_000;

/** Window around a batch in which stored plays may be the same listens; no track merges further away. */
export const RECONCILE_WINDOW_MS = 3 * 3_600_000;

/** Sources that name a track without saying which of the ids of that name it was. */
const NAMING: ReadonlySet<PlaySourceName> = new Set([
  'spotify-account-data',
  'lastfm',
  'listenbrainz',
  'maloja',
  'scrobble',
]);
const NAMING_BITS = [...NAMING].reduce((bits, source) => bits | sourceBit(source), 0);

/** Sources that stamp the start of a listen; its end is start plus length, or the start where that is unknown. */
const STAMPS_START: ReadonlySet<PlaySourceName> = new Set(['lastfm', 'listenbrainz', 'maloja', 'scrobble']);

/** Whether a source tells tracks by name, so that its plays may stand under another id of the same name. */
export function namesTracks(source: PlaySourceName): boolean {
  return NAMING.has(source);
}

const BIT = {
  recent: sourceBit('recently-played'),
  live: sourceBit('live'),
  extended: sourceBit('spotify-extended'),
  accountData: sourceBit('spotify-account-data'),
};

/** Spotify's account data cuts the end of a listen to the minute. */
const MINUTE_MS = 60_000;

/** How much the judgement of a source about the *end* counts; higher wins. */
function endRank(seenBy: number): number {
  if (seenBy & BIT.recent) return 4;
  if (seenBy & BIT.extended) return 3;
  // Minutes are coarser than whatever live playback measured; a start plus a length is a guess.
  if (seenBy & BIT.live) return 2;
  return seenBy & BIT.accountData ? 1 : 0;
}

/** How far the end of a stored play may be off beyond {@link STAMP_SLACK_MS}, ms. */
const uncertaintyOf = (play: StoredPlay): number => (endRank(play.seenBy) === 1 ? MINUTE_MS : 0);

/** Whether the other of Spotify's two exports told this play too. */
function isOtherExport(play: StoredPlay, source: PlaySourceName): boolean {
  if (source === 'spotify-extended') return (play.seenBy & BIT.accountData) !== 0;
  return source === 'spotify-account-data' && (play.seenBy & BIT.extended) !== 0;
}

interface Candidate {
  before: StoredPlay | null;
  play: StoredPlay;
  touched: boolean;
}

/** A restored play and one that was captured here meanwhile carry the same stamp of one of their sources. */
function isSameRestored(play: StoredPlay, observation: PlayObservation): boolean {
  return play.endedAt === observation.endedAt || play.playedAt === observation.startedAt;
}

/** Bits of what told an observation. */
const bitsOf = (observation: PlayObservation): number => observation.seenBy ?? sourceBit(observation.source);

/** The same source told exactly this before. */
function isRepeat(play: StoredPlay, observation: PlayObservation): boolean {
  if (observation.seenBy !== undefined)
    return isSameRestored(play, observation) && (observation.seenBy & ~play.seenBy) === 0;
  if ((play.seenBy & sourceBit(observation.source)) === 0) return false;
  switch (observation.source) {
    case 'recently-played':
      return play.endedAt === observation.endedAt;
    case 'live':
      return Math.abs(play.playedAt - observation.startedAt) <= 2_000;
    default:
      // Merged rows keep the finer stamp, so ends may differ by the rounding of either; a start that is
      // all a source knows says nothing of where the merged listen ended.
      if (STAMPS_START.has(observation.source)) return distance(play, observation) !== null;
      return (
        Math.abs(play.endedAt - observation.endedAt) <=
          STAMP_SLACK_MS + Math.max(observation.uncertaintyMs ?? 0, uncertaintyOf(play)) &&
        play.msPlayed === observation.msPlayed
      );
  }
}

/**
 * How far apart two tellings of one listen are, in ms; null when they cannot be the same listen.
 *
 * They are the same when their ends agree within the slack and the uncertainty of either (never more
 * than half the track, so that two listens in a row stay two), or their starts do where a source knows
 * nothing but the start, or when one stamp is the other's start (some clients stamp `played_at` with the start: spotify/web-api#1083), or
 * when the stretches overlap by more than half of the shorter (a pause stretches only one of them), or when the
 * history's stamp lies where the player was taken to play on: it was left before that, unseen.
 * Spotify's two exports tell one measurement, so there the listening time must agree to the millisecond.
 */
function distance(play: StoredPlay, observation: PlayObservation): number | null {
  const told = observation.endedAt - observation.startedAt;
  const length = observation.durationMs ?? (told > 0 ? told : play.endedAt - play.playedAt);
  const uncertainty = Math.max(observation.uncertaintyMs ?? 0, uncertaintyOf(play));
  const most = STAMP_SLACK_MS + uncertainty;
  const ends = Math.abs(play.endedAt - observation.endedAt);
  if (isOtherExport(play, observation.source))
    return ends <= most && play.msPlayed === observation.msPlayed ? ends : null;
  const slack = Math.min(most, Math.max(length / 2, 1_000));
  if (ends <= slack) return ends;
  if (STAMPS_START.has(observation.source)) {
    const starts = Math.abs(play.playedAt - observation.startedAt);
    if (starts <= slack) return starts;
  }
  if ((play.seenBy & BIT.recent) !== 0 && observation.source !== 'recently-played') {
    const stampIsStart = Math.abs(play.endedAt - observation.startedAt);
    if (stampIsStart <= Math.min(slack, 5_000)) return slack + stampIsStart;
  }
  if (stampLiesWithin(play, observation)) return slack + ends;
  const overlap =
    Math.min(play.endedAt, observation.endedAt) - Math.max(play.playedAt, observation.startedAt);
  const shorter = Math.min(play.endedAt - play.playedAt, observation.endedAt - observation.startedAt);
  return shorter > 0 && overlap > shorter / 2 ? slack + ends : null;
}

/**
 * Whether one is the history's exact stamp and the other what live readings took for one listen around it.
 * The history infers the start of a track that was left early as far too soon, so the stretches may hardly overlap.
 */
function stampLiesWithin(play: StoredPlay, observation: PlayObservation): boolean {
  const isHistory = observation.source === 'recently-played';
  if (isHistory ? endRank(play.seenBy) !== endRank(BIT.live) : observation.source !== 'live') return false;
  if (!isHistory && (play.seenBy & BIT.recent) === 0) return false;
  const stamp = isHistory ? observation.endedAt : play.endedAt;
  const [from, to] = isHistory ? [play.playedAt, play.endedAt] : [observation.startedAt, observation.endedAt];
  return stamp >= from + SHORTEST_SHOWN_MS && stamp <= to;
}

function fresh(observation: PlayObservation, code: number): StoredPlay {
  return {
    trackId: observation.trackId,
    playedAt: observation.startedAt,
    endedAt: observation.endedAt,
    msPlayed: observation.msPlayed,
    seenBy: bitsOf(observation),
    source: code,
    contextId: observation.contextId ?? null,
    deviceId: observation.deviceId ?? null,
    importId: observation.importId ?? null,
    flags: observation.flags ?? 0,
  };
}

/** A source that tells the id of a track is surer of it than sources that tell its name. */
function surerTrack(play: StoredPlay, observation: PlayObservation): number {
  const onlyNamed = (play.seenBy & ~NAMING_BITS) === 0;
  return onlyNamed && !NAMING.has(observation.source) ? observation.trackId : play.trackId;
}

/** The best of both: the finest end, a measured start, measured listening time before none. */
function merge(play: StoredPlay, observation: PlayObservation): StoredPlay {
  const bit = bitsOf(observation);
  const exported = (bit & (BIT.extended | BIT.accountData)) !== 0;
  const isLive = (bit & BIT.live) !== 0;
  const endedAt = endRank(bit) > endRank(play.seenBy) ? observation.endedAt : play.endedAt;
  const msPlayed = exported
    ? (observation.msPlayed ?? play.msPlayed)
    : (play.msPlayed ?? observation.msPlayed);
  const measuredStart = isLive
    ? observation.startedAt
    : (play.seenBy & BIT.live) !== 0
      ? play.playedAt
      : msPlayed === null
        ? play.playedAt
        : endedAt - msPlayed;
  const playedAt = Math.min(measuredStart, endedAt);
  // Exports measure at the player; readings from outside may have taken it to go on when it did not. A stamp
  // that is really the start leaves no room, and says nothing of the time.
  const isExact = ((bit | play.seenBy) & (BIT.extended | BIT.accountData)) !== 0;
  const room = endedAt - playedAt;
  const most = isExact || room < SHORTEST_SHOWN_MS ? Number.POSITIVE_INFINITY : room;
  return {
    ...play,
    trackId: surerTrack(play, observation),
    playedAt,
    endedAt,
    msPlayed: msPlayed === null ? null : Math.min(msPlayed, most),
    seenBy: play.seenBy | bit,
    contextId: play.contextId ?? observation.contextId ?? null,
    // Live playback knows the device by its own name, exports only what kind it is.
    deviceId: (isLive ? observation.deviceId : null) ?? play.deviceId ?? observation.deviceId ?? null,
    flags: play.flags | (observation.flags ?? 0),
  };
}

/**
 * Decides what a batch of observations of **one listener** means for the plays already stored.
 *
 * A stored play takes at most one observation of each source (a restored play may add to what is known of
 * the same stamp), so two real listens in a row stay
 * two; among several candidates the nearest is taken. Told twice, a batch changes nothing the
 * second time. `stored` must hold every play of the observed tracks, and of their siblings, whose end
 * lies within {@link RECONCILE_WINDOW_MS} of the batch.
 *
 * @param siblings other ids under which a track of the same name and artist is known. A listen that one
 *   source told by name and another by id is then one, though they stand under different ids.
 */
export function reconcile(
  stored: readonly StoredPlay[],
  observations: readonly PlayObservation[],
  codeOf: (source: PlaySourceName) => number,
  siblings: ReadonlyMap<number, readonly number[]> = new Map(),
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
    const candidates = [...(byTrack.get(observation.trackId) ?? [])];
    for (const sibling of siblings.get(observation.trackId) ?? []) {
      for (const candidate of byTrack.get(sibling) ?? []) {
        const named = namesTracks(observation.source) || (candidate.play.seenBy & ~NAMING_BITS) === 0;
        if (named) candidates.push(candidate);
      }
    }
    if (candidates.some(({ play }) => isRepeat(play, observation))) {
      duplicates += 1;
      continue;
    }
    const bit = bitsOf(observation);
    let nearest: Candidate | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of candidates) {
      const isSame = observation.seenBy !== undefined && isSameRestored(candidate.play, observation);
      if ((candidate.play.seenBy & bit) !== 0 && !isSame) continue;
      const apart = distance(candidate.play, observation);
      if (apart !== null && apart < least) {
        nearest = candidate;
        least = apart;
      }
    }
    if (nearest) {
      const merged = merge(nearest.play, observation);
      // The key of another play is never taken: the start, and the track, then stay as they were.
      const after =
        keyOf(merged) !== keyOf(nearest.play) && keys.has(keyOf(merged))
          ? { ...merged, trackId: nearest.play.trackId, playedAt: nearest.play.playedAt }
          : merged;
      if (after.trackId !== nearest.play.trackId) {
        const list = byTrack.get(after.trackId);
        if (list) list.push(nearest);
        else byTrack.set(after.trackId, [nearest]);
      }
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
  // A candidate that moved to another track stands in two lists.
  for (const list of byTrack.values()) {
    for (const candidate of list) {
      const { before, play, touched } = candidate;
      if (!touched) continue;
      candidate.touched = false;
      if (before) updates.push({ before, after: play });
      else inserts.push(play);
    }
  }
  return { inserts, updates, duplicates };
}
