import { describe, expect, it } from '@jest/globals';
import { chiSquareTest } from '../src/index.ts';

/** The p-value of a statistic: two cells off by as much as gives it. */
const tail = (statistic: number, degreesOfFreedom: number): number => {
  const off = Math.sqrt(statistic / 2);
  return chiSquareTest([1 + off, 1 - off], 1, degreesOfFreedom).pValue;
};

describe('chiSquareTest', () => {
  it('adds up squared differences over expectations', () => {
    // Mendel's peas of 1866: 315, 108, 101 and 32 where 9 : 3 : 3 : 1 was expected.
    const peas = chiSquareTest([315, 108, 101, 32], [312.75, 104.25, 104.25, 34.75]);
    expect(peas.statistic).toBeCloseTo(0.47, 3);
    expect(peas.degreesOfFreedom).toBe(3);
    expect(peas.pValue).toBeCloseTo(0.9254, 3);
    expect(chiSquareTest([10, 10, 10], 10)).toEqual({ statistic: 0, degreesOfFreedom: 2, pValue: 1 });
  });

  it.each([
    [1, 3.841, 0.05],
    [1, 6.635, 0.01],
    [1, 10.828, 0.001],
    [2, 5.991, 0.05],
    [5, 11.07, 0.05],
    [10, 18.307, 0.05],
    [10, 3.94, 0.95],
    [30, 50.892, 0.01],
    [100, 124.342, 0.05],
    [100, 70.065, 0.99],
  ])('agrees with the tables: %i degrees of freedom, %d', (degreesOfFreedom, statistic, pValue) => {
    expect(tail(statistic, degreesOfFreedom)).toBeCloseTo(pValue, 4);
  });

  it.each([
    [1, 30, 4.3204630578274955e-8],
    [9_801, 10_000, 0.0782996141627698],
    [9_801, 9_600, 0.9251800204589823],
    [2_601, 3_200, 4.5752141507022926e-15],
    [998_001, 998_001, 0.49981174855194227],
    [998_001, 1_006_000, 8.152949791426854e-9],
  ])('agrees with SciPy far out: %i degrees of freedom, %d', (degreesOfFreedom, statistic, pValue) => {
    expect(tail(statistic, degreesOfFreedom) / pValue).toBeCloseTo(1, 6);
  });

  it('goes down to 0 and up to 1', () => {
    expect(tail(1e6, 10)).toBe(0);
    expect(tail(0, 10)).toBe(1);
    expect(chiSquareTest([5], 4).pValue).toBe(1);
  });

  it('refuses what cannot be tested', () => {
    expect(() => chiSquareTest([1, 2], [1])).toThrow(RangeError);
    expect(() => chiSquareTest([1, 2], 0)).toThrow(RangeError);
    expect(() => chiSquareTest([1, 2], [1, Number.NaN])).toThrow(RangeError);
    expect(() => chiSquareTest([], 1)).toThrow(RangeError);
  });
});
