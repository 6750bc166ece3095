import type { MadePlaylist } from '@spindle/contracts';
import {
  beginPlaylistOperation,
  failPlaylistOperation,
  type PlaylistOperation,
  playlistOperationOwner,
  whileWritingPlaylists,
} from '@spindle/db';
import type { RunningJob } from '@spindle/queues';
import { GiveUp, RetryLater } from '@spindle/service-kit';
import type { PlaylistContext } from './context.ts';
import { finalFailure } from './failure-words.ts';

/** What an operation needs of the job that runs it. */
export type OperationJob = Pick<
  RunningJob<'shuffle-playlist'>,
  'attempt' | 'maxAttempts' | 'signal' | 'progress' | 'log'
>;

/** Until it is asked again whether the listener's other operation is through, ms. */
const BUSY_MS = 2_000;

function nothingToDo(): GiveUp {
  return new GiveUp({ code: 'gone', message: 'There is nothing to write any more.' });
}

/**
 * Takes an operation up where it was left, while no other writes playlists of the same listener, and
 * notes on its row when it has failed for good.
 *
 * @throws GiveUp with words for the listener, RetryLater, or what may heal.
 */
export async function runOperation(
  context: PlaylistContext,
  operationId: number,
  job: OperationJob,
  work: (operation: PlaylistOperation) => Promise<MadePlaylist>,
): Promise<MadePlaylist> {
  const { db, clock } = context;
  const userId = await playlistOperationOwner(db, operationId);
  if (userId === null) throw nothingToDo();
  try {
    const done = await whileWritingPlaylists(db, userId, async () => {
      const operation = await beginPlaylistOperation(db, operationId);
      if (!operation) throw nothingToDo();
      return work(operation);
    });
    if (done) return done.result;
  } catch (error) {
    if (error instanceof RetryLater) throw error;
    const isLast = job.attempt >= job.maxAttempts;
    const failure = finalFailure(error, isLast);
    if (failure || isLast) {
      await failPlaylistOperation(db.pool, operationId, failure?.code ?? 'internal', clock.now());
    }
    throw failure ?? error;
  }
  throw new RetryLater({
    until: new Date(clock.nowMs() + BUSY_MS),
    reason: 'the listener has another playlist in the making',
    waiting: 'Another playlist of yours is being written.',
  });
}
