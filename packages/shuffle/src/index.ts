export { comparatorShuffle, naiveSwapShuffle } from './biased.ts';
export { type ChiSquare, chiSquareTest } from './chi-square.ts';
export {
  type BoundShuffle,
  type CountTable,
  fairnessOfPairs,
  fairnessOfPositions,
  pairCounts,
  positionCounts,
} from './fairness.ts';
export { type FilterFacts, type FilterReason, type ShuffleFilter, whyNot } from './filter.ts';
export { type ListLimit, limitList } from './limit.ts';
export { fromBytes, type RandomSource } from './random-source.ts';
export { type SpreadTraits, shuffleSpread } from './spread.ts';
export { shuffleUnheard } from './unheard.ts';
export { shuffleUniform } from './uniform.ts';
