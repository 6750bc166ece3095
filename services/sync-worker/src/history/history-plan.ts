import { whenExpected } from './listening-rates.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Plays that recently-played shows at most. */
export const WINDOW = 50;
/**
 * New plays expected at the next reading. Well under half of the window: a day twice as busy as the
 * habit still fits, and so do entries that come late.
 */
export const TARGET_PLAYS = 17;
/** Even somebody who never listens is looked at once a day. */
const LONGEST_MS = 24 * HOUR_MS;
const SHORTEST_MS = 10 * MINUTE_MS;
/** Somebody whose newest play ended within this time is taken to be listening still. */
const ACTIVE_MS = 20 * MINUTE_MS;
/** Fastest listening that is planned for: tracks of two and a half minutes, one after another. */
const BUSY_PLAYS_AN_HOUR = 24;
/** Plays that an ongoing session may bring before it is looked at again. */
const SESSION_PLAYS = 32;
/** After a live session has ended, its plays are read when even late entries have arrived. */
export const SETTLE_MS = 15 * MINUTE_MS;
/** Live readings saw this many changes of track: time to read the history. */
export const LIVE_TARGET_PLAYS = 36;

export interface HistoryPlanInput {
  /** Epoch ms. */
  readonly now: number;
  readonly rates: readonly number[];
  /** End of the newest play that was shown; null when there is none. */
  readonly newestEndedAt: number | null;
  /** Ends of the plays that this reading showed, any order. */
  readonly ends: readonly number[];
  /** Live readings tell when somebody plays, so that the history can wait for a full page. */
  readonly live: boolean;
}

/** Plays an hour of the session that is going on, from its last plays; 0 when nobody listens. */
export function sessionRate(ends: readonly number[], now: number): number {
  const ordered = [...ends].sort((a, b) => b - a);
  const newest = ordered[0];
  if (newest === undefined || now - newest > ACTIVE_MS) return 0;
  let oldest = newest;
  let plays = 1;
  for (const end of ordered.slice(1)) {
    if (oldest - end > ACTIVE_MS) break;
    oldest = end;
    plays += 1;
  }
  return plays < 3 ? BUSY_PLAYS_AN_HOUR / 2 : (plays / Math.max(newest - oldest, 10 * MINUTE_MS)) * HOUR_MS;
}

/**
 * When to read a listener's history again (epoch ms): when {@link TARGET_PLAYS} new plays are expected
 * by habit, sooner while a session goes on that could fill the window, at the latest after a day.
 */
export function nextHistoryAt(input: HistoryPlanInput): number {
  const { now, rates, ends, live } = input;
  const latest = now + LONGEST_MS;
  const byHabit = whenExpected(rates, now, live ? LIVE_TARGET_PLAYS : TARGET_PLAYS, latest);
  const pace = sessionRate(ends, now);
  const bySession = pace > 0 ? now + (SESSION_PLAYS / Math.min(pace, BUSY_PLAYS_AN_HOUR)) * HOUR_MS : latest;
  return Math.round(Math.max(now + SHORTEST_MS, Math.min(byHabit, bySession, latest)));
}

/** When to try again after the n-th failure in a row, epoch ms: 1, 2, 4 … minutes, at most an hour. */
export function retryAt(now: number, failures: number): number {
  return now + Math.min(MINUTE_MS * 2 ** failures, HOUR_MS);
}
