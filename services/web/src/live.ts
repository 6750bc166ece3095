import {
  type ImportView,
  type JobDocument,
  type NowPlayingView,
  WATCH_EVENT,
  WATCH_TTL_MS,
} from '@spindle/contracts';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { io, type Socket } from 'socket.io-client';
import { queryKeys } from './api.ts';
import { CORRECTIONS } from './corrections/use-correction.ts';
import type { FeedChannel } from './feed/feed-channel.ts';
import { applyJob } from './jobs/job-effects.ts';
import { STATISTICS } from './statistics/queries.ts';

type Listener = () => void;

/** The socket of a signed-in page: what comes in goes straight into the queries that show it. */
export class Live {
  readonly #socket: Socket;
  readonly #listeners = new Set<Listener>();
  #connected = true;

  constructor(queries: QueryClient, handle: string) {
    this.#socket = io({ withCredentials: true, transports: ['websocket', 'polling'] });
    this.#socket.on('connect', () => {
      this.#set(true);
      // What was missed while away is either replayed by the server or read anew here.
      if (!this.#socket.recovered) void queries.invalidateQueries();
    });
    this.#socket.on('disconnect', (reason) => {
      this.#set(false);
      if (reason !== 'io server disconnect') return;
      // The server does so when a sign-in has ended; asking who this is finds out, and why.
      void queries.invalidateQueries({ queryKey: queryKeys.user });
      // Whoever signed in again elsewhere in this browser is let in.
      this.#socket.connect();
    });
    this.#socket.on('connect_error', () => this.#set(false));
    this.#socket.on('now-playing', (view: NowPlayingView) => {
      if (view.user.handle === handle) queries.setQueryData(queryKeys.nowPlaying, view);
    });
    this.#socket.on('plays-added', () => {
      void queries.invalidateQueries({ queryKey: queryKeys.plays });
      void queries.invalidateQueries({ queryKey: queryKeys.user });
      void queries.invalidateQueries({ queryKey: [STATISTICS] });
    });
    this.#socket.on('history-recounted', () => {
      void queries.invalidateQueries({ queryKey: [STATISTICS] });
      void queries.invalidateQueries({ queryKey: [CORRECTIONS] });
      void queries.invalidateQueries({ queryKey: queryKeys.user });
    });
    this.#socket.on('connection', () => void queries.invalidateQueries({ queryKey: queryKeys.user }));
    this.#socket.on('import', (view: ImportView) => {
      queries.setQueryData(['getImport', view.id], view);
      void queries.invalidateQueries({ queryKey: queryKeys.imports });
    });
    this.#socket.on('job', (job: JobDocument) => applyJob(queries, job));
  }

  #set(connected: boolean): void {
    this.#connected = connected;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly isConnected = (): boolean => this.#connected;

  /** Tells the server that this page shows the own player. */
  watch(): void {
    if (document.visibilityState === 'visible') this.#socket.emit(WATCH_EVENT);
  }

  /** Keeps the feed in step until the returned function is called. */
  followFeed(channel: FeedChannel): () => void {
    return channel.follow(this.#socket);
  }

  close(): void {
    this.#socket.close();
  }
}

export function useIsConnected(live: Live | null): boolean {
  return useSyncExternalStore(live?.subscribe ?? (() => () => {}), live?.isConnected ?? (() => true));
}

/** Keeps live reading of the own player going while the page is visible. */
export function useWatch(live: Live | null): void {
  useEffect(() => {
    if (!live) return;
    const watch = () => live.watch();
    watch();
    const timer = setInterval(watch, WATCH_TTL_MS * (2 / 3));
    document.addEventListener('visibilitychange', watch);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', watch);
    };
  }, [live]);
}
