const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Spotify's player shows the next track about this long after the last one ended. */
const AFTER_END_MS = 1_500;
/** What plays without a length is an advertisement as a rule, and over by then. */
const ADVERT_MS = 30 * SECOND_MS;
/** A watched player is read this often at best. */
const CLOSEST_MS = 9 * SECOND_MS;
/**
 * Most skips come early in a track (half of them within its first 30 s: musicmachinery.com/2014/05/02/the-skip),
 * and the further it has come, the longer it goes on: so the pause grows with the progress, by this part of it.
 */
const PART_OF_PROGRESS = 0.18;
const WIDEST_MS = 40 * SECOND_MS;
/** The mean of these pauses over a usual track; what the allowance must afford for them. */
const FULL_PACE_MS = 13.5 * SECOND_MS;
/** When the allowance affords pauses only so many times as long, just the ends of tracks are read. */
const WIDEST_STRETCH = 5;
/** While somebody waits for the music to begin, or to go on. */
const IDLE_WATCHED_MS = 10 * SECOND_MS;
const IDLE_GROWTH = 1.3;
const IDLE_WATCHED_WIDEST_MS = 75 * SECOND_MS;
/** The player of somebody who shares while nobody looks. */
const IDLE_FIRST_MS = 2 * MINUTE_MS;
const IDLE_WIDEST_MS = 120 * MINUTE_MS;
/** Readings that are not watched are taken at least this far apart when calls are scarce. */
const SCARCE_UNWATCHED_MS = 60 * MINUTE_MS;
/** What is left of the allowance, and comes back meanwhile, is spread over this many hours of watching. */
const WATCH_HOURS = 0.5;
/** Below this part of the allowance, nobody is read whom nobody watches. */
const KEEP_FOR_WATCHERS = 0.5;

export interface PlaybackPlanInput {
  /** Epoch ms. */
  readonly now: number;
  readonly watched: boolean;
  /** Shares, or asked for live capture. */
  readonly live: boolean;
  readonly isPlaying: boolean;
  /** Expected end of what plays, epoch ms; null when nothing plays, or something without a length. */
  readonly endsAt: number | null;
  /** How far what plays has come, ms. */
  readonly progressMs: number;
  /** Readings in a row that found nothing playing, this one included. */
  readonly idleReads: number;
  /**
   * Calls that live readings may still make now, the day's allowance (null: unlimited), and the calls that
   * leave the rolling day in each of the coming hours.
   */
  readonly budget: {
    readonly left: number;
    readonly allowance: number | null;
    readonly hourly: readonly number[];
  };
  /** Listeners of the same account that somebody watches now, this one included. */
  readonly watchedListeners: number;
}

/** Mean pause between two readings of one watched player that the rest of the allowance affords, ms. */
export function affordablePace(input: Pick<PlaybackPlanInput, 'budget' | 'watchedListeners'>): number {
  const { left, allowance, hourly } = input.budget;
  if (allowance === null) return 0;
  const comingBack = (hourly[0] ?? 0) * WATCH_HOURS;
  const perHour = (left + comingBack) / WATCH_HOURS / Math.max(1, input.watchedListeners);
  return (60 * MINUTE_MS) / Math.max(perHour, 1);
}

/** The next reading of a watched player in which something plays. */
function nextWatchedAt(input: PlaybackPlanInput, afterEnd: number): number {
  const { now, progressMs } = input;
  const pace = affordablePace(input);
  const stretch = Math.max(1, pace / FULL_PACE_MS);
  if (stretch > WIDEST_STRETCH) return now + Math.max(pace, Math.min(afterEnd - now, 2 * pace));
  const pause = Math.min(WIDEST_MS, Math.max(CLOSEST_MS, PART_OF_PROGRESS * progressMs)) * stretch;
  return Math.min(afterEnd, now + pause);
}

/**
 * When to read a player again (epoch ms); null when nobody wants to know.
 *
 * Watched: at the expected end of the track and in between, most closely where people skip, as far as
 * the allowance affords. Shared but not watched: at the end of the track where calls are plenty, else rarely;
 * the history brings the plays all the same. Silent players are looked at less and less.
 */
export function nextPlaybackAt(input: PlaybackPlanInput): number | null {
  const { now, watched, live, isPlaying, endsAt, idleReads, budget } = input;
  if (!watched && !live) return null;
  const afterEnd = Math.max((endsAt ?? now + ADVERT_MS) + AFTER_END_MS, now + SECOND_MS);
  if (watched) {
    if (isPlaying) return nextWatchedAt(input, afterEnd);
    const idle = Math.min(
      IDLE_WATCHED_MS * IDLE_GROWTH ** Math.max(0, idleReads - 1),
      IDLE_WATCHED_WIDEST_MS,
    );
    return now + Math.max(idle, affordablePace(input));
  }
  const idleMs = Math.min(IDLE_FIRST_MS * 2 ** Math.max(0, idleReads - 1), IDLE_WIDEST_MS);
  if (budget.allowance === null) return isPlaying ? afterEnd : now + idleMs;
  if (budget.left < KEEP_FOR_WATCHERS * budget.allowance) return now + IDLE_WIDEST_MS;
  return isPlaying
    ? Math.max(afterEnd, now + SCARCE_UNWATCHED_MS)
    : now + Math.max(idleMs, SCARCE_UNWATCHED_MS);
}
