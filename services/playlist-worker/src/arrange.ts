import type { LeftOutReason, PlaylistRequest } from '@spindle/contracts';
import { lastHeard, type PlaylistOperation, trackFacts } from '@spindle/db';
import {
  limitList,
  type RandomSource,
  shuffleSpread,
  shuffleUnheard,
  shuffleUniform,
  whyNot,
} from '@spindle/shuffle';
import { seededSource } from '@spindle/shuffle/seeded';
import type { PlaylistContext } from './context.ts';

/** A track of the source that Spotify plays. */
export interface SourceTrack {
  readonly uri: string;
  readonly trackId: number;
  /** Null where Spotify does not tell. */
  readonly addedAtMs: number | null;
}

type ShuffleRequest = Extract<PlaylistRequest, { kind: 'shuffle' }>;

/** Everything that filters, orders and limits ask, read at once and only where they do. */
async function loadFacts(
  context: PlaylistContext,
  userId: number,
  { mode, filter, limit }: ShuffleRequest,
  tracks: readonly SourceTrack[],
) {
  const ids = [...new Set(tracks.map((track) => track.trackId))];
  const asksFacts = filter !== undefined || limit?.minutes !== undefined || mode === 'spread';
  const asksPlays = filter?.notPlayedForDays !== undefined || mode === 'unheard';
  const [facts, heard] = await Promise.all([
    asksFacts ? trackFacts(context.db.pool, userId, ids) : null,
    asksPlays ? lastHeard(context.db.pool, userId, ids) : null,
  ]);
  return {
    of: (track: SourceTrack) => facts?.get(track.trackId) ?? null,
    heardMs: (track: SourceTrack) => heard?.get(track.trackId)?.getTime() ?? null,
  };
}

/**
 * The tracks of a source that come into the playlist, in their order: those that pass the filter, shuffled
 * by the seed of the operation, as far as the limit goes. Liked Songs to share keep their own order.
 * `leaveOut` is told how many were left out, and why.
 */
export async function arrange(
  context: PlaylistContext,
  operation: Pick<PlaylistOperation, 'userId' | 'seed'>,
  request: PlaylistRequest,
  tracks: readonly SourceTrack[],
  leaveOut: (reason: LeftOutReason, count: number) => void,
): Promise<readonly SourceTrack[]> {
  if (request.kind !== 'shuffle') return tracks;
  const { mode, filter, limit } = request;
  const nowMs = context.clock.nowMs();
  const facts = await loadFacts(context, operation.userId, request, tracks);

  const passing = tracks.filter((track) => {
    if (!filter) return true;
    const fact = facts.of(track);
    const reason = whyNot(
      {
        artistIds: (fact?.artistIds ?? []).map(String),
        addedAtMs: track.addedAtMs,
        releasedOn: fact?.releasedOn ?? null,
        explicit: fact?.explicit ?? null,
        lastHeardMs: facts.heardMs(track),
      },
      {
        artistIds: filter.artists,
        addedSinceMs: filter.addedSince === undefined ? undefined : Date.parse(filter.addedSince),
        releasedFrom: filter.releasedFrom,
        releasedTo: filter.releasedTo,
        notPlayedForDays: filter.notPlayedForDays,
        withoutExplicit: filter.withoutExplicit,
      },
      nowMs,
    );
    if (reason) leaveOut(reason, 1);
    return reason === null;
  });

  const order: Record<typeof mode, (random: RandomSource) => SourceTrack[]> = {
    uniform: (random) => shuffleUniform(passing, random),
    spread: (random) => shuffleSpread(passing, (track) => traitsOf(facts.of(track)), random),
    unheard: (random) => shuffleUnheard(passing, facts.heardMs, nowMs, random),
  };
  const shuffled = order[mode](seededSource(operation.seed));
  if (!limit) return shuffled;
  const kept = limitList(
    shuffled,
    { items: limit.tracks, durationMs: limit.minutes === undefined ? undefined : limit.minutes * 60_000 },
    (track) => facts.of(track)?.durationMs ?? null,
  );
  leaveOut('limit', shuffled.length - kept.length);
  return kept;
}

function traitsOf(fact: { readonly artistIds: readonly number[]; readonly albumId: number | null } | null) {
  const [artist] = fact?.artistIds ?? [];
  return {
    artist: artist === undefined ? null : String(artist),
    album: fact?.albumId == null ? null : String(fact.albumId),
  };
}
