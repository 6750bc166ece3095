/** A benchmark, `bench/<name>.ts`. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** Options of the short form, which says the same with less certainty. */
  readonly short: readonly string[];
}

/** All benchmarks, in the order in which `npm run bench` runs them. */
export const BENCHMARKS: readonly Benchmark[] = [
  { name: 'capture', title: 'Capturing plays', short: ['--listeners=200'] },
  { name: 'staleness', title: 'What people see of a player', short: ['--hours=2'] },
  { name: 'import', title: 'Imports', short: ['--rows=500000'] },
  { name: 'backup', title: 'Backup and restore', short: ['--plays=100000'] },
  { name: 'partitions', title: 'Plays by year', short: ['--plays=100000', '--batches=20'] },
  { name: 'stats', title: 'Statistics', short: ['--plays=200000', '--asks=30'] },
  { name: 'feed', title: 'The live feed', short: ['--viewers=2000', '--seconds=15'] },
  { name: 'widgets', title: 'Widgets', short: ['--seconds=3'] },
  { name: 'cards', title: 'Cards', short: ['--cards=300'] },
  { name: 'fairness', title: 'Fairness of shuffles', short: ['--rounds=200000'] },
  { name: 'shuffle', title: 'Shuffled playlists', short: ['--items=4000', '--users=300', '--large=12'] },
  { name: 'rooms', title: 'Party rooms', short: ['--guests=500', '--rooms=100', '--seconds=6'] },
  {
    name: 'scale',
    title: 'More processes',
    short: ['--listeners=200', '--files=4', '--rows=20000', '--seconds=4'],
  },
];
