import { getFailedShuffles, getOverallStatistics, getRecentShufflesOfAll } from '@spindle/contracts';
import {
  listShufflesOfAll,
  loadFailureReasons,
  loadOverallFigures,
  loadShuffleFigures,
  mostShuffled,
} from '@spindle/db';
import type { GatewayContext } from '../context.ts';
import { decodeId, encodeId } from '../id-cursor.ts';
import type { Mount } from '../mount.ts';
import { remembered } from '../remembered.ts';

/** What everybody may ask for, and what goes through everybody's shuffles, is worked out this often at most, ms. */
const TOP_AGE_MS = 60_000;
const SUMMED_MS = 30 * 86_400_000;

/** What the instance has shuffled, for anybody, and how that went, for admins. */
export function mountShuffleFigures(mount: Mount, context: GatewayContext): void {
  const { db, clock } = context;
  const top = remembered(clock, TOP_AGE_MS, () => mostShuffled(db.pool));
  const lately = () => new Date(clock.nowMs() - SUMMED_MS);

  mount.route(getOverallStatistics, async ({ query }) => {
    const [figures, most] = await Promise.all([loadOverallFigures(db.pool), query.full_stats ? top() : null]);
    return {
      ...figures,
      ...(most && { topTracks: [...most.topTracks], topArtists: [...most.topArtists] }),
    };
  });

  const pageOf = async (
    query: { readonly limit: number; readonly cursor?: string | undefined },
    onlyFailed: boolean,
  ) => {
    const page = { limit: query.limit, before: decodeId(query.cursor), onlyFailed };
    const { items, nextBefore } = await listShufflesOfAll(db.pool, page);
    return { items, nextCursor: encodeId(nextBefore) };
  };

  mount.route(getRecentShufflesOfAll, async ({ query }) => {
    const [page, figures] = await Promise.all([pageOf(query, false), loadShuffleFigures(db.pool, lately())]);
    return { ...page, figures };
  });

  mount.route(getFailedShuffles, async ({ query }) => {
    const [page, reasons] = await Promise.all([pageOf(query, true), loadFailureReasons(db.pool, lately())]);
    return { ...page, reasons };
  });
}
