import { describe, expect, it } from '@jest/globals';
import { nextHistoryAt, retryAt } from '../src/history/history-plan.ts';
import { affordablePace, nextPlaybackAt, type PlaybackPlanInput } from '../src/playback/playback-plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, 7 o'clock in the evening. */
const NOW = Date.UTC(2026, 10, 16, 19);

/** `plays` ends a day, evenly from `fromHour` to `toHour` (UTC), for the past `days`. */
function habit(days: number, fromHour: number, toHour: number, plays: number): number[] {
  const midnight = NOW - 19 * HOUR;
  return Array.from({ length: days }, (_, day) => midnight - (days - day) * DAY).flatMap((start) =>
    Array.from(
      { length: plays },
      (_, index) => start + (fromHour + ((toHour - fromHour) * (index + 0.5)) / plays) * HOUR,
    ),
  );
}

describe('the next reading of a history', () => {
  it('comes before the window can fill, and later for somebody who listens less', () => {
    const often = nextHistoryAt(NOW, habit(7, 8, 23, 150), NOW - 8 * DAY) - NOW;
    const seldom = nextHistoryAt(NOW, habit(7, 8, 23, 20), NOW - 8 * DAY) - NOW;
    expect(often).toBeLessThan(2 * HOUR);
    expect(seldom).toBeGreaterThan(8 * HOUR);
  });

  it('waits through hours in which nothing is ever played', () => {
    const morning = habit(7, 6, 10, 80);
    expect(nextHistoryAt(NOW, morning, NOW - 8 * DAY) - NOW).toBeGreaterThan(6 * HOUR);
  });

  it('is careful with somebody of whom hardly anything is known', () => {
    expect(nextHistoryAt(NOW, [], NOW) - NOW).toBeLessThanOrEqual(3 * HOUR);
    const fast = Array.from({ length: 50 }, (_, index) => NOW - (50 - index) * 3 * MINUTE);
    expect(nextHistoryAt(NOW, fast, fast[0] ?? NOW) - NOW).toBeLessThan(45 * MINUTE);
  });

  it('keeps an eye on a session that goes on', () => {
    const quiet = habit(7, 8, 9, 3);
    const session = [...quiet, ...Array.from({ length: 30 }, (_, index) => NOW - (30 - index) * 3 * MINUTE)];
    expect(nextHistoryAt(NOW, session, NOW - 8 * DAY) - NOW).toBeLessThan(2.5 * HOUR);
  });

  it('backs off after failures, to an hour at most', () => {
    expect([0, 1, 2, 10].map((failures) => retryAt(NOW, failures) - NOW)).toEqual([
      MINUTE,
      2 * MINUTE,
      4 * MINUTE,
      HOUR,
    ]);
  });
});

describe('the next reading of a player', () => {
  const input: PlaybackPlanInput = {
    now: NOW,
    watched: false,
    live: false,
    isPlaying: true,
    endsAt: NOW + 2 * MINUTE,
    idleReads: 0,
    progressMs: 20_000,
    budget: { left: 600, allowance: 800, hourly: [] },
    watchedListeners: 1,
  };

  it('is not planned when nobody wants to know', () => {
    expect(nextPlaybackAt(input)).toBeNull();
  });

  it('comes close while somebody watches, and right after the expected end', () => {
    expect(nextPlaybackAt({ ...input, watched: true })).toBeLessThanOrEqual(NOW + 15_000);
    const ending = nextPlaybackAt({ ...input, watched: true, endsAt: NOW + 4_000 }) ?? 0;
    expect(ending).toBeGreaterThan(NOW + 4_000);
    expect(ending).toBeLessThan(NOW + 7_000);
  });

  it('spreads what is left of the allowance over those who are watched', () => {
    const pace = (left: number, watchedListeners: number) =>
      affordablePace({ budget: { left, allowance: 800, hourly: [] }, watchedListeners });
    expect(pace(60, 1)).toBeGreaterThan(pace(600, 1));
    expect(pace(60, 3)).toBeGreaterThan(pace(60, 1));
    expect(pace(0, 1)).toBeGreaterThan(pace(60, 1));
  });

  it('follows an unwatched player track by track where calls are plenty, rarely where they are scarce', () => {
    const plenty = nextPlaybackAt({
      ...input,
      live: true,
      budget: { left: Number.POSITIVE_INFINITY, allowance: null, hourly: [] },
    });
    expect(plenty).toBe(NOW + 2 * MINUTE + 1_500);
    expect(nextPlaybackAt({ ...input, live: true })).toBeGreaterThan(NOW + 30 * MINUTE);
  });

  it('looks at a silent player less and less', () => {
    const after = (idleReads: number) =>
      nextPlaybackAt({
        ...input,
        live: true,
        isPlaying: false,
        endsAt: null,
        idleReads,
        budget: { left: 1, allowance: null, hourly: [] },
      }) ?? 0;
    expect(after(1)).toBeLessThan(after(3));
    expect(after(3)).toBeLessThan(after(6));
    expect(after(20) - NOW).toBeLessThanOrEqual(2 * HOUR);
  });
});
