import { type ChiSquare, judge } from './chi-square.ts';

/** A shuffle with its source of chance already inside. */
export type BoundShuffle = (items: readonly number[]) => readonly number[];

/** What many shuffles of one list came to: a square table of counts, row by row. */
export interface CountTable {
  /** Rows, and columns. */
  size: number;
  /** Shuffles counted. */
  rounds: number;
  cells: Int32Array;
}

const emptyTable = (size: number): CountTable => ({ size, rounds: 0, cells: new Int32Array(size * size) });

const firstNumbers = (n: number): number[] => Array.from({ length: n }, (_, item) => item);

/**
 * How often each item came to each place. Row: place, column: item, both 0 … n - 1.
 *
 * @param table counted onto, to go on with an earlier table; unless given, a new one
 */
export function positionCounts(
  shuffle: BoundShuffle,
  n: number,
  rounds: number,
  table: CountTable = emptyTable(n),
): CountTable {
  const items = firstNumbers(n);
  const { cells } = table;
  for (let round = 0; round < rounds; round += 1) {
    let row = 0;
    for (const item of shuffle(items)) {
      cells[row + item] = (cells[row + item] ?? 0) + 1;
      row += n;
    }
  }
  table.rounds += rounds;
  return table;
}

/**
 * How often each item came directly after each other one. Row: the item before, column: the item after.
 * The silence around the list counts as one more item, number n: row n holds who came first, column n
 * who came last. The table therefore has n + 1 rows.
 *
 * @param table counted onto, to go on with an earlier table; unless given, a new one
 */
export function pairCounts(
  shuffle: BoundShuffle,
  n: number,
  rounds: number,
  table: CountTable = emptyTable(n + 1),
): CountTable {
  const items = firstNumbers(n);
  const { cells, size } = table;
  for (let round = 0; round < rounds; round += 1) {
    let row = n * size;
    for (const item of shuffle(items)) {
      cells[row + item] = (cells[row + item] ?? 0) + 1;
      row = item * size;
    }
    cells[row + n] = (cells[row + n] ?? 0) + 1;
  }
  table.rounds += rounds;
  return table;
}

/**
 * Do all items come to all places equally often? For a table of `positionCounts`.
 *
 * Each cell expects R/n of R rounds. Pearson's sum over the cells is not quite chi-square, since one
 * shuffle fills n cells at once and never two in a row or column. A shuffle's table is a permutation
 * matrix; less its mean 1/n it lies in the (n-1)²-dimensional space of tables whose rows and columns
 * sum to 0. Relabelling items and places maps that space to itself and leaves nothing smaller fixed,
 * so (Schur's lemma) the matrix varies equally in all its directions. The entries' variances,
 * n² · (1/n)(1 - 1/n) = n - 1 in all, shared by (n-1)² directions, give 1/(n-1) each, where independent
 * draws would give 1/n. So Pearson's sum · (n-1)/n follows chi-square with (n-1)² degrees of freedom.
 */
export function fairnessOfPositions({ size: n, rounds, cells }: CountTable): ChiSquare {
  const expected = rounds / n;
  let squares = 0;
  for (const count of cells) squares += (count - expected) ** 2;
  return judge(n < 2 ? 0 : (squares / expected) * ((n - 1) / n), (n - 1) ** 2);
}

/**
 * Does everything follow everything equally often? For a table of `pairCounts`.
 *
 * With the silence, m = n + 1 items stand in a ring, in each of the (m-1)! cyclic orders equally often:
 * a cell off the diagonal expects R/(m-1). A pair and its reverse exclude each other, and so do
 * two pairs of one row or column, any other two occur together with chance 1/((m-1)(m-2)). For weights f
 * whose rows and columns sum to 0, that makes the variance of Σ f·cell over one shuffle
 *
 *     (Σ f²)/(m-1)             where f is the same for a pair and its reverse,
 *     (Σ f²)/(m-1) · m/(m-2)   where f has opposite signs for them,
 *
 * and the two kinds are uncorrelated. So the table is taken apart into its even half (N + Nᵀ)/2, with
 * m(m-3)/2 dimensions, and its odd half (N - Nᵀ)/2, with (m-1)(m-2)/2. The sums of squares of each,
 * divided by R times their variance, add up to chi-square with n(n-1) - 1 degrees of freedom: all n + 1
 * neighbourhoods of every shuffle count, and none is taken for independent of the others.
 */
export function fairnessOfPairs({ size: m, rounds, cells }: CountTable): ChiSquare {
  const expected = rounds / (m - 1);
  let even = 0;
  let odd = 0;
  for (let before = 0; before < m; before += 1) {
    for (let after = before + 1; after < m; after += 1) {
      const there = Number(cells[before * m + after]);
      const back = Number(cells[after * m + before]);
      even += (there + back - 2 * expected) ** 2 / 2;
      odd += (there - back) ** 2 / 2;
    }
  }
  const n = m - 1;
  if (n < 2) return judge(0, 0);
  return judge((even + odd * ((m - 2) / m)) / expected, n * (n - 1) - 1);
}
