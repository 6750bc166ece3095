import {
  type ChiSquare,
  type CountTable,
  comparatorShuffle,
  fairnessOfPositions,
  fromBytes,
  naiveSwapShuffle,
  positionCounts,
  type RandomSource,
  shuffleUniform,
} from '@spindle/shuffle';

/** Items of the list that is shuffled again and again. */
export const ITEMS = 20;
/** How often. */
export const ROUNDS = 20_000;
/** Shuffles between two pictures. */
const AT_ONCE = 500;

export interface Contender {
  readonly id: 'ours' | 'comparator' | 'swap';
  readonly name: string;
  readonly words: string;
  readonly shuffle: (items: readonly number[], random: RandomSource) => number[];
}

export const CONTENDERS: readonly Contender[] = [
  {
    id: 'ours',
    name: 'Spindle',
    words: 'Fisher and Yates’ method: the very code that shuffles your playlists.',
    shuffle: shuffleUniform,
  },
  {
    id: 'comparator',
    name: 'Sorted at random',
    words: 'Sorting by a comparison that answers by chance: one line of code, found everywhere.',
    shuffle: comparatorShuffle,
  },
  {
    id: 'swap',
    name: 'Swapped at random',
    words: 'Every place swapped with any place: one number away from the right method.',
    shuffle: naiveSwapShuffle,
  },
];

export interface Trial {
  readonly table: CountTable;
  readonly test: ChiSquare;
}

/** Lets the page draw and answer. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/**
 * Shuffles 20 items 20,000 times in each way, with the browser's cryptographic random numbers, and tells
 * how it gets on. Ends early when the signal says so.
 */
export async function runTrials(
  onProgress: (trials: Readonly<Record<Contender['id'], Trial>>) => void,
  signal: AbortSignal,
): Promise<void> {
  const random = fromBytes((bytes) => void crypto.getRandomValues(bytes));
  const tables = new Map<Contender['id'], CountTable>();
  for (let rounds = 0; rounds < ROUNDS && !signal.aborted; rounds += AT_ONCE) {
    for (const { id, shuffle } of CONTENDERS)
      tables.set(
        id,
        positionCounts((items) => shuffle(items, random), ITEMS, AT_ONCE, tables.get(id)),
      );
    const trials = CONTENDERS.map(({ id }) => {
      const table = tables.get(id) as CountTable;
      // The counting goes on in the same cells: what is shown is a copy.
      return [id, { table: { ...table, cells: table.cells.slice() }, test: fairnessOfPositions(table) }];
    });
    if (!signal.aborted) onProgress(Object.fromEntries(trials) as Record<Contender['id'], Trial>);
    await pause();
  }
}
