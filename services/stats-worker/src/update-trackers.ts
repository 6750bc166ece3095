import { countUpToDate, dueTrackers, refreshTrackerPlays } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { StatsContext } from './context.ts';

/**
 * Takes the datapoint of every listener whose day has turned, and brings the plays of the last days into
 * step for all. Whoever has their datapoint costs no call and no job.
 */
export const updateTrackers: Processor<StatsContext, 'stats', 'update-trackers'> = async (
  { db, clock },
  _payload,
  job,
) => {
  const { succeeded, failed } = await job.fanOut('tracker', async () =>
    (await dueTrackers(db, clock.now())).map((userId) => ({ key: String(userId), payload: { userId } })),
  );
  const now = clock.now();
  await refreshTrackerPlays(db.pool, now);
  const upToDate = await countUpToDate(
    db,
    [...succeeded, ...failed].map((one) => Number(one.key)),
    now,
  );
  return {
    total: succeeded.length + upToDate + failed.length,
    updated: succeeded.length,
    upToDate,
    failed: failed.length,
    errors: failed.map(({ key, failure }) => ({ userId: key, error: failure.message })),
  };
};
