import { describe, expect, it } from '@jest/globals';
import { shuffleUniform } from '@spindle/shuffle';
import { newSeed, seededSource } from '@spindle/shuffle/seeded';
import { seededOrder } from '../src/fairness/seeded-order.ts';

describe('an order worked out in the browser', () => {
  it.each([1, 2, 20, 1_000, 10_000, 30_000])('is that of the server, for %i tracks', async (length) => {
    const seed = newSeed();
    const items = Array.from({ length }, (_, item) => item);
    expect(await seededOrder(seed, length)).toEqual(shuffleUniform(items, seededSource(seed)));
  });

  it('refuses what is no seed', async () => {
    await expect(seededOrder('not a seed', 3)).rejects.toThrow('32 lower-case hexadecimal digits');
  });
});
