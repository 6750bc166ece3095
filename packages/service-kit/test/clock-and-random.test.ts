import { describe, expect, it } from '@jest/globals';
import {
  cryptoRandom,
  formatClockScale,
  ManualClock,
  parseClockScale,
  scaledClock,
  seededRandom,
} from '../src/index.ts';

describe('scaledClock', () => {
  it('runs at its speed from its epoch, and translates spans into real ones', () => {
    const wallOriginMs = Date.now() - 1_000;
    const clock = scaledClock({ simEpochMs: 5_000_000, wallOriginMs, speed: 60 });
    const before = (Date.now() - wallOriginMs) * 60;
    const shown = clock.nowMs() - 5_000_000;
    const after = (Date.now() - wallOriginMs) * 60;
    expect(shown).toBeGreaterThanOrEqual(before);
    expect(shown).toBeLessThanOrEqual(after);
    expect(clock.toWallMs(60_000)).toBe(1_000);
  });

  it('survives the way through an environment variable', () => {
    const scale = { simEpochMs: 1_767_225_600_000, wallOriginMs: 1_767_000_000_000, speed: 12.5 };
    expect(parseClockScale(formatClockScale(scale))).toEqual(scale);
  });

  it.each(['', '1@2', '1@2x0', '1@2x-3', 'a@2x3', '1@2x3 '])('refuses %j', (text) => {
    expect(() => parseClockScale(text)).toThrow(/expected <simEpochMs>@<wallOriginMs>x<speed>/);
  });
});

describe('ManualClock', () => {
  it('stands still until it is moved', () => {
    const clock = new ManualClock(1_000);
    clock.advance(500);
    expect(clock.nowMs()).toBe(1_500);
    clock.set(10);
    expect(clock.now()).toEqual(new Date(10));
  });
});

describe('seededRandom', () => {
  it('repeats itself for one seed and differs for another', () => {
    const take = (seed: string) => Array.from({ length: 5 }, seededRandom(seed).next);
    expect(take('a')).toEqual(take('a'));
    expect(take('a')).not.toEqual(take('b'));
  });

  it('gives every number of a range about equally often', () => {
    const random = seededRandom(7);
    const counts = new Array<number>(6).fill(0);
    for (let drawn = 0; drawn < 60_000; drawn += 1) {
      const value = random.int(6);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    // Chi-square with 5 degrees of freedom: above 20.5 in one of a thousand fair dice.
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(20.5);
  });

  it.each([seededRandom(1), cryptoRandom])('stays inside its ranges', (random) => {
    for (let drawn = 0; drawn < 1_000; drawn += 1) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
      expect([0, 1, 2]).toContain(random.int(3));
    }
    expect(() => random.int(0)).toThrow(RangeError);
    expect(() => random.int(1.5)).toThrow(RangeError);
  });
});
