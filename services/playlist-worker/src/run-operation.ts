import {
  beginPlaylistOperation,
  failPlaylistOperation,
  playlistOperationOwner,
  savePlaylistStep,
} from '@spindle/db';
import { GiveUp, isOutage, RetryLater, TurnOver } from '@spindle/service-kit';
import type { PlaylistContext } from './context.ts';
import { finalFailure, OWN_FAULT } from './failure-words.ts';
import type { OperationJob, PlaylistRun } from './playlist-run.ts';
import { writingAlone } from './writing-alone.ts';

function nothingToDo(): GiveUp {
  return new GiveUp({ code: 'gone', message: 'There is nothing to write any more.' });
}

/**
 * Takes an operation up where it was left, while no other writes playlists of the same listener, and
 * notes on its row when it has failed for good.
 *
 * @throws GiveUp with words for the listener, RetryLater, TurnOver, or what may heal.
 */
export async function runOperation<T>(
  context: PlaylistContext,
  operationId: number,
  job: OperationJob,
  work: (run: PlaylistRun) => Promise<T>,
): Promise<T> {
  const { db, clock, spotify } = context;
  const userId = await playlistOperationOwner(db, operationId);
  if (userId === null) throw nothingToDo();
  try {
    return await writingAlone(context, userId, `operation:${operationId}`, async (lease) => {
      const operation = await beginPlaylistOperation(db.pool, operationId);
      if (!operation) throw nothingToDo();
      // What nobody waits for leaves the allowance to those who do.
      const lane = operation.scheduleId === null ? 'interactive' : 'metadata';
      const caller = spotify.as(userId, { lane, signal: job.signal });
      return work({
        operation,
        lease,
        caller,
        lane,
        job,
        save: (partId, step) => savePlaylistStep(db.pool, lease, partId, step),
      });
    });
  } catch (error) {
    // What waits, for its turn or for an outage to end, has not failed.
    if (error instanceof RetryLater || error instanceof TurnOver || isOutage(error)) throw error;
    const isLast = job.attempt >= job.maxAttempts;
    const failure = finalFailure(error, isLast);
    if (failure || isLast) {
      await failPlaylistOperation(db.pool, operationId, failure ?? OWN_FAULT, clock.now());
    }
    throw failure ?? error;
  }
}
