import type { PastListen } from '@spindle/db';
import type { SubmitOutcome } from './listen-submitter.ts';

export interface PartsResult {
  /** Listens that the server took. */
  readonly taken: number;
  /** Listens that it refuses one by one. */
  readonly leftOut: readonly PastListen[];
  /** What kept the rest from being submitted; null when nothing did. */
  readonly failure: Exclude<SubmitOutcome, { kind: 'taken' | 'refused' }> | null;
}

/** A server that has taken nothing in so many requests wants none of it, whatever the listens are. */
const PATIENCE = 15;

/**
 * Submits listens so that one which the server refuses does not keep back the others: what it refuses is
 * halved until the refused listen stands alone. All halves of one size come before their halves, so
 * that a server which takes anything at all is soon seen to.
 */
export async function submitInParts(
  listens: readonly PastListen[],
  submit: (part: readonly PastListen[]) => Promise<SubmitOutcome>,
): Promise<PartsResult> {
  const parts: (readonly PastListen[])[] = listens.length > 0 ? [listens] : [];
  const leftOut: PastListen[] = [];
  let taken = 0;
  for (let requests = 1; ; requests += 1) {
    const part = parts.shift();
    if (!part) return { taken, leftOut, failure: null };
    if (requests > PATIENCE && taken === 0) {
      const message = 'The server refuses every listen. Is it the address of its API?';
      return { taken, leftOut: [], failure: { kind: 'later', message, waitMs: null } };
    }
    const outcome = await submit(part);
    if (outcome.kind === 'taken') taken += part.length;
    else if (outcome.kind !== 'refused') return { taken, leftOut: [], failure: outcome };
    else if (part.length === 1) leftOut.push(...part);
    else {
      const middle = Math.ceil(part.length / 2);
      parts.push(part.slice(0, middle), part.slice(middle));
    }
  }
}
