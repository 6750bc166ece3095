import { describe, expect, it } from '@jest/globals';
import type { RunningListen } from '@spindle/db';
import { type EndedListen, follow, type TrackReading } from '../src/playback/listen.ts';

const T0 = Date.UTC(2026, 10, 2, 18);
const LENGTH = 200_000;
const SECOND = 1_000;

const reading = (progressS: number, extra: Partial<TrackReading> = {}): TrackReading => ({
  trackId: 1,
  durationMs: LENGTH,
  progressMs: progressS * SECOND,
  isPlaying: true,
  contextUri: null,
  deviceName: 'Kitchen',
  ...extra,
});

/** Plays readings through: `[seconds since the start, what the player said]`. */
function watch(...readings: readonly (readonly [number, TrackReading | null])[]) {
  let running: RunningListen | null = null;
  const ended: EndedListen[] = [];
  for (const [seconds, seen] of readings) {
    const step = follow(running, seen, T0 + seconds * SECOND);
    ended.push(...step.ended);
    running = step.running;
  }
  return { ended, running };
}
const brief = (listen: EndedListen | undefined) =>
  listen && {
    track: listen.trackId,
    from: (listen.startedAt - T0) / SECOND,
    to: (listen.endedAt - T0) / SECOND,
    heard: listen.listenedMs / SECOND,
  };

describe('a listen as seen from outside', () => {
  it('played through, then the next track', () => {
    const { ended, running } = watch([5, reading(5)], [201.5, reading(1.5, { trackId: 2 })]);
    expect(ended.map(brief)).toEqual([{ track: 1, from: 0, to: 200, heard: 200 }]);
    expect(running).toMatchObject({ trackId: 2, startedAt: T0 + 200 * SECOND });
  });

  it('skipped', () => {
    const { ended } = watch([5, reading(5)], [60, reading(10, { trackId: 2 })]);
    expect(ended.map(brief)).toEqual([{ track: 1, from: 0, to: 50, heard: 50 }]);
  });

  it('paused for a while: the pause is no listening', () => {
    const { ended } = watch(
      [10, reading(10)],
      [20, reading(20, { isPlaying: false })],
      [320, reading(20, { isPlaying: false })],
      [330, reading(30)],
      [501, reading(1, { trackId: 2 })],
    );
    expect(ended).toHaveLength(1);
    expect(ended[0]?.listenedMs).toBeGreaterThanOrEqual(195 * SECOND);
    expect(ended[0]?.listenedMs).toBeLessThanOrEqual(205 * SECOND);
    expect(brief(ended[0])?.to).toBe(500);
  });

  it('sought forward: what was jumped over was not heard', () => {
    const { ended } = watch([10, reading(10)], [20, reading(120)], [101, reading(1, { trackId: 2 })]);
    expect(brief(ended[0])?.heard).toBeLessThanOrEqual(105);
  });

  it('sought back: still one listen', () => {
    const { ended, running } = watch([100, reading(100)], [110, reading(20)], [120, reading(30)]);
    expect(ended).toEqual([]);
    expect(running?.trackId).toBe(1);
  });

  it('repeated, three times between two readings', () => {
    const { ended, running } = watch([50, reading(50)], [650, reading(50)]);
    expect(ended.map(brief)).toEqual([
      { track: 1, from: 0, to: 200, heard: 200 },
      { track: 1, from: 200, to: 400, heard: 200 },
      { track: 1, from: 400, to: 600, heard: 200 },
    ]);
    expect(running).toMatchObject({ startedAt: T0 + 600 * SECOND });
  });

  it('the last of the evening: ends by itself, and says how sure that is', () => {
    const { ended, running } = watch([190, reading(190)], [1_000, null]);
    expect(ended.map(brief)).toEqual([{ track: 1, from: 0, to: 200, heard: 200 }]);
    expect(ended[0]?.uncertaintyMs).toBe(10 * SECOND);
    expect(running).toBeNull();
  });

  it('unseen skips in between make the end a guess, and it says so', () => {
    const { ended } = watch([5, reading(5)], [900, reading(3, { trackId: 9 })]);
    expect(ended[0]?.uncertaintyMs).toBe(195 * SECOND);
  });

  it('is known no better than the answers were quick, until a listen that they are not of', () => {
    const first = follow(null, reading(5), T0, 25 * SECOND);
    const second = follow(first.running, reading(20, { trackId: 2 }), T0 + 200 * SECOND, 400);
    expect(second.ended[0]?.uncertaintyMs).toBeGreaterThanOrEqual(25 * SECOND);
    const third = follow(second.running, reading(10, { trackId: 3 }), T0 + 390 * SECOND, 300);
    expect(third.ended[0]?.uncertaintyMs).toBeLessThan(5 * SECOND);
  });

  it('is not confused by a reading that comes late', () => {
    const { ended, running } = watch([50, reading(50)], [40, reading(3, { trackId: 2 })]);
    expect(ended).toEqual([]);
    expect(running?.trackId).toBe(1);
  });
});
