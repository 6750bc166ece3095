import { getWrapped, getWrappedCard } from '@spindle/contracts';
import { loadUserName, reviewYear } from '@spindle/db';
import { wrappedCard } from '../pictures/wrapped-card.ts';
import type { StatisticsMount } from '../statistics-answers.ts';

export function mountWrapped(statistics: StatisticsMount): void {
  statistics.mine(getWrapped, ({ params }, listener, now, db) => reviewYear(db, listener, params.year, now));

  statistics.picture(getWrappedCard, async ({ params, query }, listener, now, db) => {
    const [review, name] = await Promise.all([
      reviewYear(db, listener, params.year, now),
      loadUserName(db, listener.userId),
    ]);
    return wrappedCard({ ...review, name }, query.theme);
  });
}
