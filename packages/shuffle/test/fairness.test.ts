import { describe, expect, it } from '@jest/globals';
import {
  type BoundShuffle,
  chiSquareTest,
  comparatorShuffle,
  fairnessOfPairs,
  fairnessOfPositions,
  naiveSwapShuffle,
  pairCounts,
  positionCounts,
  type RandomSource,
  shuffleUniform,
} from '../src/index.ts';
import { seededSource } from '../src/seeded.ts';

const SEED = '5eed'.repeat(8);

/** Rounds of each list's length: enough for what is hardest to see, neighbours after swapping any with any. */
const ROUNDS = new Map([
  [2, 100_000],
  [3, 100_000],
  [5, 100_000],
  [10, 100_000],
  [52, 50_000],
  [100, 50_000],
  [1_000, 200_000],
]);

const bound =
  (shuffle: (items: readonly number[], random: RandomSource) => number[], random = seededSource(SEED)) =>
  (items: readonly number[]): number[] =>
    shuffle(items, random);

describe.each([...ROUNDS])('a list of %i', (n, rounds) => {
  const positions = (shuffle: BoundShuffle, times = rounds) =>
    fairnessOfPositions(positionCounts(shuffle, n, times)).pValue;
  const pairs = (shuffle: BoundShuffle, times = rounds) =>
    fairnessOfPairs(pairCounts(shuffle, n, times)).pValue;

  it('is shuffled fairly: every item at every place, everything after everything', () => {
    for (const pValue of [positions(bound(shuffleUniform)), pairs(bound(shuffleUniform))]) {
      expect(pValue).toBeGreaterThan(0.0001);
      expect(pValue).toBeLessThan(0.9999);
    }
  });

  // With two items, both happen to be fair.
  if (n > 2) {
    it.each([
      ['any place swapped with any', naiveSwapShuffle, rounds],
      // Slow, and so far from fair that little shows it.
      ['sorting by chance', comparatorShuffle, Math.min(rounds, 1_000_000 / n)],
    ])('gives %s away', (_, shuffle, times) => {
      expect(positions(bound(shuffle), times)).toBeLessThan(1e-9);
      expect(pairs(bound(shuffle), times)).toBeLessThan(1e-9);
    });
  }
});

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

describe.each([2, 3, 4, 5])('the orders of %i items', (n) => {
  it('are equally likely, all of them', () => {
    const random = seededSource(SEED);
    const items = Array.from({ length: n }, (_, item) => item);
    const seen = new Map<string, number>();
    for (let round = 0; round < 120_000; round += 1) {
      const order = shuffleUniform(items, random).join();
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(factorial(n));
    const { pValue } = chiSquareTest([...seen.values()], 120_000 / factorial(n));
    expect(pValue).toBeGreaterThan(0.0001);
    expect(pValue).toBeLessThan(0.9999);
  });
});

describe('the reference distributions', () => {
  const random = seededSource(SEED);
  const trials = 2_000;
  const shuffle = bound(shuffleUniform, random);

  // The p-values of a right test are themselves uniform: any factor left out would crowd them together.
  it.each([2, 3, 4, 7, 20])('give uniform p-values for fair shuffles of %i', (n) => {
    const tenths = { positions: new Array(10).fill(0), pairs: new Array(10).fill(0) };
    for (let trial = 0; trial < trials; trial += 1) {
      const positions = fairnessOfPositions(positionCounts(shuffle, n, 400)).pValue;
      const pairs = fairnessOfPairs(pairCounts(shuffle, n, 400)).pValue;
      tenths.positions[Math.min(9, Math.floor(positions * 10))] += 1;
      tenths.pairs[Math.min(9, Math.floor(pairs * 10))] += 1;
    }
    // The statistic of two items is a lattice too coarse for tenths.
    const merged = (counts: number[]) =>
      n === 2
        ? [counts.slice(0, 5).reduce((a, b) => a + b), counts.slice(5).reduce((a, b) => a + b)]
        : counts;
    for (const counts of [merged(tenths.positions), merged(tenths.pairs)]) {
      expect(chiSquareTest(counts, trials / counts.length).pValue).toBeGreaterThan(0.0001);
    }
  });

  it('have nothing to say of lists of none and one', () => {
    for (const n of [0, 1]) {
      expect(fairnessOfPositions(positionCounts(shuffle, n, 10)).pValue).toBe(1);
      expect(fairnessOfPairs(pairCounts(shuffle, n, 10)).pValue).toBe(1);
    }
  });

  it('go on with a table', () => {
    const once = positionCounts(bound(shuffleUniform), 5, 300);
    const source = bound(shuffleUniform);
    const twice = positionCounts(source, 5, 200, positionCounts(source, 5, 100));
    expect(twice).toEqual(once);
    const pairsAtOnce = pairCounts(bound(shuffleUniform), 5, 300);
    const again = bound(shuffleUniform);
    expect(pairCounts(again, 5, 200, pairCounts(again, 5, 100))).toEqual(pairsAtOnce);
  });
});
