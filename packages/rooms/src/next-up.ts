import { inOrder, type OrderedTrack } from './order.ts';

/** What was played, for what is fair. */
export interface FairPlay {
  /** Tracks that the room has played or plays, by guest. */
  readonly playedBy: ReadonlyMap<number, number>;
  /** Who proposed what was played last, newest first; null: nobody. */
  readonly lastProposers: readonly (number | null)[];
  /** Tracks of one guest in a row while others wait; null: no limit. */
  readonly inARow: number | null;
}

/**
 * The track that comes next of those that may: the first in order, unless its guest has had as many in a
 * row as are allowed and somebody else waits. Null when nothing waits.
 */
export function nextUp<Track extends OrderedTrack>(
  ready: readonly Track[],
  { playedBy, lastProposers, inARow }: FairPlay,
): Track | null {
  const order = inOrder(ready, playedBy);
  const [first] = order;
  if (!first) return null;
  if (inARow === null || first.proposerId === null) return first;
  const row = lastProposers.slice(0, inARow);
  const isRowFull = row.length === inARow && row.every((one) => one === first.proposerId);
  return (isRowFull && order.find((track) => track.proposerId !== first.proposerId)) || first;
}
