/** How much of a list to keep; what is left out does not limit. Negative numbers: RangeError. */
export interface ListLimit {
  items?: number | undefined;
  durationMs?: number | undefined;
}

/** A usual song, for a list in which no duration is known. */
const USUAL_DURATION_MS = 210_000;

/**
 * The first items of a list: up to the count, and before the first that would exceed the time.
 *
 * @param durationMsOf ms; null: unknown, which counts as the mean of the list's known ones (3.5 minutes
 *   where none is known), so that gaps neither lengthen a list without bound nor cut it short
 */
export function limitList<T>(
  items: readonly T[],
  limit: ListLimit,
  durationMsOf: (item: T) => number | null,
): T[] {
  const { items: most = items.length, durationMs = Number.POSITIVE_INFINITY } = limit;
  if (!(most >= 0 && durationMs >= 0)) throw new RangeError('A limit cannot be negative.');

  const durations = items.map(durationMsOf);
  const known = durations.filter((duration) => duration !== null);
  const mean = known.reduce((sum, duration) => sum + duration, 0) / known.length || USUAL_DURATION_MS;

  let kept = 0;
  let elapsed = 0;
  for (const duration of durations) {
    elapsed += duration ?? mean;
    if (kept + 1 > most || elapsed > durationMs) break;
    kept += 1;
  }
  return items.slice(0, kept);
}
