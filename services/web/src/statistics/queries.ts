import {
  getClock,
  getComparison,
  getDiscoveries,
  getProfileClock,
  getProfileSummary,
  getProfileTimeline,
  getProfileTop,
  getSessions,
  getStreaks,
  getSummary,
  getTimeline,
  getToday,
  getTop,
  getWrapped,
  type Measure,
  type TopKind,
} from '@spindle/contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '../api.ts';
import type { PeriodSearch } from './period-search.ts';

/** All queries of figures begin with this; a live event that changes figures names it. */
export const STATISTICS = 'statistics';

/** While another period loads, the one before stays on the screen: nothing jumps. */
const placeholderData = keepPreviousData;

export const todayQuery = () =>
  queryOptions({ queryKey: [STATISTICS, 'today'], queryFn: () => api.call(getToday, {}) });

export const summaryQuery = (period: PeriodSearch) =>
  queryOptions({
    queryKey: [STATISTICS, 'summary', period],
    queryFn: ({ signal }) => api.call(getSummary, { query: period }, { signal }),
    placeholderData,
  });

export const timelineQuery = (period: PeriodSearch) =>
  queryOptions({
    queryKey: [STATISTICS, 'timeline', period],
    queryFn: ({ signal }) => api.call(getTimeline, { query: period }, { signal }),
    placeholderData,
  });

export const clockQuery = (period: PeriodSearch) =>
  queryOptions({
    queryKey: [STATISTICS, 'clock', period],
    queryFn: ({ signal }) => api.call(getClock, { query: period }, { signal }),
    placeholderData,
  });

export interface TopInput {
  readonly kind: TopKind;
  readonly period: PeriodSearch;
  readonly by: Measure;
  readonly limit: number;
  readonly cursor?: string;
}

export const fetchTop = ({ kind, period, by, limit, cursor }: TopInput, signal?: AbortSignal) =>
  api.call(
    getTop,
    { params: { kind }, query: { ...period, by, limit, ...(cursor ? { cursor } : {}) } },
    signal ? { signal } : {},
  );

export const topQuery = (input: TopInput) =>
  queryOptions({
    queryKey: [STATISTICS, 'top', input],
    queryFn: ({ signal }) => fetchTop(input, signal),
    placeholderData,
  });

export const streaksQuery = () =>
  queryOptions({ queryKey: [STATISTICS, 'streaks'], queryFn: () => api.call(getStreaks, {}) });

export const sessionsQuery = (period: PeriodSearch, order: 'longest' | 'newest') =>
  queryOptions({
    queryKey: [STATISTICS, 'sessions', period, order],
    queryFn: ({ signal }) => api.call(getSessions, { query: { ...period, order, limit: 10 } }, { signal }),
    placeholderData,
  });

export const discoveriesQuery = (period: PeriodSearch, kind: 'tracks' | 'artists' | 'albums') =>
  queryOptions({
    queryKey: [STATISTICS, 'discoveries', period, kind],
    queryFn: ({ signal }) => api.call(getDiscoveries, { query: { ...period, kind, limit: 12 } }, { signal }),
    placeholderData,
  });

export const wrappedQuery = (year: number) =>
  queryOptions({
    queryKey: [STATISTICS, 'wrapped', year],
    queryFn: ({ signal }) => api.call(getWrapped, { params: { year } }, { signal }),
  });

export interface ComparisonInput {
  readonly mine: PeriodSearch;
  readonly other: PeriodSearch;
  readonly with?: string;
  readonly kind: 'tracks' | 'artists' | 'albums';
}

export const comparisonQuery = ({ mine, other, with: handle, kind }: ComparisonInput) =>
  queryOptions({
    queryKey: [STATISTICS, 'comparison', mine, other, handle, kind],
    queryFn: ({ signal }) =>
      api.call(
        getComparison,
        {
          query: {
            ...mine,
            kind,
            limit: 25,
            ...(other.range ? { otherRange: other.range } : {}),
            ...(other.at ? { otherAt: other.at } : {}),
            ...(other.from ? { otherFrom: other.from } : {}),
            ...(other.to ? { otherTo: other.to } : {}),
            ...(handle ? { with: handle } : {}),
          },
        },
        { signal },
      ),
    placeholderData,
    retry: false,
  });

/** The same figures of somebody who shows them to anybody. */
export const publicQueries = (handle: string) => ({
  summary: (period: PeriodSearch) =>
    queryOptions({
      queryKey: [STATISTICS, handle, 'summary', period],
      queryFn: () => api.call(getProfileSummary, { params: { handle }, query: period }),
    }),
  timeline: (period: PeriodSearch) =>
    queryOptions({
      queryKey: [STATISTICS, handle, 'timeline', period],
      queryFn: () => api.call(getProfileTimeline, { params: { handle }, query: period }),
    }),
  clock: (period: PeriodSearch) =>
    queryOptions({
      queryKey: [STATISTICS, handle, 'clock', period],
      queryFn: () => api.call(getProfileClock, { params: { handle }, query: period }),
    }),
  top: (kind: TopKind, period: PeriodSearch) =>
    queryOptions({
      queryKey: [STATISTICS, handle, 'top', kind, period],
      queryFn: () =>
        api.call(getProfileTop, { params: { handle, kind }, query: { ...period, by: 'plays', limit: 10 } }),
    }),
});
