const DAY_MS = 86_400_000;

/** What a filter looks at in a track. */
export interface FilterFacts {
  artistIds: readonly string[];
  /** When it came to the list, ms since 1970; null: unknown. */
  addedAtMs: number | null;
  /** YYYY, YYYY-MM or YYYY-MM-DD; null or anything else: unknown. The year 0000 is Spotify's for unknown. */
  releasedOn: string | null;
  /** null: unknown. */
  explicit: boolean | null;
  /** ms since 1970; null: never. */
  lastHeardMs: number | null;
}

/** Conditions which all must hold; one that is left out holds always. */
export interface ShuffleFilter {
  /** At least one of these; an empty list is no condition. */
  artistIds?: readonly string[] | undefined;
  /** Added then or later, ms since 1970; unknown does not pass. */
  addedSinceMs?: number | undefined;
  /** First year of release, included; unknown does not pass. */
  releasedFrom?: number | undefined;
  /** Last year of release, included; unknown does not pass. */
  releasedTo?: number | undefined;
  /** Not heard during so many days before now; never heard passes. */
  notPlayedForDays?: number | undefined;
  /** True: nothing that is marked explicit; unknown passes. */
  withoutExplicit?: boolean | undefined;
}

export type FilterReason = 'artist' | 'added' | 'released' | 'played' | 'explicit';

/** The first condition that a track fails, in the order of `FilterReason`; null: it passes. */
export function whyNot(facts: FilterFacts, filter: ShuffleFilter, nowMs: number): FilterReason | null {
  const { artistIds, addedSinceMs, releasedFrom, releasedTo, notPlayedForDays, withoutExplicit } = filter;

  if (artistIds?.length && !facts.artistIds.some((id) => artistIds.includes(id))) return 'artist';

  if (addedSinceMs !== undefined && !(facts.addedAtMs !== null && facts.addedAtMs >= addedSinceMs)) {
    return 'added';
  }

  if (releasedFrom !== undefined || releasedTo !== undefined) {
    const year = yearOf(facts.releasedOn);
    if (year === null || year < (releasedFrom ?? year) || year > (releasedTo ?? year)) return 'released';
  }

  const heardSinceMs = nowMs - (notPlayedForDays ?? 0) * DAY_MS;
  if (notPlayedForDays !== undefined && facts.lastHeardMs !== null && facts.lastHeardMs > heardSinceMs) {
    return 'played';
  }

  return withoutExplicit && facts.explicit ? 'explicit' : null;
}

function yearOf(releasedOn: string | null): number | null {
  const [, year] = /^(\d{4})(?:-\d\d){0,2}$/.exec(releasedOn ?? '') ?? [];
  return Number(year) || null;
}
