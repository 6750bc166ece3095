import type { Driver, Intent } from './intent.ts';

/** An intent at a time: ms since the epoch. */
export interface TimedIntent {
  atMs: number;
  intent(): Intent;
}

/** A person who does exactly what is written down, in order of time; intents at one instant keep their order. */
export function scriptedDriver(
  steps: readonly TimedIntent[],
): Driver & { add(more: readonly TimedIntent[]): void } {
  const pending = [...steps].sort((a, b) => a.atMs - b.atMs);
  return {
    dueMs: () => pending[0]?.atMs ?? Number.POSITIVE_INFINITY,
    take: () => {
      const step = pending.shift();
      if (!step) throw new Error('scriptedDriver: the script is over');
      return step.intent();
    },
    itemBegan: () => {},
    add: (more) => {
      pending.push(...more);
      pending.sort((a, b) => a.atMs - b.atMs);
    },
  };
}
