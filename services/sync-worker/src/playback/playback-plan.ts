const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Spotify's player shows the next track about this long after the last one ended. */
const AFTER_END_MS = 1_500;
/** A watched player is read this often at best, and at worst. */
const CLOSEST_MS = 8 * SECOND_MS;
const WIDEST_WATCHED_MS = 60 * SECOND_MS;
/** While somebody waits for the music to begin. */
const IDLE_WATCHED_MS = 10 * SECOND_MS;
const IDLE_WATCHED_WIDEST_MS = 60 * SECOND_MS;
/** The player of somebody who shares while nobody looks. */
const IDLE_FIRST_MS = 2 * MINUTE_MS;
const IDLE_WIDEST_MS = 60 * MINUTE_MS;
/** Readings that are not watched are taken at least this far apart when calls are scarce. */
const SCARCE_UNWATCHED_MS = 50 * MINUTE_MS;
/** What is left of the allowance is spread over this many hours of watching: less than comes, since it grows back all day. */
const WATCH_HOURS = 0.3;
/** Below this part of the allowance, nobody is read whom nobody watches. */
const KEEP_FOR_WATCHERS = 0.35;

export interface PlaybackPlanInput {
  /** Epoch ms. */
  readonly now: number;
  readonly watched: boolean;
  /** Shares, or asked for live capture. */
  readonly live: boolean;
  readonly isPlaying: boolean;
  /** Expected end of what plays, epoch ms; null when nothing plays. */
  readonly endsAt: number | null;
  /** Readings in a row that found nothing playing, this one included. */
  readonly idleReads: number;
  /** Calls that live readings may still make now, and the day's allowance; null allowance: unlimited. */
  readonly budget: { readonly left: number; readonly allowance: number | null };
  /** Listeners of the same account that somebody watches now, this one included. */
  readonly watchedListeners: number;
}

/** Pause between two readings of one watched player that the rest of the allowance affords. */
export function affordablePace(input: Pick<PlaybackPlanInput, 'budget' | 'watchedListeners'>): number {
  const { left, allowance } = input.budget;
  if (allowance === null) return CLOSEST_MS;
  const perHour = left / WATCH_HOURS / Math.max(1, input.watchedListeners);
  return Math.min(WIDEST_WATCHED_MS, Math.max(CLOSEST_MS, (60 * MINUTE_MS) / Math.max(perHour, 1)));
}

/**
 * When to read a player again (epoch ms); null when nobody wants to know.
 *
 * Watched: at the expected end of the track and in between as closely as the allowance affords, so that
 * skips show too. Shared but not watched: at the end of the track where calls are plenty, else rarely;
 * the history brings the plays all the same. Silent players are looked at less and less.
 */
export function nextPlaybackAt(input: PlaybackPlanInput): number | null {
  const { now, watched, live, isPlaying, endsAt, idleReads, budget } = input;
  if (!watched && !live) return null;
  const afterEnd =
    endsAt === null ? Number.POSITIVE_INFINITY : Math.max(endsAt + AFTER_END_MS, now + SECOND_MS);
  if (watched) {
    const pace = affordablePace(input);
    if (isPlaying) return Math.min(afterEnd, now + pace);
    const idle = Math.min(IDLE_WATCHED_MS * 1.15 ** Math.max(0, idleReads - 1), IDLE_WATCHED_WIDEST_MS);
    return now + Math.max(idle, pace);
  }
  const idleMs = Math.min(IDLE_FIRST_MS * 2 ** Math.max(0, idleReads - 1), IDLE_WIDEST_MS);
  if (budget.allowance === null) return isPlaying ? afterEnd : now + idleMs;
  if (budget.left < KEEP_FOR_WATCHERS * budget.allowance) return now + IDLE_WIDEST_MS;
  return isPlaying
    ? Math.max(afterEnd, now + SCARCE_UNWATCHED_MS)
    : now + Math.max(idleMs, SCARCE_UNWATCHED_MS);
}
