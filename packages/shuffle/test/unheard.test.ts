import { describe, expect, it } from '@jest/globals';
import { chiSquareTest, shuffleUnheard } from '../src/index.ts';
import { seededSource } from '../src/seeded.ts';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;
const ROUNDS = 100_000;

/** How often the first of the list came before the second; days since last heard, null: never. */
function wins(first: number | null, second: number | null, others: readonly (number | null)[] = []): number {
  const random = seededSource('5eed'.repeat(8));
  const items = [first, second, ...others].map((days, index) => ({ days, index }));
  let won = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = shuffleUnheard(
      items,
      ({ days }) => (days === null ? null : NOW - days * DAY_MS),
      NOW,
      random,
    );
    const ends = order.filter(({ index }) => index < 2);
    won += ends[0]?.index === 0 ? 1 : 0;
  }
  return won;
}

const pValue = (won: number, share: number): number =>
  chiSquareTest([won, ROUNDS - won], [ROUNDS * share, ROUNDS * (1 - share)]).pValue;

describe('shuffleUnheard', () => {
  it.each([
    ['two weeks, a week', 14, 7, 0.7785],
    ['a month, a week', 30, 7, 0.9376],
    ['a month, yesterday', 30, 1, 0.9959],
    ['a year, a month', 365, 30, 0.9929],
    ['the same day', 3, 3, 0.5],
  ])('puts one before the other with the chance told: %s', (_, longer, shorter, told) => {
    const weight = (days: number) => (days + 1) ** 2;
    const share = weight(longer) / (weight(longer) + weight(shorter));
    expect(share).toBeCloseTo(told, 3);
    expect(pValue(wins(longer, shorter), share)).toBeGreaterThan(0.0001);
    // Who else is on the list makes no difference.
    expect(pValue(wins(longer, shorter, [0, 5, 100]), share)).toBeGreaterThan(0.0001);
  });

  it('puts a year before yesterday nearly always', () => {
    expect(wins(365, 1)).toBeGreaterThan(ROUNDS * 0.9999);
  });

  it('takes never heard for the longest unheard, and for a year at least', () => {
    expect(pValue(wins(null, 1_000), 0.5)).toBeGreaterThan(0.0001);
    expect(pValue(wins(null, 30), 366 ** 2 / (366 ** 2 + 31 ** 2))).toBeGreaterThan(0.0001);
    expect(pValue(wins(null, null), 0.5)).toBeGreaterThan(0.0001);
  });

  it('takes the future for now', () => {
    expect(pValue(wins(-400, 0), 0.5)).toBeGreaterThan(0.0001);
  });

  it('draws every place in proportion to the weights left', () => {
    const random = seededSource('5eed'.repeat(8));
    const weights = [1, 4, 9];
    const seen = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = shuffleUnheard([0, 1, 2], (days) => NOW - days * DAY_MS, NOW, random).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    const orders = ['012', '021', '102', '120', '201', '210'];
    const expected = orders.map((order) => {
      const [a = 0, b = 0, c = 0] = [...order].map((index) => weights[Number(index)] ?? 0);
      return ((ROUNDS * a) / (a + b + c)) * (b / (b + c));
    });
    expect(
      chiSquareTest(
        orders.map((order) => seen.get(order) ?? 0),
        expected,
      ).pValue,
    ).toBeGreaterThan(0.0001);
  });
});
