import { recountIfStale } from '@spindle/db';
import { type Processor, userRoom } from '@spindle/queues';
import type { StatsContext } from './context.ts';

/** Works the figures of a listener out anew, and tells their open pages. */
export const recount: Processor<StatsContext, 'stats', 'recount'> = async (context, { userId }, job) => {
  const began = performance.now();
  const now = context.clock.now();
  const recounted = await recountIfStale(context.db, userId, now);
  if (recounted) {
    job.log.info({ tookMs: Math.round(performance.now() - began) }, 'history recounted');
    await context.live.publish('history-recounted', [userRoom(userId)], { countedAt: now.toISOString() });
  }
  return { recounted };
};
