import type { PlayObservation, TrackItem } from '@spindle/db';
import { trackItem } from '@spindle/library';
import type { SpotifyRecentlyPlayed } from '@spindle/spotify';
import { WINDOW } from './history-plan.ts';

/** A page of recently-played, read. Times are epoch ms. */
export interface HistoryPage {
  readonly tracks: readonly TrackItem[];
  readonly contextUris: readonly string[];
  /** Ends of all plays on the page. */
  readonly ends: readonly number[];
  readonly newestEndedAt: number | null;
  /** The page reaches back to this moment without a hole; null when it is empty. */
  readonly oldestEndedAt: number | null;
  /** Full: there may have been more. */
  readonly full: boolean;
  observations(
    trackIds: ReadonlyMap<string, number>,
    contextIds: ReadonlyMap<string, number>,
  ): PlayObservation[];
}

/**
 * Reads a page. `played_at` is the end of the play (multi-scrobbler#709, spotify/web-api#1083), so the
 * start is inferred as the end minus the track's length, and nothing measured the listening time.
 */
export function readPage(page: SpotifyRecentlyPlayed): HistoryPage {
  const plays = page.items.flatMap(({ track, played_at, context }) => {
    const item = trackItem(track);
    return item ? [{ item, endedAt: Date.parse(played_at), contextUri: context?.uri ?? null }] : [];
  });
  const ends = page.items.map((item) => Date.parse(item.played_at));
  return {
    tracks: plays.map((play) => play.item),
    contextUris: plays.flatMap((play) => play.contextUri ?? []),
    ends,
    newestEndedAt: ends.length > 0 ? Math.max(...ends) : null,
    oldestEndedAt: ends.length > 0 ? Math.min(...ends) : null,
    full: page.items.length >= WINDOW,
    observations: (trackIds, contextIds) =>
      plays.flatMap(({ item, endedAt, contextUri }) => {
        const trackId = trackIds.get(item.spotifyId);
        if (trackId === undefined) return [];
        return [
          {
            trackId,
            source: 'recently-played' as const,
            startedAt: endedAt - item.durationMs,
            endedAt,
            msPlayed: null,
            durationMs: item.durationMs,
            contextId: contextUri === null ? null : (contextIds.get(contextUri) ?? null),
          },
        ];
      }),
  };
}
