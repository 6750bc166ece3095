import {
  comparatorShuffle,
  fairnessOfPairs,
  fairnessOfPositions,
  naiveSwapShuffle,
  pairCounts,
  positionCounts,
  type RandomSource,
  shuffleUniform,
} from '@spindle/shuffle';
import { newSeed, seededSource } from '@spindle/shuffle/seeded';
import { conclude, figure, goal, option, round } from './report.ts';

// A million shuffles of each length by the product's own function, judged by chi-square: does every item
// come to every place, and after every other, equally often? The two biased ones must be caught by the same
// judgement. Options: --rounds=1000000, --seed=<32 hexadecimal digits> to repeat a run

const ROUNDS = option('rounds', 1_000_000);
const LENGTHS = [2, 5, 10, 52, 100, 1_000];
/** Fewer rounds will do for the biased ones: so many items in all, whatever the length. */
const BIASED_ITEMS = 5_000_000;
/** Swapping any with any leaves little trace in the neighbours of a long list: this many rounds show it. */
const LEAST_NAIVE_ROUNDS = 300_000;

const LEAST_FAIR = 1e-4;
const MOST_BIASED = 1e-9;

type Shuffle = (items: readonly number[], random: RandomSource) => number[];

const seed =
  process.argv.find((argument) => argument.startsWith('--seed='))?.slice('--seed='.length) ?? newSeed();
const random = seededSource(seed);

/** The same algorithm on the engine's own generator: what cryptographic, unbiased draws cost beside it. */
const mathRandom: RandomSource = { next: Math.random, int: (max) => Math.floor(Math.random() * max) };

const write = (...cells: string[]) =>
  process.stdout.write(
    `  ${cells.map((cell, at) => (at === 1 ? cell.padEnd(22) : cell.padStart(9))).join('  ')}\n`,
  );

function showP(pValue: number): string {
  if (pValue === 0) return '< 1e-300';
  return pValue < 1e-4 ? pValue.toExponential(0) : pValue.toFixed(4);
}

function judge(shuffle: Shuffle, n: number, rounds: number) {
  const bound = (items: readonly number[]) => shuffle(items, random);
  return {
    positions: fairnessOfPositions(positionCounts(bound, n, rounds)).pValue,
    pairs: fairnessOfPairs(pairCounts(bound, n, rounds)).pValue,
  };
}

/** Mean ns of one shuffle; the best of some runs, which other processes disturb least. */
function timeOf(shuffle: Shuffle, source: RandomSource, n: number): number {
  const items = Array.from({ length: n }, (_, item) => item);
  const times = Math.ceil(2_000_000 / n);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run += 1) {
    const startedAt = performance.now();
    for (let done = 0; done < times; done += 1) shuffle(items, source);
    best = Math.min(best, ((performance.now() - startedAt) / times) * 1e6);
  }
  return best;
}

process.stdout.write(`\nFairness, seed ${seed}\n`);
write('items', 'shuffle', 'rounds', 'p places', 'p pairs', 'ns each', 'ratio');
const fair: number[] = [];
const biased: number[] = [];
const ratios: number[] = [];
for (const n of LENGTHS) {
  const { positions, pairs } = judge(shuffleUniform, n, ROUNDS);
  fair.push(positions, pairs);
  const baseline = timeOf(shuffleUniform, mathRandom, n);
  const own = timeOf(shuffleUniform, random, n);
  const ratio = (own / baseline).toFixed(2);
  ratios.push(own / baseline);
  write(String(n), 'uniform', round(ROUNDS), showP(positions), showP(pairs), round(own), ratio);

  for (const [name, shuffle, rounds] of [
    ['any with any', naiveSwapShuffle, Math.max(LEAST_NAIVE_ROUNDS, BIASED_ITEMS / n)],
    ['sorted by chance', comparatorShuffle, BIASED_ITEMS / n],
  ] as const) {
    const found = judge(shuffle, n, Math.ceil(rounds));
    // With two items both happen to be fair.
    if (n > 2) biased.push(found.positions, found.pairs);
    write('', name, round(rounds), showP(found.positions), showP(found.pairs), n > 2 ? '' : '(fair)');
  }
}
process.stdout.write('  ratio: to the same shuffle on Math.random, in this run\n\n');

const falseAlarm = (1 - (1 - LEAST_FAIR) ** fair.length) * 100;
goal(
  Math.min(...fair) >= LEAST_FAIR,
  `every p-value of the fair shuffle is ${LEAST_FAIR} or more (false alarm: ${falseAlarm.toFixed(2)} % of runs): ` +
    `${showP(Math.min(...fair))} at least`,
);
goal(
  Math.max(...biased) < MOST_BIASED,
  `every p-value of the biased shuffles is under ${MOST_BIASED} from 3 items on: ${showP(Math.max(...biased))} at most`,
);
figure({
  what: `${round(ROUNDS)} shuffles each of ${LENGTHS[0]} to ${round(LENGTHS.at(-1) ?? 0)} items: least p-value of chi-square`,
  value: showP(Math.min(...fair)),
  baseline: `two faulty shuffles: ${showP(Math.max(...biased))} at most`,
  ratio: null,
});
const slowest = Math.max(...ratios);
figure({
  what: 'Time of a shuffle on the cryptographic source, slowest length',
  value: `${slowest.toFixed(2)} of the baseline`,
  baseline: 'the same on Math.random',
  ratio: slowest,
});
conclude();
