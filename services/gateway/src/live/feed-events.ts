import { whileSharing } from '@spindle/db';
import { FEED_ROOM } from '@spindle/queues';
import type { GatewayContext } from '../context.ts';

/**
 * What the gateway tells the feed. It goes the way of the workers' events, so that all of them keep
 * their order: what is told of somebody's leaving is the last that is told of them.
 */
type FeedContext = Pick<GatewayContext, 'db' | 'live' | 'clock'>;

/** What a listener plays now, if they share. */
export async function tellFeed({ db, live, clock }: FeedContext, userId: number): Promise<void> {
  await whileSharing(
    db,
    userId,
    () => clock.now(),
    (view) => live.publish('feed-changed', [FEED_ROOM], view),
  );
}

/** Somebody who shared under this handle does not any more. */
export async function tellFeedLeft({ live }: Pick<FeedContext, 'live'>, handle: string): Promise<void> {
  await live.publish('feed-left', [FEED_ROOM], { handle });
}

/** Somebody who shared under this handle may have another now, or another name. */
export async function tellRenamed(context: FeedContext, userId: number, from: string): Promise<void> {
  const { db, live, clock } = context;
  const shares = await whileSharing(
    db,
    userId,
    () => clock.now(),
    async (view) => {
      if (view.user.handle !== from) await tellFeedLeft(context, from);
      await live.publish('feed-changed', [FEED_ROOM], view);
    },
  );
  if (!shares) await tellFeedLeft(context, from);
}
