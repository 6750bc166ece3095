import {
  estimateShuffle,
  getMyPlaylists,
  listSchedules,
  type PlaylistRequest,
  recentShuffles,
  shareLiked,
  shufflePlaylist,
} from '@spindle/contracts';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, queryKeys } from '../api.ts';

const PAGE = 50;
const first = undefined as string | undefined;
const from = (cursor: string | undefined) => (cursor ? { cursor } : {});

export const myPlaylistsQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: [...queryKeys.playlists, q],
    initialPageParam: first,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        getMyPlaylists,
        { query: { limit: PAGE, ...(q ? { q } : {}), ...from(pageParam) } },
        { signal },
      ),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const shufflesQuery = () =>
  infiniteQueryOptions({
    queryKey: queryKeys.shuffles,
    initialPageParam: first,
    queryFn: ({ pageParam, signal }) =>
      api.call(recentShuffles, { query: { limit: 20, ...from(pageParam) } }, { signal }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

export const schedulesQuery = () =>
  queryOptions({
    queryKey: queryKeys.schedules,
    queryFn: ({ signal }) => api.call(listSchedules, {}, { signal }),
  });

export type ShuffleRequest = Extract<PlaylistRequest, { kind: 'shuffle' }>;

/** What a shuffle would cost: it changes with every call of anybody, so it is never taken from memory. */
export const estimateQuery = ({ kind: _, ...body }: ShuffleRequest) =>
  queryOptions({
    queryKey: ['estimateShuffle', body],
    queryFn: ({ signal }) => api.call(estimateShuffle, { body }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

/** Asks for a shuffle or a shared list. */
export function begin(request: PlaylistRequest, evenIfShort = false) {
  if (request.kind === 'shuffle') {
    const { kind: _, ...body } = request;
    return api.enqueue(shufflePlaylist, { body: { ...body, evenIfShort } });
  }
  const { kind: _, ...body } = request;
  return api.enqueue(shareLiked, { body: { ...body, evenIfShort } });
}
