import { getDiscoveries, getSessions, getStreaks } from '@spindle/contracts';
import { loadDiscoveries, loadSessions, loadStreaks } from '@spindle/db';
import { decodeOffset, encodeOffset } from '../offset-cursor.ts';
import type { StatisticsMount } from '../statistics-answers.ts';
import { rangeOf } from './statistics.ts';

export function mountListeningHabits(statistics: StatisticsMount): void {
  statistics.mine(getSessions, async ({ query }, listener, now, db) => {
    const { order, limit, cursor } = query;
    const page = { order, limit, offset: decodeOffset(cursor) };
    const { nextOffset, ...list } = await loadSessions(db, listener, rangeOf(query, listener, now), page);
    return { ...list, nextCursor: encodeOffset(nextOffset) };
  });

  statistics.mine(getStreaks, (_input, listener, now, db) => loadStreaks(db, listener, now));

  statistics.mine(getDiscoveries, ({ query }, listener, now, db) =>
    loadDiscoveries(db, listener, rangeOf(query, listener, now), query),
  );
}
