import { endExpiredShares, whileSharing } from '@spindle/db';
import { FEED_ROOM } from '@spindle/queues';
import type { SyncContext } from './context.ts';

type FeedContext = Pick<SyncContext, 'db' | 'live' | 'clock'>;

/** Tells the feed what a listener plays now, if they share. */
export async function tellFeed({ db, live, clock }: FeedContext, userId: number): Promise<void> {
  await whileSharing(
    db,
    userId,
    () => clock.now(),
    (view) => live.publish('feed-changed', [FEED_ROOM], view),
  );
}

/** Ends the shares whose time is over and takes their listeners off the feed. */
export async function endShares({ db, live, clock }: FeedContext): Promise<void> {
  await endExpiredShares(db, clock.now(), async (handles) => {
    for (const handle of handles) await live.publish('feed-left', [FEED_ROOM], { handle });
  });
}
