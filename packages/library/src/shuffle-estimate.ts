import { LIKED, PLAYLIST_ITEMS, type PlaylistRequest, type ShuffleEstimate } from '@spindle/contracts';
import { appOfUser, type Database, earlierPlaylist, type SourceState, sourceState } from '@spindle/db';
import { type Governor, type Lane, MAX_URIS_PER_WRITE, PAGE_LIMIT } from '@spindle/spotify';

/** Spotify id of what a request reads, or `liked`. */
export const sourceOf = (request: PlaylistRequest): string =>
  request.kind === 'shuffle' ? request.playlistId : LIKED;

/** How a list is divided over playlists: their lengths. Null: too long, and nobody said what becomes of it. */
export function playlistLengths(items: number, overflow: PlaylistRequest['overflow']): number[] | null {
  if (items <= PLAYLIST_ITEMS) return [items];
  if (overflow === undefined) return null;
  if (overflow === 'cut') return [PLAYLIST_ITEMS];
  const parts = Math.ceil(items / PLAYLIST_ITEMS);
  // About equal, rather than a last one with a few songs.
  return Array.from({ length: parts }, (_, part) => Math.floor((items + part) / parts)).reverse();
}

/**
 * Calls to Spotify that a request takes at most: pages of 50 are read, 100 items written at once; one more
 * for each playlist that is made or found again, and one to ask whether the source has changed. What is stored
 * is taken to be as it is at Spotify.
 */
export function shuffleCalls(
  request: PlaylistRequest,
  source: Pick<SourceState, 'items' | 'stored'>,
): ShuffleEstimate['calls'] {
  if (source.items === null) return null;
  const pages = source.stored ? 0 : Math.ceil(source.items / PAGE_LIMIT);
  const limit = request.kind === 'shuffle' ? request.limit?.tracks : undefined;
  const lengths =
    playlistLengths(Math.min(source.items, limit ?? source.items), request.overflow ?? 'split') ?? [];
  const read = sourceOf(request) === LIKED ? Math.max(1, pages) : 1 + pages;
  const write = lengths.reduce((sum, length) => sum + Math.ceil(length / MAX_URIS_PER_WRITE), 0);
  const other = lengths.length;
  return { read, write, other, total: read + write + other };
}

/** What a request would cost, and whether the quota suffices, from what is stored: no call is made. */
export async function estimateShuffle(
  access: { readonly db: Database; readonly governor: Governor },
  userId: number,
  request: PlaylistRequest,
  options: { readonly lane: Lane; readonly scheduleId?: number },
): Promise<ShuffleEstimate> {
  const { pool } = access.db;
  const sourceId = sourceOf(request);
  const [source, appId, refreshes] = await Promise.all([
    sourceState(pool, userId, sourceId),
    appOfUser(pool, userId),
    earlierPlaylist(pool, {
      // After all that there are.
      id: 2 ** 31 - 1,
      userId,
      sourceId,
      mode: request.kind === 'shuffle' ? request.mode : 'liked',
      // Told also to who asks for a new one.
      target: request.target === 'new' ? 'refresh' : request.target,
      scheduleId: options.scheduleId ?? null,
    }),
  ]);
  const calls = shuffleCalls(request, source);
  const outlook =
    appId && access.governor.knows(appId)
      ? await access.governor.outlook({
          appId,
          lane: options.lane,
          buckets: sourceId === LIKED ? ['library', 'playlists'] : ['playlists'],
          calls: calls?.total ?? 1,
        })
      : null;
  const limit = request.kind === 'shuffle' ? request.limit?.tracks : undefined;
  return {
    sourceName: source.name,
    sourceTracks: source.items,
    calls,
    left: outlook?.left ?? null,
    enough: outlook?.enough ?? true,
    enoughAt: outlook?.enoughAt?.toISOString() ?? null,
    reason: outlook?.reason ?? null,
    tooLong: Math.min(source.items ?? 0, limit ?? PLAYLIST_ITEMS + 1) > PLAYLIST_ITEMS,
    refreshes,
  };
}
