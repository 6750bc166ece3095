import type { RandomSource } from './random-source.ts';

/**
 * Every one of the n! orders is equally likely.
 *
 * Fisher and Yates' shuffle in Richard Durstenfeld's form (CACM 7, 1964, algorithm 235; Donald Knuth,
 * The Art of Computer Programming 2, §3.4.2, algorithm P). Why it is fair: the last place takes any of
 * the n items with chance 1/n, the place before it any of the n - 1 others with chance 1/(n - 1), and so
 * on; so each order has the chance 1/n · 1/(n - 1) · … · 1/1 = 1/n!.
 *
 * @returns a new list; `items` stays as it is
 */
export function shuffleUniform<T>(items: readonly T[], random: RandomSource): T[] {
  const order = items.slice();
  for (let last = order.length - 1; last > 0; last -= 1) {
    const chosen = random.int(last + 1);
    const item = order[chosen] as T;
    order[chosen] = order[last] as T;
    order[last] = item;
  }
  return order;
}
