import type { ChiSquare } from '@spindle/shuffle';
import { count } from '../time-words.ts';

/** Below this, no run of a fair shuffle would be met in a lifetime of pressing the button. */
const IMPOSSIBLE = 1e-6;
const UNUSUAL = 0.01;
const NEARLY_ALL = 0.99;

export interface Verdict {
  readonly kind: 'fair' | 'unusual' | 'caught';
  readonly short: string;
  readonly words: string;
}

/** What a p-value is: "= 0.43", "below 0.000001". */
export function pWords(p: number): string {
  if (p < IMPOSSIBLE) return 'below 0.000001';
  if (p > NEARLY_ALL) return 'above 0.99';
  return `= ${p.toFixed(p < 0.001 ? 6 : p < 0.1 ? 3 : 2)}`;
}

/** What a p-value says, no more and no less. */
export function verdictOf({ pValue }: ChiSquare): Verdict {
  if (pValue < IMPOSSIBLE)
    return {
      kind: 'caught',
      short: 'Not fair',
      words: 'A fair shuffle would look like this less than once in a million runs.',
    };
  if (pValue < UNUSUAL)
    return {
      kind: 'unusual',
      short: 'Unusual',
      words: `Even a fair shuffle looks this uneven once in ${count(Math.round(1 / pValue))} runs. Run it again: if it stays like this, it is not fair.`,
    };
  return {
    kind: 'fair',
    short: 'Fair',
    words: `A fair shuffle looks at least this uneven in ${pValue > NEARLY_ALL ? 'nearly every run' : `${Math.round(pValue * 100)} of 100 runs`}. Nothing speaks against it.`,
  };
}
