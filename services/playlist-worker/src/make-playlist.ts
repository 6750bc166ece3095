import { beginPlaylistOperation, operationResult, planPlaylistOperation } from '@spindle/db';
import { estimateShuffle } from '@spindle/library';
import type { Processor } from '@spindle/queues';
import { GiveUp, RetryLater } from '@spindle/service-kit';
import type { PlaylistContext } from './context.ts';
import { planList } from './plan-list.ts';
import type { PlaylistRun } from './playlist-run.ts';
import { runOperation } from './run-operation.ts';
import { writeParts } from './write-parts.ts';

/**
 * A schedule begins when the quota suffices for all of it, rather than to get stuck in the middle; a person
 * was told before, and chose.
 */
async function awaitQuota(context: PlaylistContext, run: PlaylistRun): Promise<void> {
  const { operation, lane } = run;
  if (operation.scheduleId === null || !operation.request) return;
  const { enough, enoughAt, reason } = await estimateShuffle(context, operation.userId, operation.request, {
    lane,
    scheduleId: operation.scheduleId,
  });
  // What a whole day does not suffice for is spread over several by the governor.
  if (enough || enoughAt === null) return;
  throw new RetryLater({
    until: new Date(enoughAt),
    reason: 'the quota does not suffice for all of it',
    waiting: reason ?? 'It waits for calls to Spotify.',
  });
}

/** Reads a source once, settles what is to be written from it, and writes that. */
export const makePlaylist: Processor<PlaylistContext, 'shuffle-playlist', 'shuffle' | 'share-liked'> = (
  context,
  { operationId },
  job,
) =>
  runOperation(context, operationId, job, async (run) => {
    let { operation } = run;
    if (operation.sourceCount === null) {
      await awaitQuota(context, run);
      const plan = await planList(context, run);
      await planPlaylistOperation(context.db, run.lease, operationId, plan);
      const planned = await beginPlaylistOperation(context.db.pool, operationId);
      if (!planned) throw new GiveUp({ code: 'gone', message: 'There is nothing to write any more.' });
      operation = planned;
    }
    await writeParts(context, { ...run, operation });
    const result = await operationResult(context.db.pool, operationId);
    if (!result) throw new GiveUp({ code: 'gone', message: 'There is nothing to write any more.' });
    return result;
  });
