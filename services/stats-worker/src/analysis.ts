import { analyseLiked, loadListener, storeAnalysis } from '@spindle/db';
import { readLikedSongs } from '@spindle/library';
import type { Processor } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import type { StatsContext } from './context.ts';
import { sayWhy } from './say-why.ts';

function gone(): GiveUp {
  return new GiveUp({ code: 'gone', message: 'There is no such listener any more.' });
}

/** Brings a listener's Liked Songs into step, and stores what they come to. */
export const analysis: Processor<StatsContext, 'stats', 'analysis'> = (context, { userId }, job) =>
  sayWhy(job, async () => {
    const { db, clock } = context;
    const { total } = await readLikedSongs(context, userId, {
      lane: 'interactive',
      signal: job.signal,
      onPage: async (done, all) => {
        await job.progress({ done, total: all, phase: 'reading' });
        await job.takeTurns();
      },
    });
    await job.progress({ done: total, total, phase: 'analysing' });
    const listener = await loadListener(db.pool, userId);
    if (!listener) throw gone();
    const figures = await analyseLiked(db.pool, listener);
    const now = clock.now();
    if (!(await storeAnalysis(db, userId, figures, now))) throw gone();
    return { madeAt: now.toISOString(), tracks: figures.tracks };
  });
