import { claimDue, type Reading } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { SyncContext } from './context.ts';
import { endShares } from './feed.ts';

/** Listeners that one tick takes on; the next tick takes the rest. */
const BATCH = 200;
/** A reading that nobody finished is due again after this long. */
const LEASE_MS = 3 * 60_000;

/**
 * Finds whose reading is due and enqueues it. The due times live in PostgreSQL, so that neither a lost
 * job nor a lost Redis loses a reading: the lease ends and the next tick finds it again. Shares whose
 * time is over end on the way, so that the feed is told at once.
 */
export const dispatchDue: Processor<SyncContext, 'sync', 'dispatch-due'> = async (context, _payload, job) => {
  await endShares(context);
  const found = { history: 0, playback: 0 };
  for (const reading of ['playback', 'history'] satisfies Reading[]) {
    const due = await claimDue(context.db, reading, context.clock.now(), { limit: BATCH, leaseMs: LEASE_MS });
    await Promise.all(
      due.map((userId) =>
        context.producer.add(
          'sync',
          reading,
          { userId, reason: 'scheduled' },
          { requestId: `${job.requestId}.${userId}` },
        ),
      ),
    );
    found[reading] = due.length;
  }
  return found;
};
