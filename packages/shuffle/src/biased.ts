import type { RandomSource } from './random-source.ts';

// Counter-examples. Both look like shuffles and are widely copied; neither is fair. They are here so that
// tests, benchmark and web page can show that the measurement tells them from a fair one.
// With two items both happen to be fair.

/**
 * Not fair: every place swapped with any place. That makes n^n equally likely courses, which cannot be
 * dealt out evenly to n! orders when n > 2.
 */
export function naiveSwapShuffle<T>(items: readonly T[], random: RandomSource): T[] {
  const order = items.slice();
  for (let place = 0; place < order.length; place += 1) {
    const chosen = random.int(order.length);
    const item = order[chosen] as T;
    order[chosen] = order[place] as T;
    order[place] = item;
  }
  return order;
}

/**
 * Not fair: sorted by a comparison that answers at random. What comes out depends on the sorting method
 * of the JavaScript engine; items tend to stay near where they were.
 */
export const comparatorShuffle = <T>(items: readonly T[], random: RandomSource): T[] =>
  items.slice().sort(() => random.next() - 0.5);
