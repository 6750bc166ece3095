/** A play and the stretch in which recently-played shows it. Epoch ms. */
export interface OfferedPlay {
  readonly offeredFrom: number;
  readonly offeredUntil: number;
}

export interface Polling {
  readonly calls: number;
  readonly captured: number;
}

/**
 * Fewest readings that see every play at least once, by one who knew the future: readings at the last
 * moments of the stretches, taken greedily (stabbing intervals with the fewest points).
 */
export function optimum(plays: readonly OfferedPlay[]): number {
  let readings = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (const play of [...plays].sort((a, b) => a.offeredUntil - b.offeredUntil)) {
    if (play.offeredFrom <= last) continue;
    last = play.offeredUntil - 1;
    readings += 1;
  }
  return readings;
}

/** What reading every `everyMs` from `from` to `to` costs and sees. */
export function fixedPolling(
  plays: readonly OfferedPlay[],
  from: number,
  to: number,
  everyMs: number,
): Polling {
  const captured = plays.filter((play) => {
    const first = from + Math.max(0, Math.ceil((play.offeredFrom - from) / everyMs)) * everyMs;
    return first < play.offeredUntil;
  }).length;
  return { calls: Math.floor((to - from) / everyMs), captured };
}
