import {
  FEED_EVENT,
  getFeed,
  type LiveEventData,
  type NowPlayingView,
  WATCH_TTL_MS,
} from '@spindle/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { io, type Socket } from 'socket.io-client';
import { api, queryKeys } from '../api.ts';
import type { Live } from '../live.ts';
import { afterUpdate, type FeedAnswer, type FeedUpdate } from './feed-updates.ts';

/**
 * Keeps the feed's query in step with the socket. What comes in while the API is asked is applied to its
 * answer as well: the answer may be the older of the two.
 */
export class FeedChannel {
  readonly #queries: QueryClient;
  readonly #asking = new Set<FeedUpdate[]>();

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  async load(signal: AbortSignal): Promise<FeedAnswer> {
    const meanwhile: FeedUpdate[] = [];
    this.#asking.add(meanwhile);
    try {
      const answer = await api.call(getFeed, {}, { signal });
      return meanwhile.reduce(afterUpdate, answer);
    } finally {
      this.#asking.delete(meanwhile);
    }
  }

  #take(update: FeedUpdate): void {
    for (const updates of this.#asking) updates.push(update);
    this.#queries.setQueryData<FeedAnswer>(queryKeys.feed, (feed) => feed && afterUpdate(feed, update));
  }

  #reload(): void {
    const feed = { queryKey: queryKeys.feed };
    // An answer under way may be from before this moment; only one asked for now is not.
    void this.#queries.cancelQueries(feed).then(() => this.#queries.invalidateQueries(feed));
  }

  /** Follows the feed on a socket until the returned function is called. */
  follow(socket: Socket): () => void {
    const changed = (data: NowPlayingView) => this.#take({ event: 'feed-changed', data });
    const left = (data: LiveEventData<'feed-left'>) => this.#take({ event: 'feed-left', data });
    // From here on nothing is missed; what came before, or was missed while away, the API knows.
    const join = () => socket.emit(FEED_EVENT, true, () => this.#reload());
    const cut = (reason: string) => reason === 'io server disconnect' && this.#reload();
    const refused = () => !socket.active && this.#reload();
    socket.on('feed-changed', changed).on('feed-left', left);
    socket.on('connect', join).on('disconnect', cut).on('connect_error', refused);
    if (socket.connected) join();
    // Who is signed in keeps the players of the feed being read while the page is in sight.
    const watch = () => {
      if (socket.connected && document.visibilityState === 'visible') socket.emit(FEED_EVENT, true);
    };
    const timer = setInterval(watch, WATCH_TTL_MS * (2 / 3));
    document.addEventListener('visibilitychange', watch);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', watch);
      socket.off('feed-changed', changed).off('feed-left', left);
      socket.off('connect', join).off('disconnect', cut).off('connect_error', refused);
      if (socket.connected) socket.emit(FEED_EVENT, false);
    };
  }
}

/** Follows the feed while a page shows it: on the listener's own connection, or on one for visitors. */
export function useFeedChannel(queries: QueryClient, live: Live | null, isVisitor: boolean): FeedChannel {
  const [channel] = useState(() => new FeedChannel(queries));
  useEffect(() => {
    if (live) return live.followFeed(channel);
    if (!isVisitor) return;
    const socket = io({ withCredentials: true, transports: ['websocket', 'polling'] });
    const leave = channel.follow(socket);
    return () => {
      leave();
      socket.close();
    };
  }, [channel, live, isVisitor]);
  return channel;
}
