/**
 * The order in which what waits in a room is played. One rule for server, worker and screen, so that what
 * people see is what happens:
 *
 * 1. more votes first: likes less dislikes;
 * 2. among equal votes guests take turns: first whoever has fewer tracks before theirs, played or waiting
 *    with more votes;
 * 3. among equal turns the older proposal.
 */

/** What the rule looks at in a track that waits. */
export interface OrderedTrack {
  /** Row id: the last word between proposals of the same moment. */
  readonly id: number;
  readonly likes: number;
  readonly dislikes: number;
  /** Who proposed it; null: nobody, who comes behind all guests of the same votes. */
  readonly proposerId: number | null;
  /** ms since 1970. */
  readonly proposedAtMs: number;
}

const votesOf = (track: OrderedTrack): number => track.likes - track.dislikes;

const byAge = (a: OrderedTrack, b: OrderedTrack): number => a.proposedAtMs - b.proposedAtMs || a.id - b.id;

/**
 * The turn of every track, by its id: how many tracks of the same guest come before it, those that were
 * played included. Somebody who has heard three of theirs waits behind somebody who has heard none, as
 * long as the votes are equal.
 *
 * @param playedBy how many tracks of each guest the room has played or plays
 */
export function turnsOf(
  tracks: readonly OrderedTrack[],
  playedBy: ReadonlyMap<number, number>,
): Map<number, number> {
  const turns = new Map<number, number>();
  const before = new Map(playedBy);
  for (const track of [...tracks].sort((a, b) => votesOf(b) - votesOf(a) || byAge(a, b))) {
    if (track.proposerId === null) {
      turns.set(track.id, Number.MAX_SAFE_INTEGER);
      continue;
    }
    const turn = before.get(track.proposerId) ?? 0;
    turns.set(track.id, turn);
    before.set(track.proposerId, turn + 1);
  }
  return turns;
}

/** What waits, in the order in which it comes. */
export function inOrder<Track extends OrderedTrack>(
  tracks: readonly Track[],
  playedBy: ReadonlyMap<number, number>,
): Track[] {
  const turns = turnsOf(tracks, playedBy);
  const turnOf = (track: Track) => turns.get(track.id) ?? 0;
  return [...tracks].sort((a, b) => votesOf(b) - votesOf(a) || turnOf(a) - turnOf(b) || byAge(a, b));
}
