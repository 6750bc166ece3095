import { LONGEST_HISTORY_PLAN_MS } from '@spindle/db';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Plays that recently-played shows at most. */
export const WINDOW = 50;
/**
 * New plays expected at the next reading: well under half of the window, because a day can be three
 * times as busy as the habit.
 */
const EXPECTED_PLAYS = 14;
/** What the busiest of the past days would bring must fit into the window, with room for late entries. */
const MOST_PLAYS = 44;
/** How far the listener's days may shift against one another: each is looked at earlier and later too. */
const SHIFTS_MS = [-150, -75, 0, 75, 150].map((minutes) => minutes * MINUTE_MS);
/** Habits are read from this many past days. */
export const LEARN_DAYS = 14;
const STEP_MS = 15 * MINUTE_MS;
const SHORTEST_MS = 15 * MINUTE_MS;
/** Even somebody who never listens is looked at this often. */
const LONGEST_MS = LONGEST_HISTORY_PLAN_MS;
/** Somebody whose newest play ended this recently is listening still. */
const LISTENING_MS = 12 * MINUTE_MS;
const PACE_OVER_MS = 1.5 * HOUR_MS;
/** Plays an hour that somebody who listens may come to, whatever the last hour was like. */
const LEAST_PACE = 14;
/** Before a whole day is known: nobody is expected to listen faster than at twice the pace seen so far. */
const UNKNOWN_PACE_FACTOR = 2;
const UNKNOWN_PLAYS = 20;
const LONGEST_UNKNOWN_MS = 3 * HOUR_MS;
/** After a live session has ended, its plays are read when even late entries have arrived. */
export const SETTLE_MS = 15 * MINUTE_MS;

/** Index of the first of the ascending `times` that is not before `at`. */
function lowerBound(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending `times` lie in [from, to). */
function countBetween(times: readonly number[], from: number, to: number): number {
  return lowerBound(times, to) - lowerBound(times, from);
}

/** A few days say little of how busy a day can get, so the busiest of them is taken for busier still. */
function caution(days: number): number {
  return 1.2 + 0.5 / days;
}

/** A session that goes on may go on at its pace: then the window must not fill before the next reading. */
function sessionLimit(now: number, ends: readonly number[]): number {
  if (now - (ends.at(-1) ?? 0) >= LISTENING_MS) return LONGEST_MS;
  const pace = countBetween(ends, now - PACE_OVER_MS, now) / (PACE_OVER_MS / HOUR_MS);
  return (MOST_PLAYS / Math.max(pace, LEAST_PACE)) * HOUR_MS;
}

/**
 * When to read a listener's history again (epoch ms): as late as their habits allow. For a stretch from
 * now, the same hours of the past days, each also shifted to and fro, say what to expect: on average at
 * most {@link EXPECTED_PLAYS} new plays, and on the busiest of them, multiplied by {@link caution}, no
 * more than {@link MOST_PLAYS}, so that Spotify's window of fifty holds them. The numbers were found by
 * replaying a thousand simulated listeners (`npm run bench:capture` judges them).
 *
 * @param ends ends of the listener's plays, ascending, epoch ms.
 * @param knownFrom since when all plays are known.
 */
export function nextHistoryAt(now: number, ends: readonly number[], knownFrom: number): number {
  const days = Math.min(LEARN_DAYS, Math.floor((now - knownFrom) / DAY_MS));
  if (days < 1) {
    const hours = Math.max((now - knownFrom) / HOUR_MS, 0.5);
    const pace = (countBetween(ends, knownFrom, now) / hours) * UNKNOWN_PACE_FACTOR;
    const span = Math.min(LONGEST_UNKNOWN_MS, (UNKNOWN_PLAYS / Math.max(pace, 1)) * HOUR_MS);
    return Math.round(now + Math.max(SHORTEST_MS, span));
  }
  const starts = Array.from({ length: days }, (_, index) => now - (index + 1) * DAY_MS).flatMap((start) =>
    SHIFTS_MS.map((shift) => start + shift),
  );
  const longest = Math.min(LONGEST_MS, sessionLimit(now, ends));
  let span = SHORTEST_MS;
  while (span + STEP_MS <= longest) {
    const counts = starts.map((start) => countBetween(ends, start, start + span + STEP_MS));
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    if (mean > EXPECTED_PLAYS || Math.max(...counts) * caution(days) > MOST_PLAYS) break;
    span += STEP_MS;
  }
  return now + span;
}

/** When to try again after the n-th failure in a row, epoch ms: 1, 2, 4 … minutes, at most an hour. */
export function retryAt(now: number, failures: number): number {
  return now + Math.min(MINUTE_MS * 2 ** failures, HOUR_MS);
}
