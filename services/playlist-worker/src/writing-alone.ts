import { claimWriter, releaseWriter, type WriterLease } from '@spindle/db';
import { RetryLater } from '@spindle/service-kit';
import type { PlaylistContext } from './context.ts';

/** Until it is asked again whether the listener's other operation is through, ms. */
const BUSY_MS = 2_000;

/**
 * Does `work` while nobody else, in no process, writes playlists of the same listener. `holder` names the
 * work: what was killed in the middle is taken up at once by the same holder, and by others when its lease ends.
 *
 * @throws RetryLater when somebody else does; whatever `work` throws
 */
export async function writingAlone<T>(
  context: PlaylistContext,
  userId: number,
  holder: string,
  work: (lease: WriterLease) => Promise<T>,
): Promise<T> {
  const { db, clock } = context;
  const lease = await claimWriter(db.pool, userId, holder);
  if (!lease) {
    throw new RetryLater({
      until: new Date(clock.nowMs() + BUSY_MS),
      reason: 'the listener has another playlist in the making',
      waiting: 'Another playlist of yours is being written.',
    });
  }
  try {
    return await work(lease);
  } finally {
    await releaseWriter(db.pool, lease);
  }
}
