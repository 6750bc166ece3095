import type { RandomSource } from './random-source.ts';

const DAY_MS = 86_400_000;
/** A track never heard counts as unheard for as long as the longest of the list, and at least for a year. */
const NEVER_HEARD_DAYS = 365;

/**
 * Longest unheard first, with chance: a weighted draw without replacement. The first place goes to each
 * track with a chance in proportion to its weight, the next likewise among the others, and so on.
 *
 * The weight is (days since last heard + 1)². Of any two tracks A precedes B with exactly the chance
 * wA / (wA + wB):
 *
 *     two weeks or one week ago     78 %
 *     a month (30 days) or a week   94 %
 *     a month or yesterday          99.6 %
 *     a year or a month             99.3 %
 *     a year or yesterday           99.997 %
 *
 * Method: Pavlos Efraimidis and Paul Spirakis, "Weighted random sampling with a reservoir", Information
 * Processing Letters 97 (2006), algorithm A. Each track gets the key u^(1/w), u uniform, and larger keys
 * come first; here as -ln(u)/w and smaller first, the same order without running out of digits.
 *
 * @param lastHeardMs when an item was last heard, ms since 1970; null: never; after `nowMs`: now
 * @returns a new list of the same items
 */
export function shuffleUnheard<T>(
  items: readonly T[],
  lastHeardMs: (item: T) => number | null,
  nowMs: number,
  random: RandomSource,
): T[] {
  const days = items.map((item) => daysSince(lastHeardMs(item), nowMs));
  const never = days.reduce<number>((longest, one) => Math.max(longest, one ?? 0), NEVER_HEARD_DAYS);
  return items
    .map((item, index) => {
      const weight = ((days[index] ?? never) + 1) ** 2;
      // 1 - u, since a logarithm of 0 would put its track last whatever the weight.
      return { item, key: -Math.log(1 - random.next()) / weight };
    })
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

const daysSince = (heardMs: number | null, nowMs: number): number | null =>
  heardMs === null ? null : Math.max(0, nowMs - heardMs) / DAY_MS;
