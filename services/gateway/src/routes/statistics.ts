import {
  getClock,
  getSummary,
  getTimeline,
  getToday,
  getTop,
  type RangeName,
  type TopList,
} from '@spindle/contracts';
import {
  type Listener,
  loadClock,
  loadTimeline,
  loadToday,
  type Queryable,
  type RangeQuery,
  type ResolvedRange,
  resolveRange,
  summarize,
  type TopRequest,
  topItems,
} from '@spindle/db';
import { decodeOffset, encodeOffset } from '../offset-cursor.ts';
import type { StatisticsMount } from '../statistics-answers.ts';

/** The part of a query that names a period. */
export interface PeriodQuery {
  readonly range?: RangeName | undefined;
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function rangeOf(query: PeriodQuery, listener: Listener, now: Date): ResolvedRange {
  const { range, at, from, to }: RangeQuery = query;
  return resolveRange({ range, at, from, to }, listener, now);
}

const MINUTE_MS = 60_000;

/** A page of a top list; the cursor is the place in it. */
export async function topPage(
  db: Queryable,
  query: PeriodQuery & Pick<TopRequest, 'kind' | 'by' | 'limit'> & { readonly cursor?: string | undefined },
  listener: Listener,
  now: Date,
): Promise<TopList> {
  const { kind, by, limit, cursor } = query;
  const { nextOffset, ...list } = await topItems(db, listener, rangeOf(query, listener, now), {
    kind,
    by,
    limit,
    offset: decodeOffset(cursor),
  });
  return { ...list, nextCursor: encodeOffset(nextOffset) };
}

export function mountStatistics(statistics: StatisticsMount): void {
  statistics.mine(getSummary, ({ query }, listener, now, db) =>
    summarize(db, listener, rangeOf(query, listener, now), now),
  );
  statistics.mine(getTop, ({ params, query }, listener, now, db) =>
    topPage(db, { ...query, kind: params.kind }, listener, now),
  );
  statistics.mine(getTimeline, ({ query }, listener, now, db) =>
    loadTimeline(db, listener, rangeOf(query, listener, now), query.by),
  );
  statistics.mine(getClock, ({ query }, listener, now, db) =>
    loadClock(db, listener, rangeOf(query, listener, now)),
  );

  // Its yesterday ends at this time of day.
  statistics.mine(getToday, (_input, listener, now, db) => loadToday(db, listener, now), {
    goodForMs: MINUTE_MS,
  });
}
