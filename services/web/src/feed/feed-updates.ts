import type { getFeed, LiveEventData, NowPlayingView, RouteResponse } from '@spindle/contracts';

export type FeedAnswer = RouteResponse<typeof getFeed>;

/** What the socket says about the feed. */
export type FeedUpdate =
  | { readonly event: 'feed-changed'; readonly data: NowPlayingView }
  | { readonly event: 'feed-left'; readonly data: LiveEventData<'feed-left'> };

/** The feed after an update: who changed comes first, who left is gone. */
export function afterUpdate(feed: FeedAnswer, update: FeedUpdate): FeedAnswer {
  const handle = update.event === 'feed-left' ? update.data.handle : update.data.user.handle;
  const others = feed.items.filter(({ user }) => user.handle !== handle);
  return { ...feed, items: update.event === 'feed-left' ? others : [update.data, ...others] };
}

/**
 * The order in which cards stand: those that are shown stay where they are while somebody reads them,
 * newcomers come first, who left is gone. While `settled`, the order of the feed.
 */
export function shownOrder(
  shown: readonly string[],
  feed: readonly string[],
  settled: boolean,
): readonly string[] {
  if (settled) return feed;
  const there = new Set(feed);
  const known = new Set(shown);
  return [...feed.filter((handle) => !known.has(handle)), ...shown.filter((handle) => there.has(handle))];
}
