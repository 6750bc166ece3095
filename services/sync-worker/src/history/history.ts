import {
  clearRefusal,
  contextIds,
  ingestPlays,
  loadCapture,
  postponeReading,
  recentEnds,
  saveHistoryReading,
  upsertTracks,
} from '@spindle/db';
import { type Processor, userRoom } from '@spindle/queues';
import { GiveUp, RetryLater } from '@spindle/service-kit';
import type { SyncContext } from '../context.ts';
import { laneOf } from '../lane.ts';
import { LEARN_DAYS, nextHistoryAt, retryAt } from './history-plan.ts';
import { readPage } from './page.ts';

const DAY_MS = 86_400_000;

/**
 * Reads a listener's recently played tracks and stores what is new, together with the cursor, what was
 * learned and when to read next, in one transaction: killed anywhere, it is simply done again.
 */
export const history: Processor<SyncContext, 'sync', 'history'> = async (
  context,
  { userId, reason },
  job,
) => {
  const { db, clock } = context;
  const state = await loadCapture(db, userId, clock.now());
  // Gone, erasing or in need of a new sign-in: nothing to read until then.
  if (!state) return { playsRead: 0, playsStored: 0, gap: false };
  try {
    const answer = await context.spotify
      .as(userId, { lane: laneOf(reason, 'history'), signal: job.signal })
      .recentlyPlayed();
    const page = readPage(answer);
    const now = clock.nowMs();
    const newestBefore = state.historyNewestAt?.getTime() ?? null;
    // A full page that does not reach back to what is known has lost whatever lay between.
    const gap =
      page.full && newestBefore !== null && page.oldestEndedAt !== null && page.oldestEndedAt > newestBefore
        ? { from: new Date(newestBefore), to: new Date(page.oldestEndedAt) }
        : null;
    const result = await db.transaction(async (tx) => {
      const trackIds = await upsertTracks(tx, page.tracks, new Date(now));
      const contexts = await contextIds(tx, page.contextUris);
      const stored = await ingestPlays(tx, userId, page.observations(trackIds, contexts));
      const { ends, knownFrom } = await recentEnds(tx, userId, new Date(now - LEARN_DAYS * DAY_MS));
      const nextAt = new Date(nextHistoryAt(now, ends, knownFrom ?? now));
      await saveHistoryReading(tx, userId, {
        readAt: new Date(now),
        newestAt: page.newestEndedAt === null ? null : new Date(page.newestEndedAt),
        nextAt,
        gap,
      });
      await clearRefusal(tx, userId);
      return { ...stored, nextAt };
    });
    db.measures.playsStored('recently-played', result.stored);
    if (gap) db.measures.gapFound();
    if (result.stored > 0) {
      await context.live.publish('plays-added', [userRoom(userId)], { count: result.stored });
    }
    job.log.info({ read: page.ends.length, ...result, gap: gap !== null }, 'read the history');
    return { playsRead: page.ends.length, playsStored: result.stored, gap: gap !== null };
  } catch (error) {
    await postponeReading(context.db, userId, 'history', postponement(error, clock.nowMs(), state.failures));
    throw error;
  }
};

/** When a reading that failed is due again, and what the page says of it. */
export function postponement(
  error: unknown,
  now: number,
  failures: number,
): { nextAt: Date; failure?: { code: string; at: Date } } {
  if (error instanceof RetryLater) return { nextAt: error.until };
  const code = error instanceof GiveUp ? error.code : 'spotify_unavailable';
  return { nextAt: new Date(retryAt(now, failures)), failure: { code, at: new Date(now) } };
}
