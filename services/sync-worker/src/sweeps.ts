import type { SweepResult } from '@spindle/contracts';
import { closeSyncRun, listConnected, listSharing, trimSyncRuns } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { SyncContext } from './context.ts';

const KEEP_RUNS_MS = 30 * 86_400_000;

interface Outcome {
  readonly succeeded: readonly { readonly result: { readonly playsStored?: number } }[];
  readonly failed: readonly { readonly key: string; readonly failure: { readonly message: string } }[];
}

function sum({ succeeded, failed }: Outcome): SweepResult {
  return {
    totalUsers: succeeded.length + failed.length,
    successful: succeeded.length,
    failed: failed.length,
    playsSynced: succeeded.reduce((total, one) => total + (one.result.playsStored ?? 0), 0),
    errors: failed.map(({ key, failure }) => ({ userId: key, error: failure.message })),
  };
}

/** Reads the history of everybody; one listener's failure is an entry in the sum. */
export const syncAll: Processor<SyncContext, 'sync', 'sync-all'> = async (context, { runId }, job) => {
  const outcome = await job.fanOut('history', async () =>
    (await listConnected(context.db)).map((userId) => ({
      key: String(userId),
      payload: { userId, reason: 'sweep' as const },
    })),
  );
  const result = sum(outcome);
  await closeSyncRun(context.db, runId, result, context.clock.now());
  await trimSyncRuns(context.db, new Date(context.clock.nowMs() - KEEP_RUNS_MS));
  return result;
};

/** Reads the player of everybody who shares. */
export const updatePlaying: Processor<SyncContext, 'sync', 'update-playing'> = async (
  context,
  { runId },
  job,
) => {
  const outcome = await job.fanOut('playback', async () =>
    (await listSharing(context.db, context.clock.now())).map((userId) => ({
      key: String(userId),
      payload: { userId, reason: 'sweep' as const },
    })),
  );
  const result = sum({
    succeeded: outcome.succeeded.map(() => ({ result: {} })),
    failed: outcome.failed,
  });
  await closeSyncRun(context.db, runId, result, context.clock.now());
  return result;
};
