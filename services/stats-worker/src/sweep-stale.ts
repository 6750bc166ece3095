import { listStale, sweepCatalogueChanges } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { StatsContext } from './context.ts';

/**
 * How long artists and lengths that became known wait until the figures take them up: they arrive for
 * hours after an import, a few at a time, and each recount reads the whole history.
 */
const CATALOGUE_PATIENCE_MS = 10 * 60_000;

/** Enqueues the recounts that wait: catalogue changes, and requests whose job was lost. */
export const sweepStale: Processor<StatsContext, 'stats', 'sweep-stale'> = async (context, _payload, job) => {
  const now = context.clock.now();
  await sweepCatalogueChanges(context.db, now);
  const stale = await listStale(context.db, new Date(now.getTime() - CATALOGUE_PATIENCE_MS));
  for (const userId of stale)
    await context.producer.add('stats', 'recount', { userId }, { requestId: job.requestId, lane: 'bulk' });
  return { enqueued: stale.length };
};
