import type { TrackSummary, WidgetKind, WidgetOptions } from '@spindle/contracts';
import {
  type CardOwner,
  type Listener,
  loadClock,
  loadListener,
  loadNowPlaying,
  loadStreaks,
  publicPlays,
  resolveRange,
  summarize,
  topItems,
} from '@spindle/db';
import type { GatewayContext } from '../context.ts';
import { periodWords } from '../period-words.ts';
import { imageOf, loadArtwork } from './card-artwork.ts';
import type {
  CardData,
  CardNotice,
  CardUser,
  GridCardData,
  NowPlayingCardData,
  RecentCardData,
  StreakCardData,
  SummaryCardData,
  TopCardData,
} from './card-data.ts';

/** Cover of a card, and of a row, px: twice what is shown, for sharp screens. */
const LARGE_PX = 300;
const SMALL_PX = 64;

/** What the cards of one listener are made of. */
export interface CardSource {
  /** Data of a card, or why there is none. */
  load(
    kind: WidgetKind,
    owner: CardOwner,
    options: WidgetOptions,
    requestId: string,
  ): Promise<CardData | CardNotice>;
}

const namesOf = (track: TrackSummary | null | undefined) => track?.artists.map((artist) => artist.name) ?? [];
const coverOf = (track: TrackSummary | null | undefined, width: number) =>
  imageOf(track?.album?.images, width);

