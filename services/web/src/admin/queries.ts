import {
  getInstanceSettings,
  getSession,
  listApps,
  listFailures,
  listQueues,
  listUsers,
  type UserFilter,
  type UserSort,
} from '@spindle/contracts';
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, queryKeys } from '../api.ts';
import { reportFailure } from '../components/report.ts';

/** Nothing tells these pages of changes while somebody looks at them: they ask again, ms. */
const LOOK_AGAIN_MS = 15_000;

/** Who the browser is signed in as: a listener, an operator, nobody. */
export const callerQuery = queryOptions({
  queryKey: ['getSession'],
  queryFn: ({ signal }) => api.call(getSession, {}, { signal }),
});

export const settingsQuery = queryOptions({
  queryKey: queryKeys.settings,
  queryFn: ({ signal }) => api.call(getInstanceSettings, {}, { signal }),
  staleTime: 0,
});

export const appsQuery = queryOptions({
  queryKey: ['listApps'],
  queryFn: ({ signal }) => api.call(listApps, {}, { signal }),
  staleTime: 0,
});

export const queuesQuery = queryOptions({
  queryKey: ['listQueues'],
  queryFn: ({ signal }) => api.call(listQueues, {}, { signal }),
  staleTime: 0,
  refetchInterval: LOOK_AGAIN_MS,
});

export const failuresQuery = queryOptions({
  queryKey: ['listFailures'],
  queryFn: ({ signal }) => api.call(listFailures, {}, { signal }),
  staleTime: 0,
});

export interface ListenersSearch {
  readonly q?: string;
  readonly filter?: UserFilter;
  readonly sort?: UserSort;
}

export const listenersQuery = (search: ListenersSearch) =>
  infiniteQueryOptions({
    queryKey: ['listUsers', search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.call(listUsers, { query: { ...search, ...(pageParam && { cursor: pageParam }) } }, { signal }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });

/** Does something as an admin; afterwards what the named queries show is asked for anew. */
export function useAction<Input, Output>(
  act: (input: Input) => Promise<Output>,
  touched: readonly (readonly string[])[],
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => Promise.all(touched.map((queryKey) => queries.invalidateQueries({ queryKey }))),
    onError: reportFailure,
  });
}