export function createCardSource(context: GatewayContext): CardSource {
  const { db, clock, config, producer, artworkCache: cache } = context;
  const { pool } = db;
  const artworkOf = (urls: readonly (string | null)[], requestId: string) =>
    loadArtwork({ cache, producer }, urls, requestId);
  const userOf = (owner: CardOwner): CardUser => ({
    name: owner.displayName,
    handle: owner.handle,
    url: owner.hasProfile ? `${config.web.publicUrl}/u/${owner.handle}` : null,
  });

  async function nowPlaying(
    owner: CardOwner,
    options: WidgetOptions,
    requestId: string,
  ): Promise<NowPlayingCardData | null> {
    const now = clock.nowMs();
    const view = await loadNowPlaying(pool, owner.userId, clock.now());
    if (!view) return null;
    const last = view.lastPlayed;
    const track = view.track ?? last?.track ?? null;
    const cover = options.showArtwork ? coverOf(track, LARGE_PX) : null;
    const artwork = await artworkOf([cover], requestId);
    const shared = {
      kind: 'now-playing',
      user: userOf(owner),
      artwork: cover === null ? null : (artwork.get(cover) ?? null),
      album: track?.album?.name ?? null,
      url: track?.url ?? null,
      explicit: track?.explicit === true,
      now,
    } as const;
    if (view.isPrivate || view.kind === 'nothing') {
      return {
        ...shared,
        state: view.isPrivate ? 'private' : last ? 'last-played' : 'nothing',
        title: last?.track.name ?? null,
        artists: namesOf(last?.track),
        durationMs: last?.track.durationMs ?? null,
        progressMs: null,
        startedAt: null,
        playedAt: last ? Date.parse(last.endedAt) : null,
        device: null,
        itemKind: last ? 'track' : null,
      };
    }
    return {
      ...shared,
      state: view.isPlaying ? 'playing' : 'paused',
      title: view.track?.name ?? view.title,
      artists: view.track ? namesOf(view.track) : view.subtitle ? [view.subtitle] : [],
      durationMs: view.durationMs,
      progressMs: view.progressMs,
      startedAt: view.startedAt === null ? null : Date.parse(view.startedAt),
      playedAt: null,
      device: view.device?.name ?? null,
      itemKind: view.kind === 'unknown' ? null : view.kind,
    };
  }

  async function recent(
    owner: CardOwner,
    options: WidgetOptions,
    requestId: string,
  ): Promise<RecentCardData> {
    const plays = await publicPlays(pool, owner.userId, options.limit);
    const covers = plays.map(({ track }) => (options.showArtwork ? coverOf(track, SMALL_PX) : null));
    const artwork = await artworkOf(covers, requestId);
    return {
      kind: 'recently-played',
      user: userOf(owner),
      now: clock.nowMs(),
      rows: plays.map(({ track, playedAt }, place) => ({
        title: track.name,
        artists: namesOf(track),
        artwork: artwork.get(covers[place] ?? '') ?? null,
        url: track.url,
        playedAt: Date.parse(playedAt),
      })),
    };
  }

  async function top(
    kind: TopCardData['kind'],
    of: { readonly owner: CardOwner; readonly listener: Listener },
    options: WidgetOptions,
    requestId: string,
  ): Promise<TopCardData> {
    const range = resolveRange({ range: options.range }, of.listener, clock.now());
    const { items } = await topItems(pool, of.listener, range, {
      kind: kind === 'top-tracks' ? 'tracks' : 'artists',
      by: options.by,
      limit: options.limit,
      offset: 0,
    });
    const covers = items.map(({ track, artist }) => {
      if (!options.showArtwork) return null;
      return artist ? imageOf(artist.images, SMALL_PX) : coverOf(track, SMALL_PX);
    });
    const artwork = await artworkOf(covers, requestId);
    return {
      kind,
      user: userOf(of.owner),
      label: periodWords(range),
      rows: items.map(({ rank, track, artist, plays, msPlayed }, place) => ({
        rank,
        title: track?.name ?? artist?.name ?? '',
        artists: namesOf(track),
        artwork: artwork.get(covers[place] ?? '') ?? null,
        url: track?.url ?? artist?.url ?? null,
        plays,
        msPlayed,
      })),
    };
  }

  async function grid(owner: CardOwner, listener: Listener, options: WidgetOptions): Promise<GridCardData> {
    const range = resolveRange({ range: options.range }, listener, clock.now());
    const { cells } = await loadClock(pool, listener, range);
    return {
      kind: 'grid',
      user: userOf(owner),
      cells: cells.map((cell) => cell.plays),
      label: periodWords(range),
    };
  }

  async function summary(
    owner: CardOwner,
    listener: Listener,
    options: WidgetOptions,
  ): Promise<SummaryCardData> {
    const now = clock.now();
    const range = resolveRange({ range: options.range }, listener, now);
    const [{ figures, distinct }, streaks] = await Promise.all([
      summarize(pool, listener, range, now),
      loadStreaks(pool, listener, now),
    ]);
    return {
      kind: 'summary',
      user: userOf(owner),
      label: periodWords(range),
      plays: figures.plays,
      msPlayed: figures.msPlayed,
      tracks: distinct.tracks,
      artists: distinct.artists,
      streakDays: streaks.current?.days ?? 0,
    };
  }

  async function streak(owner: CardOwner, listener: Listener): Promise<StreakCardData> {
    const streaks = await loadStreaks(pool, listener, clock.now());
    return {
      kind: 'streak',
      user: userOf(owner),
      current: streaks.current?.days ?? 0,
      longest: streaks.longest[0]?.days ?? 0,
      plays: listener.plays,
      nextMilestone: streaks.next.plays,
    };
  }

  return {
    async load(kind, owner, options, requestId) {
      const stopped: CardNotice = { kind: 'sharing-stopped', name: owner.displayName };
      if (kind === 'now-playing') {
        if (!owner.shows.now) return stopped;
        const card = await nowPlaying(owner, options, requestId);
        if (!card) return { kind: 'no-such-user' };
        // What plays now cannot be known; what was played last still can.
        return owner.needsReauth && card.title === null
          ? { kind: 'reconnect', name: owner.displayName }
          : card;
      }
      if (kind === 'recently-played') {
        if (!owner.shows.recent) return stopped;
        const card = await recent(owner, options, requestId);
        return card.rows.length > 0 ? card : { kind: 'nothing-yet', name: owner.displayName };
      }
      if (!owner.shows.stats) return stopped;
      const listener = await loadListener(pool, owner.userId);
      if (!listener) return { kind: 'no-such-user' };
      if (listener.plays === 0) return { kind: 'nothing-yet', name: owner.displayName };
      if (kind === 'grid') return grid(owner, listener, options);
      if (kind === 'summary') return summary(owner, listener, options);
      if (kind === 'streak') return streak(owner, listener);
      return top(kind, { owner, listener }, options, requestId);
    },
  };
}
